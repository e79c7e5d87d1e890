std = "luajit"
globals = { "vim" }
max_line_length = 110
unused_args = true
self = false
