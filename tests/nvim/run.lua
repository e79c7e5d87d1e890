-- nvim --clean -l tests/nvim/run.lua [WORD…]: runs tests/nvim/*_test.lua and prints TAP.
local here = vim.fs.dirname(vim.fs.normalize(debug.getinfo(1, "S").source:sub(2)))
package.path = here .. "/rig/?.lua;" .. package.path
vim.opt.rtp:prepend(vim.fn.getcwd())

local rig = require("rig")
local words = vim.list_slice(arg, 1)
local files = vim.fn.glob(here .. "/*_test.lua", true, true)
table.sort(files)
for _, file in ipairs(files) do
  rig.file = vim.fs.basename(file)
  dofile(file)
end
os.exit(rig.run(words) and 0 or 1)
