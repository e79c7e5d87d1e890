-- The conversation of one session as a buffer of Markdown. It hears the session's events, gathers
-- them, and writes them about thirty times a second, however many there were.
local Blocks = require("thole.chat.blocks")
local calls = require("thole.chat.calls")
local folds = require("thole.chat.folds")
local notes = require("thole.chat.notes")
local paint = require("thole.chat.paint")
local ui = require("thole.ui")

local api = vim.api

local frame = 30 -- ms between two writings
local ns = api.nvim_create_namespace("thole.chat")

---@class thole.Transcript
---@field session thole.Session
---@field buf integer
---@field private ops table[]
---@field private last? { kind: string, id: string, row: integer, mark?: integer, blocks: thole.Blocks }
---@field private unpainted integer[][] blocks without colours yet, first and last row
---@field calls table<string, thole.ShownCall>
local Transcript = {}
Transcript.__index = Transcript

local by_buffer = {} ---@type table<integer, thole.Transcript>

---@param buf integer
---@return thole.Transcript?
function Transcript.of(buf)
  return by_buffer[buf]
end

---@param session thole.Session
---@return thole.Transcript
function Transcript.new(session)
  local self = setmetatable({
    session = session,
    ops = {},
    calls = {},
    folds = {},
    unpainted = {},
  }, Transcript)
  self.ns = ns
  self.buf = ui.scratch({ filetype = "thole-chat" })
  pcall(api.nvim_buf_set_name, self.buf, "thole://chat/" .. session.id)
  vim.bo[self.buf].modifiable = false
  vim.bo[self.buf].undolevels = -1
  by_buffer[self.buf] = self
  self.timer = assert(vim.uv.new_timer())
  paint.warm_up(function()
    self:schedule()
  end)
  self:listen()
  return self
end

---@private
function Transcript:listen()
  local function add(kind)
    return function(payload)
      self:add({ kind = kind, payload = payload })
    end
  end
  local stops = {}
  for _, name in ipairs({ "text", "call", "note", "reset", "turn", "plan" }) do
    table.insert(stops, self.session:on(name, add(name)))
  end
  self.session:on("closed", function()
    for _, stop in ipairs(stops) do
      stop()
    end
    self:close()
  end)
  api.nvim_create_autocmd({ "WinScrolled", "BufWinEnter" }, {
    buffer = self.buf,
    callback = function()
      self:schedule()
    end,
  })
  api.nvim_create_autocmd("BufWipeout", {
    buffer = self.buf,
    once = true,
    callback = function()
      by_buffer[self.buf] = nil
      self.is_closed = true
    end,
  })
end

