-- The window for what waits for an answer: the command or the change, why it is asked, and the keys.
-- It opens without taking the cursor.
local asks = require("thole.asks")
local config = require("thole.config")
local diff = require("thole.diff")
local ui = require("thole.ui")

local api = vim.api
local M = {}

local ns = api.nvim_create_namespace("thole.approvals")
local grace = 400 -- ms after the window took the cursor by itself, in which keys answer nothing
local shown = { at = 1 }

---@return thole.Ask?
function M.current()
  shown.at = math.max(1, math.min(shown.at, #asks.list))
  return asks.list[shown.at]
end

local verbs = {
  execute = "Run this command?",
  edit = "Make this change?",
  delete = "Delete this?",
  network = "Go to the network?",
}

local function add(lines, text, hl)
  for _, line in ipairs(vim.split(text, "\n", { plain = true })) do
    table.insert(lines, { line, hl })
  end
end

local function short_path(path)
  return vim.fn.fnamemodify(path, ":~:.")
end

local function add_diff(lines, change)
  local old = change.old or ""
  local added, removed = diff.count(old, change.new)
  local kind = not change.old and "new file " or ""
  local head = ("%s%s  +%d -%d"):format(kind, short_path(change.path), added, removed)
  add(lines, head, "TholePath")
  for _, line in ipairs(diff.unified(old, change.new)) do
    table.insert(lines, { line, ui.diff_highlight(line) })
  end
end

local function add_input(lines, call)
  local command = call.input.command
  if type(command) == "string" then
    if type(call.input.description) == "string" then
      add(lines, call.input.description, "TholeDim")
    end
    add(lines, "$ " .. command:gsub("\n", "\n  "), "TholeCommand")
    local where = call.input.workdir or call.input.cwd
    if type(where) == "string" then
      add(lines, "in " .. short_path(where), "TholeDim")
    end
  elseif #call.diffs == 0 then
    add(lines, call.title, "TholeCommand")
    if next(call.input) then
      add(lines, vim.inspect(call.input), "TholeDim")
    end
  end
end

local function approval_lines(ask)
  local lines = {}
  local call = ask.call
  if ask.worker then
    add(lines, "for the agent: " .. (ask.worker.task or ask.worker.agentId), "TholeAgent")
  end
  add(lines, verbs[call.effect or call.kind] or "May it do this?", "TholeTitle")
  add(lines, "")
  add_input(lines, call)
  for _, change in ipairs(call.diffs) do
    add_diff(lines, change)
  end
  add(lines, "")
  if ask.why then
    add(lines, "asked because " .. ask.why, "TholeDim")
  end
  if ask.closest then
    add(lines, "closest rule: " .. ask.closest, "TholeDim")
  end
  if ask.always then
    local rules = table.concat(ask.rules, ", ")
    add(
      lines,
      ("%s: %s"):format(config.get().keys.approval.session or "session", ask.always),
      "TholeDim"
    )
    if rules ~= "" then
      add(lines, "   " .. rules, "TholeDim")
    end
  end
  return lines
end

local function question_lines(ask)
  local lines = {}
  if ask.worker then
    add(lines, "from the agent: " .. (ask.worker.task or ask.worker.agentId), "TholeAgent")
  end
  add(lines, ask.question, "TholeTitle")
  add(lines, "")
  for i, choice in ipairs(ask.choices) do
    add(lines, ("%d  %s"):format(i, choice), "TholeCommand")
  end
  return lines
end

local function footer(ask)
  local keys = config.get().keys.approval
  local parts = {}
  local function key(lhs, word)
    if lhs then
      table.insert(parts, { " " .. lhs, "TholeKey" })
      table.insert(parts, { " " .. word .. " ", "TholeFooter" })
    end
  end
  if ask.kind == "question" then
    key(#ask.choices > 0 and "1-" .. #ask.choices or nil, "choose")
    key(keys.reason, "own words")
    key(keys.reject, "no answer")
  else
    key(keys.once, "once")
    key(ask.always and keys.session, "session")
    key(keys.reject, "reject")
    key(keys.reason, "reject, saying why")
    key(#ask.call.diffs > 0 and keys.diff, "diff")
  end
  key(keys.leave, "leave")
  return parts
end

-- Columns left of the chat when they are enough for the window, so that both can be read; else all.
local function room()
  local chat = require("thole.chat").window()
  local column = chat and api.nvim_win_get_position(chat)[2] or 0
  return column >= 54 and column or vim.o.columns
end

local function width_of(lines, edge)
  local width = 44
  for _, line in ipairs(lines) do
    width = math.max(width, vim.fn.strdisplaywidth(line[1]) + 1)
  end
  local most = edge < vim.o.columns and edge - 4 or math.floor(vim.o.columns * 0.7)
  return math.min(width, math.max(30, most))
end

-- Away from the cursor: at the bottom of the screen, or at its top when the cursor is low.
local function place(ask, lines)
  local edge = room()
  local width = width_of(lines, edge)
  local rows = 0
  for _, line in ipairs(lines) do
    rows = rows + math.max(1, math.ceil(vim.fn.strdisplaywidth(line[1]) / width))
  end
  local height = math.min(rows, math.max(5, math.floor(vim.o.lines * 0.5)))
  local is_in_way = vim.fn.screencol() < edge or edge == vim.o.columns
  local is_low = is_in_way and vim.fn.screenrow() > vim.o.lines - height - 5
  local bottom = vim.o.lines - vim.o.cmdheight - height - 3
  local title = #asks.list > 1 and (" thole asks · %d of %d "):format(shown.at, #asks.list)
    or " thole asks "
  return {
    relative = "editor",
    anchor = "NW",
    row = is_low and 1 or math.max(0, bottom),
    col = math.max(0, edge - width - 3),
    width = width,
    height = height,
    style = "minimal",
    border = "rounded",
    title = title,
    footer = footer(ask),
    footer_pos = "right",
    zindex = 60,
  }
end

local function fill(buf, lines)
  vim.bo[buf].modifiable = true
  local texts = vim.tbl_map(function(line)
    return (line[1]:gsub("\r", ""))
  end, lines)
  api.nvim_buf_set_lines(buf, 0, -1, false, texts)
  api.nvim_buf_clear_namespace(buf, ns, 0, -1)
  for i, line in ipairs(lines) do
    if line[2] then
      api.nvim_buf_set_extmark(buf, ns, i - 1, 0, {
        end_row = i - 1,
        end_col = #texts[i],
        hl_group = line[2],
        hl_eol = true,
      })
    end
  end
  vim.bo[buf].modifiable = false
end

local function is_open()
  return shown.win and api.nvim_win_is_valid(shown.win)
end

---@return boolean
function M.has_cursor()
  return is_open() and api.nvim_get_current_win() == shown.win or false
end

-- Back to where the cursor was before it came here.
local function leave()
  if M.has_cursor() then
    local back = shown.back
    if back and api.nvim_win_is_valid(back) then
      api.nvim_set_current_win(back)
    else
      vim.cmd("wincmd p")
    end
  end
end

local function close()
  leave()
  if is_open() then
    api.nvim_win_close(shown.win, true)
  end
  shown.win = nil
end

-- Answers what is shown; the next one, if any, takes its place.
---@param decision thole.Decision
---@param reason? string
function M.decide(decision, reason)
  local ask = M.current()
  if not ask then
    return vim.notify("thole: nothing waits for an answer", vim.log.levels.INFO)
  end
  if ask.kind == "question" then
    return vim.notify("thole: that is a question; :Thole answer goes to it", vim.log.levels.WARN)
  end
  if not asks.decide(ask, decision, reason) then
    vim.notify("thole: this can only be allowed once", vim.log.levels.WARN)
  end
end

local function with_words(prompt, use)
  vim.ui.input({ prompt = prompt }, function(words)
    if words and words ~= "" then
      use(words)
    end
  end)
end

-- As if the window had taken the cursor by itself just now.
function M.hurry()
  shown.took = vim.uv.now()
end

local function guarded(act)
  return function()
    if shown.took and vim.uv.now() - shown.took < grace then
      return
    end
    local ask = M.current()
    if ask then
      act(ask)
    end
  end
end

local function step(by)
  shown.at = (shown.at - 1 + by) % math.max(1, #asks.list) + 1
  M.refresh()
end

local function map(buf, lhs, act, words)
  if lhs then
    vim.keymap.set("n", lhs, act, { buffer = buf, nowait = true, desc = "thole: " .. words })
  end
end

local function reject_or_decline(ask)
  if ask.kind == "question" then
    asks.reply(ask, nil)
  else
    asks.decide(ask, "reject")
  end
end

local function say(ask)
  if ask.kind == "question" then
    with_words("Answer: ", function(words)
      asks.reply(ask, words)
    end)
  else
    with_words("Why not? ", function(words)
      asks.decide(ask, "reject", words)
    end)
  end
end

local function allow(decision)
  return guarded(function(ask)
    if ask.kind == "approval" then
      M.decide(decision)
    end
  end)
end

local function maps(buf)
  local keys = config.get().keys.approval
  map(buf, keys.once, allow("once"), "allow once")
  map(buf, keys.session, allow("session"), "allow for this session")
  map(buf, keys.reject, guarded(reject_or_decline), "reject")
  map(buf, keys.reason, guarded(say), "reject with a reason, or answer in own words")
  map(buf, keys.diff, guarded(M.diff), "native diff")
  map(buf, keys.next, function()
    step(1)
  end, "next")
  map(buf, keys.previous, function()
    step(-1)
  end, "previous")
  map(buf, keys.leave, leave, "leave")
  map(buf, "<Esc>", leave, "leave")
  for i = 1, 9 do
    map(
      buf,
      tostring(i),
      guarded(function(ask)
        if ask.choices[i] then
          asks.reply(ask, ask.choices[i])
        end
      end),
      "choose " .. i
    )
  end
end

-- The changes of an approval in native diff mode, in a tab page of their own.
---@param ask? thole.Ask
function M.diff(ask)
  ask = ask or M.current()
  for _, change in ipairs(ask and ask.call and ask.call.diffs or {}) do
    ui.diff_tab(change.path, change.old or "", change.new)
  end
end

local function buffer()
  if not shown.buf or not api.nvim_buf_is_valid(shown.buf) then
    shown.buf = api.nvim_create_buf(false, true)
    vim.bo[shown.buf].filetype = "thole-approval"
    maps(shown.buf)
  end
  return shown.buf
end

-- Shows what is waiting as it is now.
function M.refresh()
  local ask = M.current()
  if not ask then
    return close()
  end
  local lines = ask.kind == "question" and question_lines(ask) or approval_lines(ask)
  local buf, at = buffer(), place(ask, lines)
  fill(buf, lines)
  if not is_open() then
    at.noautocmd = true
    shown.win = api.nvim_open_win(buf, false, at)
    vim.wo[shown.win].wrap = true
    vim.wo[shown.win].winhighlight = "NormalFloat:TholeFloat,FloatBorder:TholeBorder"
  else
    if M.has_cursor() then
      at.row, at.col = api.nvim_win_get_position(shown.win)[1], nil
      at.col = api.nvim_win_get_position(shown.win)[2]
    end
    api.nvim_win_set_config(shown.win, at)
  end
  if shown.ask ~= ask then
    shown.ask = ask
    api.nvim_win_set_cursor(shown.win, { 1, 0 })
  end
end

-- Puts the cursor into the window. `by_itself`: nobody asked for it, so keys wait a moment.
---@param by_itself? boolean
function M.enter(by_itself)
  if not M.current() then
    return vim.notify("thole: nothing waits for an answer", vim.log.levels.INFO)
  end
  M.refresh()
  if not M.has_cursor() then
    shown.back = api.nvim_get_current_win()
    shown.took = by_itself and vim.uv.now() or nil
    vim.cmd("stopinsert")
    api.nvim_set_current_win(shown.win)
  end
end

local function take_cursor_if_idle()
  if config.get().approvals.focus == "idle" and ui.is_idle_in_chat() and M.current() then
    M.enter(true)
  end
end

-- Called with each change of what waits.
function M.on_change()
  local count = #asks.list
  local is_new = count > (shown.count or 0)
  shown.count = count
  M.refresh()
  vim.cmd("redrawstatus!")
  if is_new then
    if config.get().approvals.bell then
      io.stderr:write("\a")
    end
    take_cursor_if_idle()
  end
end

return M
