-- The conversation of one session as a buffer of Markdown. It hears the session's events, gathers
-- them, and writes them about thirty times a second, however many there were.
local calls = require("thole.chat.calls")
local ui = require("thole.ui")

local api = vim.api

local frame = 30 -- ms between two writings
local ns = api.nvim_create_namespace("thole.chat")

---@class thole.Transcript
---@field session thole.Session
---@field buf integer
---@field private ops table[]
---@field private last? { kind: string, id: string, row: integer, mark?: integer }
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
  local self = setmetatable({ session = session, ops = {}, calls = {}, folds = {} }, Transcript)
  self.ns = ns
  self.buf = ui.scratch({ filetype = "thole-chat" })
  pcall(api.nvim_buf_set_name, self.buf, "thole://chat/" .. session.id)
  vim.bo[self.buf].modifiable = false
  vim.bo[self.buf].undolevels = -1
  by_buffer[self.buf] = self
  pcall(vim.treesitter.start, self.buf, "markdown")
  self.timer = assert(vim.uv.new_timer())
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

---@private
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
    self:write(op)
    done = i
    if vim.uv.hrtime() > stop then
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
  if #self.ops > 0 then
    self:schedule()
  end
end

-- Writes until nothing is left; for those who want to look at once.
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

---@private
function Transcript:write(op)
  if op.pieces then
    self:write_text(op)
  elseif op.shown then
    self:write_call(op.shown)
  elseif op.kind == "note" then
    self:write_note(op.payload.level, op.payload.text)
  elseif op.kind == "turn" then
    self:write_turn(op.payload)
  elseif op.kind == "plan" then
    self:write_plan(op.payload)
  elseif op.kind == "reset" then
    self:erase()
  end
end

---@private
function Transcript:erase()
  api.nvim_buf_set_lines(self.buf, 0, -1, false, {})
  api.nvim_buf_clear_namespace(self.buf, ns, 0, -1)
  self.last, self.folds = nil, {}
end

-- Number of the last line, 0-based.
function Transcript:last_row()
  return api.nvim_buf_line_count(self.buf) - 1
end

-- Adds text at the end of the buffer.
---@private
function Transcript:append(text)
  local row = self:last_row()
  local line = api.nvim_buf_get_lines(self.buf, row, row + 1, true)[1]
  local lines = vim.split(text:gsub("\r", ""), "\n", { plain = true })
  api.nvim_buf_set_text(self.buf, row, #line, row, #line, lines)
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

-- A fence that a text left open is closed, so that what follows is not taken for code.
---@private
function Transcript:close_fence()
  local fence
  for _, line in ipairs(api.nvim_buf_get_lines(self.buf, self.last.row, -1, false)) do
    local mark = line:match("^ ? ? ?(```+)") or line:match("^ ? ? ?(~~~+)")
    if mark and not fence then
      fence = mark
    elseif mark and mark:sub(1, #fence) == fence and line:match("^%s*[`~]+%s*$") then
      fence = nil
    end
  end
  if fence then
    self:append_lines({ fence })
  end
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
  if last.kind == "answer" or last.kind == "user" then
    self:close_fence()
  end
  if last.kind == "user" then
    self:paint_user(last.row)
  elseif last.kind == "thought" then
    self:fold(last.row, self:last_row())
  end
  if not (kind == "call" and last.kind == "call") then
    self:append_lines({ "" })
  end
  self.last = nil
end

---@private
function Transcript:begin(kind, id)
  self:part(kind)
  local row = self:append_lines({ "" })
  self.last = { kind = kind, id = id, row = row }
  if kind == "user" then
    api.nvim_buf_set_extmark(self.buf, ns, row, 0, {
      virt_text = { { "❯ ", "TholeUserMark" } },
      virt_text_pos = "inline",
      right_gravity = false,
    })
  end
end

---@private
function Transcript:write_text(op)
  local text = table.concat(op.pieces)
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
  end
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
  self:part("call")
  local row = self:append_lines({ calls.line(shown.call) })
  self.last = { kind = "call", id = shown.call.id, row = row }
  shown.mark = api.nvim_buf_set_extmark(self.buf, ns, row, 0, {})
  calls.draw(self, shown)
end

local note_groups = { error = "TholeError", warning = "TholeWarning", info = "TholeNote" }

---@private
function Transcript:write_note(level, text)
  self:part("note")
  local lines = vim.split(text, "\n", { plain = true })
  local row = self:append_lines(lines)
  self.last = { kind = "note", id = "", row = row }
  api.nvim_buf_set_extmark(self.buf, ns, row, 0, {
    end_row = row + #lines - 1,
    end_col = #lines[#lines],
    hl_group = note_groups[level] or "TholeNote",
    priority = 150,
  })
end

local reasons = {
  cancelled = "cancelled",
  max_tokens = "the answer reached the model's limit",
  max_turn_requests = "a limit was reached",
  refusal = "the model refused",
}

local function stamp(turn)
  local parts = {}
  if reasons[turn.reason] then
    table.insert(parts, reasons[turn.reason])
  end
  if turn.seconds then
    table.insert(parts, ("%.1f s"):format(turn.seconds))
  end
  if turn.cost and turn.cost > 0 then
    table.insert(parts, ("$%.3f"):format(turn.cost))
  end
  return table.concat(parts, " · ")
end

---@private
function Transcript:write_turn(turn)
  if turn.fault then
    return self:write_note("error", turn.fault.message)
  end
  if not turn.reason then
    return
  end
  local row = self:last_row()
  if self.last then
    self:part("turn")
    row = self:last_row() - 1
  end
  local is_odd = reasons[turn.reason] ~= nil
  if is_odd or require("thole.config").get().chat.stamps then
    api.nvim_buf_set_extmark(self.buf, ns, math.max(row, 0), 0, {
      virt_lines = { { { stamp(turn), is_odd and "TholeWarning" or "TholeDim" } } },
    })
  end
end

local plan_words = {
  in_review = "The plan is ready for your review (revision %d): :Thole plan shows it.",
  approved = "The plan is approved (revision %d).",
  rejected = "The plan is rejected.",
}

---@private
function Transcript:write_plan(view)
  local words = plan_words[view.status]
  local key = view.status .. view.revision
  if words and key ~= self.plan_key then
    self.plan_key = key
    local text = words:format(view.revision)
    self:write_note("info", view.why and text .. "\n" .. view.why or text)
  end
end

-- Folds are of windows: those that there are get it now, others when they show the buffer.
---@private
function Transcript:fold(first, last)
  if last < first then
    return
  end
  local mark = api.nvim_buf_set_extmark(self.buf, ns, first, 0, { end_row = last })
  table.insert(self.folds, mark)
  for _, win in ipairs(vim.fn.win_findbuf(self.buf)) do
    self:fold_in(win, first, last)
  end
end

---@private
function Transcript:fold_in(win, first, last)
  api.nvim_win_call(win, function()
    if vim.wo.foldmethod == "manual" then
      pcall(vim.cmd, ("silent! %d,%dfold"):format(first + 1, last + 1))
    end
  end)
end

-- Makes the folds of all thoughts in a window that has begun to show the buffer.
---@param win integer
function Transcript:fold_all(win)
  api.nvim_win_call(win, function()
    vim.cmd("silent! normal! zE")
  end)
  for _, id in ipairs(self.folds) do
    local mark = api.nvim_buf_get_extmark_by_id(self.buf, ns, id, { details = true })
    if mark[1] then
      self:fold_in(win, mark[1], mark[3].end_row)
    end
  end
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