-- Pieces of one text are joined; of a call only its last state is drawn.
---@private
function Transcript:add(op)
  local tail = self.ops[#self.ops]
  if op.kind == "text" then
    local text = op.payload
    if tail and tail.pieces and tail.what == text.kind and tail.id == text.id then
      table.insert(tail.pieces, text.text)
    else
      table.insert(self.ops, { what = text.kind, id = text.id, pieces = { text.text } })
    end
  elseif op.kind == "call" then
    local shown = self.calls[op.payload.id]
    if not shown then
      shown = { call = op.payload }
      self.calls[op.payload.id] = shown
      table.insert(self.ops, { shown = shown })
    end
    shown.call = op.payload
    self.dirty = self.dirty or {}
    self.dirty[shown] = true
  elseif op.kind == "reset" then
    self.ops, self.calls, self.dirty = { op }, {}, nil
  else
    table.insert(self.ops, op)
  end
  self:schedule()
end

-- Writes soon.
function Transcript:schedule()
  if not self.is_waiting and not self.is_closed then
    self.is_waiting = true
    self.timer:start(
      frame,
      0,
      vim.schedule_wrap(function()
        self.is_waiting = false
        self:flush()
      end)
    )
  end
end

-- Where the cursor of each window must follow the end.
---@private
function Transcript:followers()
  local wins = {}
  local count = api.nvim_buf_line_count(self.buf)
  for _, win in ipairs(vim.fn.win_findbuf(self.buf)) do
    if api.nvim_win_get_cursor(win)[1] >= count then
      table.insert(wins, win)
    end
  end
  return wins
end

local slice = 8e6 -- ns of writing at a stretch
local most = 16384 -- bytes of text at a stretch

-- Writes what has gathered, now.
function Transcript:flush()
  if self.is_closed or not api.nvim_buf_is_valid(self.buf) then
    return
  end
  local wins = self:followers()
  local stop = vim.uv.hrtime() + slice
  vim.bo[self.buf].modifiable = true
  local done = 0
  for i, op in ipairs(self.ops) do
    local rest = self:write(op)
    done = rest and i - 1 or i
    if rest or vim.uv.hrtime() > stop then
      break
    end
  end
  self.ops = vim.list_slice(self.ops, done + 1)
  local dirty = self.dirty
  self.dirty = nil
  for shown in pairs(dirty or {}) do
    if shown.mark then
      calls.draw(self, shown)
    elseif #self.ops > 0 then
      self.dirty = self.dirty or {}
      self.dirty[shown] = true
    end
  end
  vim.bo[self.buf].modifiable = false
  self:follow(wins)
  local is_unpainted = self:paint_some(stop)
  if #self.ops > 0 or is_unpainted then
    self:schedule()
  end
end

local small = 4096 -- bytes of a block that is painted while it grows

-- Rows that are seen in some window, first and last.
---@private
function Transcript:visible()
  local ranges = {}
  for _, win in ipairs(vim.fn.win_findbuf(self.buf)) do
    table.insert(ranges, { vim.fn.line("w0", win) - 1, vim.fn.line("w$", win) - 1 })
  end
  return ranges
end

-- The newest block without colours that is seen.
---@private
function Transcript:next_unpainted(ranges)
  for i = #self.unpainted, 1, -1 do
    local block = self.unpainted[i]
    for _, range in ipairs(ranges) do
      if block[1] <= range[2] and block[2] >= range[1] then
        return table.remove(self.unpainted, i)
      end
    end
  end
end

-- Gives colours to what is seen, until the time is over; whether there is more to do.
---@private
function Transcript:paint_some(stop)
  if not paint.is_ready() then
    return false
  end
  local open = self.last and self.last.kind == "answer" and self.last.blocks
  if open and open.is_changed and open.size < small then
    open.is_changed = false
    paint.block(self.buf, open.from, open.row)
  end
  local ranges = self:visible()
  repeat
    local block = self:next_unpainted(ranges)
    if not block then
      return false
    end
    paint.block(self.buf, block[1], block[2])
  until vim.uv.hrtime() > stop
  return true
end

-- Lines below `row` have moved: a call above was opened or closed, or has more output.
---@param row integer
---@param by integer
function Transcript:moved(row, by)
  if by == 0 then
    return
  end
  for _, block in ipairs(self.unpainted) do
    if block[1] > row then
      block[1], block[2] = block[1] + by, block[2] + by
    end
  end
  if self.last and self.last.row > row then
    self.last.row = self.last.row + by
    self.last.blocks:shift(by)
  end
end

-- Writes until nothing is left, for those who want to look at once; colours may come later.
function Transcript:finish()
  while not self.is_closed and (#self.ops > 0 or self.dirty) do
    self:flush()
  end
end

---@private
function Transcript:follow(wins)
  local last = api.nvim_buf_line_count(self.buf)
  for _, win in ipairs(wins) do
    if api.nvim_win_is_valid(win) then
      api.nvim_win_set_cursor(win, { last, 0 })
    end
  end
end

-- Whether there is more of it to write.
---@private
---@return boolean
function Transcript:write(op)
  if op.pieces then
    local text = table.concat(op.pieces)
    op.pieces = { text:sub(most + 1) }
    self:write_text(op, text:sub(1, most))
    return #text > most
  elseif op.shown then
    self:write_call(op.shown)
  elseif op.kind == "note" then
    notes.write(self, op.payload.level, op.payload.text)
  elseif op.kind == "turn" then
    notes.turn(self, op.payload)
  elseif op.kind == "plan" then
    notes.plan(self, op.payload)
  elseif op.kind == "reset" then
    self:erase()
  end
  return false
end

---@private
function Transcript:erase()
  api.nvim_buf_set_lines(self.buf, 0, -1, false, {})
  api.nvim_buf_clear_namespace(self.buf, ns, 0, -1)
  paint.clear(self.buf)
  self.last, self.folds, self.unpainted = nil, {}, {}
end

-- Number of the last line, 0-based.
function Transcript:last_row()
  return api.nvim_buf_line_count(self.buf) - 1
end

-- Adds text at the end of the buffer.
---@private
function Transcript:append(text)
  local blocks = self.last.blocks
  local column = #blocks.tail
  local lines = vim.split(text:gsub("\r", ""), "\n", { plain = true })
  api.nvim_buf_set_text(self.buf, blocks.row, column, blocks.row, column, lines)
  blocks.is_changed = true
  local done = blocks:add(lines)
  if self.last.kind == "answer" then
    vim.list_extend(self.unpainted, done)
  end
end

-- Adds lines after the last one, or in its place while the buffer is empty; the row of the first.
---@param lines string[]
---@return integer
function Transcript:append_lines(lines)
  local row = self:last_row()
  local is_empty = row == 0 and api.nvim_buf_get_lines(self.buf, 0, 1, true)[1] == ""
  local from = is_empty and 0 or row + 1
  api.nvim_buf_set_lines(self.buf, from, is_empty and 1 or from, true, lines)
  return from
end

-- Empty lines at the end go: what follows makes its own.
---@private
function Transcript:trim(row)
  local last = self:last_row()
  while last > row do
    local line = api.nvim_buf_get_lines(self.buf, last, last + 1, true)[1]
    if line ~= "" and line ~= "> " then
      return
    end
    api.nvim_buf_set_lines(self.buf, last, last + 1, true, {})
    last = last - 1
  end
end

-- The last block of an answer, and an end for the fence that it left open.
---@private
function Transcript:end_answer()
  local block, fence = self.last.blocks:finish()
  if fence then
    self:append_lines({ fence })
  end
  block[2] = math.min(block[2] + 1, self:last_row())
  table.insert(self.unpainted, block)
end

-- Ends what was being written and leaves a line free, when there was something. Calls that follow
-- each other stay together.
---@private
function Transcript:part(kind)
  local last = self.last
  if not last then
    return
  end
  self:trim(last.row)
  if last.kind == "answer" then
    self:end_answer()
  elseif last.kind == "user" then
    self:paint_user(last.row)
  elseif last.kind == "thought" then
    folds.add(self, last.row, self:last_row())
  end
  if not (kind == "call" and last.kind == "call") then
    self:append_lines({ "" })
  end
  self.last = nil
end

-- Adds lines that are something of their own; the row of the first.
---@param kind string
---@param lines string[]
---@return integer
function Transcript:append_item(kind, lines)
  self:part(kind)
  local row = self:append_lines(lines)
  self.last = { kind = kind, id = "", row = row, blocks = Blocks.new(row) }
  return row
end

-- Ends what was being written; the row of its last line.
---@return integer
function Transcript:end_turn()
  if not self.last then
    return self:last_row()
  end
  self:part("turn")
  return math.max(0, self:last_row() - 1)
end

---@private
function Transcript:begin(kind, id)
  self:part(kind)
  local row = self:append_lines({ "" })
  self.last = { kind = kind, id = id, row = row, blocks = Blocks.new(row) }
  if kind == "user" then
    api.nvim_buf_set_extmark(self.buf, ns, row, 0, {
      virt_text = { { "❯ ", "TholeUserMark" } },
      virt_text_pos = "inline",
      right_gravity = false,
    })
  end
end

---@private
function Transcript:write_text(op, text)
  if not self.last or self.last.kind ~= op.what or self.last.id ~= op.id then
    self:begin(op.what, op.id)
    text = text:gsub("^%s*\n", "")
    if op.what == "thought" then
      text = "> " .. text
    end
  end
  if op.what == "thought" then
    text = text:gsub("\n", "\n> ")
  end
  self:append(text)
  if op.what == "user" then
    self:paint_user(self.last.row)
  elseif op.what == "thought" then
    self:paint_thought()
  end
end

---@private
function Transcript:paint_thought()
  self.last.mark = api.nvim_buf_set_extmark(self.buf, ns, self.last.row, 0, {
    id = self.last.mark,
    end_row = self.last.blocks.row,
    end_col = #self.last.blocks.tail,
    hl_group = "TholeThought",
  })
end

---@private
function Transcript:paint_user(row)
  local last = self:last_row()
  local mark = self.last.mark
  self.last.mark = api.nvim_buf_set_extmark(self.buf, ns, row, 0, {
    id = mark,
    end_row = last,
    line_hl_group = "TholeUser",
    hl_mode = "combine",
  })
end

---@private
function Transcript:write_call(shown)
  local row = self:append_item("call", { calls.line(shown.call) })
  shown.mark = api.nvim_buf_set_extmark(self.buf, ns, row, 0, {})
  calls.draw(self, shown)
end

-- The call that the line belongs to, if any.
---@param row integer 0-based
---@return thole.ShownCall?
function Transcript:call_at(row)
  for _, shown in pairs(self.calls) do
    local from, stop = calls.rows(self, shown)
    if from and row >= from and row <= stop then
      return shown
    end
  end
end

---@param row integer 0-based
function Transcript:toggle(row)
  local shown = self:call_at(row)
  if not shown then
    return false
  end
  vim.bo[self.buf].modifiable = true
  calls.toggle(self, shown)
  vim.bo[self.buf].modifiable = false
  return true
end

---@private
function Transcript:close()
  if not self.is_closed then
    self.is_closed = true
    self.timer:stop()
    self.timer:close()
    if api.nvim_buf_is_valid(self.buf) then
      api.nvim_buf_delete(self.buf, { force = true })
    end
  end
end

return Transcript
