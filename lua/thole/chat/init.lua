-- The windows of the chat: the conversation of the current session and, below it, the prompt.
local Transcript = require("thole.chat.transcript")
local agent = require("thole.agent")
local config = require("thole.config")
local prompt = require("thole.chat.prompt")
local ui = require("thole.ui")

local api = vim.api
local M = {}

local transcripts = {} ---@type table<string, thole.Transcript>
local windows = {} ---@type { chat?: integer, prompt?: integer }

---@param session thole.Session
---@return thole.Transcript
function M.transcript(session)
  local transcript = transcripts[session.id]
  if not transcript or transcript.is_closed then
    transcript = Transcript.new(session)
    transcripts[session.id] = transcript
    M.map_chat(transcript)
  end
  return transcript
end

local function is_valid(win)
  return win ~= nil and api.nvim_win_is_valid(win)
end

---@return boolean
function M.is_open()
  return is_valid(windows.chat)
end

---@return integer?
function M.window()
  return M.is_open() and windows.chat or nil
end

local function close()
  for _, win in pairs(windows) do
    if is_valid(win) then
      pcall(api.nvim_win_close, win, true)
    end
  end
  windows = {}
end

function M.close()
  close()
end

-- Looks of a window that shows a conversation.
---@param win integer
function M.dress(win)
  local look = {
    wrap = true,
    linebreak = true,
    breakindent = true,
    number = false,
    relativenumber = false,
    signcolumn = "no",
    foldcolumn = "0",
    foldmethod = "manual",
    foldenable = true,
    foldtext = "v:lua.require'thole.chat.folds'.text()",
    fillchars = "fold: ,eob: ",
    list = false,
    spell = false,
    cursorline = false,
    conceallevel = config.get().chat.conceal and 2 or 0,
    concealcursor = "nvic",
  }
  for name, value in pairs(look) do
    api.nvim_set_option_value(name, value, { win = win, scope = "local" })
  end
end

---@param win integer
function M.dress_chat(win)
  M.dress(win)
  local line = "%{%v:lua.require'thole.chat.winbar'.text()%}"
  api.nvim_set_option_value("winbar", line, { win = win, scope = "local" })
  api.nvim_set_option_value("statusline", " ", { win = win, scope = "local" })
  api.nvim_set_option_value("winfixwidth", true, { win = win, scope = "local" })
end

local function dress_prompt(win)
  local look = {
    wrap = true,
    linebreak = true,
    number = false,
    relativenumber = false,
    signcolumn = "no",
    foldcolumn = "0",
    winfixheight = true,
    winbar = "",
    statusline = " %{v:lua.require'thole.statusline'.text()}",
    statuscolumn = "",
    list = false,
    cursorline = false,
    fillchars = "eob: ",
  }
  for name, value in pairs(look) do
    api.nvim_set_option_value(name, value, { win = win, scope = "local" })
  end
end

local function share(of)
  local size = config.get().chat.size
  return math.max(20, size <= 1 and math.floor(of * size) or math.floor(size))
end

local function open_window(buf)
  local position = config.get().chat.position
  if position == "tab" then
    vim.cmd("tab split")
    api.nvim_win_set_buf(0, buf)
    return api.nvim_get_current_win()
  end
  if position == "bottom" then
    return api.nvim_open_win(buf, false, {
      split = "below",
      win = -1,
      height = math.max(8, math.min(share(vim.o.lines), vim.o.lines - 8)),
    })
  end
  local width = math.min(share(vim.o.columns), vim.o.columns - 20)
  return api.nvim_open_win(buf, false, { split = position, win = -1, width = math.max(width, 20) })
end

-- Either window of the two takes the other with it.
local function close_together()
  api.nvim_create_autocmd("WinClosed", {
    group = api.nvim_create_augroup("thole.chat.windows", {}),
    callback = function(given)
      local win = tonumber(given.match)
      if win == windows.chat or win == windows.prompt then
        vim.schedule(close)
      end
    end,
  })
end

