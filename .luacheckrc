std = "luajit"
globals = { "vim" }
max_line_length = 100
unused_args = true
self = false
