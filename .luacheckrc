std = "luajit"
globals = { "vim" }
max_line_length = 125
unused_args = true
self = false