local function show(session)
  local transcript = M.transcript(session)
  if not M.is_open() then
    windows.chat = open_window(transcript.buf)
    M.dress_chat(windows.chat)
    close_together()
  elseif api.nvim_win_get_buf(windows.chat) ~= transcript.buf then
    api.nvim_win_set_buf(windows.chat, transcript.buf)
    M.dress_chat(windows.chat)
  end
  transcript:schedule()
  require("thole.chat.folds").all(transcript, windows.chat)
  local last = api.nvim_buf_line_count(transcript.buf)
  api.nvim_win_set_cursor(windows.chat, { last, 0 })
  if not is_valid(windows.prompt) then
    windows.prompt = api.nvim_open_win(prompt.buffer(), false, {
      split = "below",
      win = windows.chat,
      height = 3,
    })
    dress_prompt(windows.prompt)
    prompt.fit(windows.prompt)
  end
end

-- Opens the chat of the current session, with the cursor in the prompt.
---@param after? fun(session: thole.Session)
function M.open(after)
  prompt.remember_origin()
  agent.session(function(fault, session)
    if fault or not session then
      return ui.say(fault and fault.message or "no session", vim.log.levels.ERROR)
    end
    show(session)
    if after then
      return after(session)
    end
    M.enter_prompt()
  end)
end

-- Shows the chat and leaves the cursor where it is.
---@param session thole.Session
function M.show(session)
  show(session)
end

function M.enter_prompt()
  if is_valid(windows.prompt) then
    api.nvim_set_current_win(windows.prompt)
  end
end

function M.toggle()
  if M.is_open() then
    close()
  else
    M.open()
  end
end

-- A session of its own, from now on the current one.
function M.fresh()
  agent.choose(nil)
  M.open()
end

local function jump(transcript, by)
  local row = api.nvim_win_get_cursor(0)[1] - 1
  local rows = {}
  for _, mark in
    ipairs(api.nvim_buf_get_extmarks(transcript.buf, transcript.ns, 0, -1, {
      details = true,
    }))
  do
    if mark[4].line_hl_group == "TholeUser" then
      table.insert(rows, mark[2])
    end
  end
  table.sort(rows)
  local target
  for _, at in ipairs(rows) do
    if by > 0 and at > row and not target then
      target = at
    elseif by < 0 and at < row then
      target = at
    end
  end
  if target then
    api.nvim_win_set_cursor(0, { target + 1, 0 })
  end
end

local function call_here(transcript)
  local shown = transcript:call_at(api.nvim_win_get_cursor(0)[1] - 1)
  return shown and shown.call
end

local function go_to_file(transcript)
  local call = call_here(transcript)
  local place = call and (call.locations[#call.locations] or (call.diffs[1] or {}))
  if not place or not place.path then
    return ui.say("no file here")
  end
  ui.go_to_file_window()
  vim.cmd.edit(vim.fn.fnameescape(place.path))
  if place.line then
    pcall(api.nvim_win_set_cursor, 0, { place.line, 0 })
  end
end

local function show_diff(transcript)
  local call = call_here(transcript)
  if not call or #call.diffs == 0 then
    return ui.say("no change here")
  end
  for _, change in ipairs(call.diffs) do
    ui.diff_tab(change.path, change.old or "", change.new, { "before", "after" })
  end
end

---@param transcript thole.Transcript
function M.map_chat(transcript)
  local keys = config.get().keys.chat
  local function map(lhs, act, words)
    if lhs then
      vim.keymap.set("n", lhs, act, { buffer = transcript.buf, desc = "thole: " .. words })
    end
  end
  map(keys.expand, function()
    if not transcript:toggle(api.nvim_win_get_cursor(0)[1] - 1) then
      vim.cmd("silent! normal! za")
    end
  end, "show or hide what the call did")
  map(keys.diff, function()
    show_diff(transcript)
  end, "native diff")
  map(keys.go, function()
    go_to_file(transcript)
  end, "open the file")
  map(keys.next, function()
    jump(transcript, 1)
  end, "next prompt")
  map(keys.previous, function()
    jump(transcript, -1)
  end, "previous prompt")
  map(keys.prompt, function()
    M.enter_prompt()
    vim.cmd("startinsert")
  end, "to the prompt")
  map(keys.close, close, "close the chat")
  ui.map_stop("n", keys.cancel, transcript.buf, function()
    require("thole.command").run({ "cancel" })
  end, "cancel the turn")
  map(keys.answer, function()
    require("thole.approvals").enter()
  end, "go to what waits for you")
end

agent.events:on("session", function(session)
  if session and M.is_open() then
    show(session)
  end
end)

return M
