-- The narrow windows at the side that show the state of a session, each of one kind of it. Two of
-- them stand above each other.
local config = require("thole.config")
local ui = require("thole.ui")

local api = vim.api

---@class thole.Panel
---@field name string
---@field buf? integer
---@field private draw fun(): table[] lines of { text, group } pieces
---@field private map fun(buf: integer)
local Panel = {}
Panel.__index = Panel

local ns = api.nvim_create_namespace("thole.panel")
local all = {} ---@type thole.Panel[]

---@param name string
---@param draw fun(): table[]
---@param map fun(buf: integer)
---@return thole.Panel
function Panel.new(name, draw, map)
  local self = setmetatable({ name = name, draw = draw, map = map }, Panel)
  table.insert(all, self)
  return self
end

---@return integer? window of this tab page
function Panel:window()
  if not self.buf or not api.nvim_buf_is_valid(self.buf) then
    return
  end
  for _, win in ipairs(api.nvim_tabpage_list_wins(0)) do
    if api.nvim_win_get_buf(win) == self.buf then
      return win
    end
  end
end

local function dress(win)
  local look = {
    number = false,
    relativenumber = false,
    signcolumn = "no",
    foldcolumn = "0",
    wrap = true,
    linebreak = true,
    breakindent = true,
    breakindentopt = "shift:2",
    list = false,
    spell = false,
    cursorline = true,
    winfixwidth = true,
    fillchars = "eob: ",
    statusline = " ",
  }
  for name, value in pairs(look) do
    api.nvim_set_option_value(name, value, { win = win, scope = "local" })
  end
end

---@private
function Panel:buffer()
  if not self.buf or not api.nvim_buf_is_valid(self.buf) then
    self.buf = ui.scratch({ name = "thole://" .. self.name, filetype = "thole-" .. self.name })
    vim.keymap.set("n", "q", function()
      self:close()
    end, { buffer = self.buf, desc = "thole: close" })
    self.map(self.buf)
  end
  return self.buf
end

local function other_window(panel)
  for _, other in ipairs(all) do
    local win = other ~= panel and other:window()
    if win then
      return win
    end
  end
end

function Panel:open()
  local win = self:window()
  if win then
    return api.nvim_set_current_win(win)
  end
  local beside = other_window(self)
  local buf = self:buffer()
  if beside then
    win = api.nvim_open_win(buf, true, { split = "below", win = beside })
  else
    local width = math.min(config.get().panel.width, math.floor(vim.o.columns / 2))
    win = api.nvim_open_win(buf, true, { split = "left", win = -1, width = width })
  end
  dress(win)
  self:refresh()
end

function Panel:close()
  local win = self:window()
  if win and #api.nvim_tabpage_list_wins(0) > 1 then
    api.nvim_win_close(win, true)
  end
end

function Panel:toggle()
  if self:window() then
    self:close()
  else
    self:open()
  end
end

-- What the line under the cursor stands for.
---@return any
function Panel:item()
  local win = self:window()
  return win and self.items and self.items[api.nvim_win_get_cursor(win)[1]]
end

-- Draws it as things are now, when it is shown somewhere.
function Panel:refresh()
  if not self.buf or #vim.fn.win_findbuf(self.buf) == 0 then
    return
  end
  local texts, marks, items = {}, {}, {}
  for i, line in ipairs(self.draw()) do
    local text = ""
    for _, piece in ipairs(line) do
      local from = #text
      text = text .. piece[1]
      table.insert(marks, { i - 1, from, #text, piece[2] })
    end
    texts[i], items[i] = text, line.item
  end
  self.items = items
  ui.set_lines(self.buf, texts)
  api.nvim_buf_clear_namespace(self.buf, ns, 0, -1)
  for _, mark in ipairs(marks) do
    if mark[4] then
      api.nvim_buf_set_extmark(self.buf, ns, mark[1], mark[2], {
        end_col = mark[3],
        hl_group = mark[4],
      })
    end
  end
end

return Panel
