-- The prompt below the conversation: an ordinary buffer that is sent.
local agent = require("thole.agent")
local config = require("thole.config")
local history = require("thole.chat.history")
local ui = require("thole.ui")

local api = vim.api
local M = {}

local ns = api.nvim_create_namespace("thole.prompt")
local buffer ---@type integer?
local walk ---@type thole.Walk?
local origin ---@type integer? the buffer of the user that mentions mean

-- Keeps in mind which buffer the user came from: `@buffer` and `@selection` mean it.
function M.remember_origin()
  local buf = api.nvim_get_current_buf()
  if vim.bo[buf].buftype == "" and api.nvim_buf_get_name(buf) ~= "" then
    origin = buf
  end
end

---@return integer?
function M.origin()
  if origin and api.nvim_buf_is_valid(origin) then
    return origin
  end
end

local function text()
  return table.concat(api.nvim_buf_get_lines(assert(buffer), 0, -1, false), "\n")
end

local function hint()
  local buf = assert(buffer)
  api.nvim_buf_clear_namespace(buf, ns, 0, -1)
  if text() ~= "" then
    return
  end
  local keys = config.get().keys.prompt
  local words = ("Ask · %s sends · @ mentions · / commands"):format(
    keys.send_insert or keys.send or ":Thole ask"
  )
  api.nvim_buf_set_extmark(buf, ns, 0, 0, {
    virt_text = { { words, "TholeHint" } },
    virt_text_pos = "overlay",
  })
end

-- The window grows with the text.
---@param win? integer
function M.fit(win)
  win = win or vim.fn.win_findbuf(assert(buffer))[1]
  if not win then
    return
  end
  local rows = api.nvim_win_text_height(win, {}).all
  local height = math.max(3, math.min(rows, math.max(3, math.floor(vim.o.lines * 0.3))))
  if api.nvim_win_get_height(win) ~= height then
    api.nvim_win_set_height(win, height)
  end
end

---@param words string
function M.set(words)
  local lines = vim.split(words, "\n", { plain = true })
  api.nvim_buf_set_lines(M.buffer(), 0, -1, false, lines)
  for _, win in ipairs(vim.fn.win_findbuf(buffer)) do
    api.nvim_win_set_cursor(win, { #lines, #lines[#lines] })
  end
end

local function step(by)
  walk = walk or history.walk()
  local found = history.step(walk, by, text())
  if found then
    M.set(found)
  end
end

-- Sends what stands in the prompt.
function M.send()
  local words = vim.trim(text())
  if words == "" then
    return
  end
  vim.cmd("stopinsert")
  M.set("")
  walk = nil
  M.submit(words)
end

-- Sends a prompt to the current session.
---@param words string
---@param selection? table
function M.submit(words, selection)
  history.add(words)
  agent.session(function(fault, session)
    if fault or not session then
      M.set(words)
      return ui.say(fault and fault.message or "no session", vim.log.levels.ERROR)
    end
    local mentions = require("thole.chat.mentions")
    local blocks, shown = mentions.blocks(words, { origin = M.origin(), selection = selection })
    agent.prompt(session, blocks, shown)
  end)
end

local function map(modes, lhs, act, words)
  if lhs then
    vim.keymap.set(modes, lhs, act, { buffer = buffer, desc = "thole: " .. words })
  end
end

local function maps()
  local keys = config.get().keys
  map("n", keys.prompt.send, M.send, "send")
  map("i", keys.prompt.send_insert, M.send, "send")
  map({ "n", "i" }, keys.prompt.older, function()
    step(-1)
  end, "older prompt")
  map({ "n", "i" }, keys.prompt.newer, function()
    step(1)
  end, "newer prompt")
  ui.map_stop({ "n", "i" }, keys.chat.cancel, assert(buffer), function()
    require("thole.command").run({ "cancel" })
  end, "cancel the turn")
  map("n", keys.chat.answer, function()
    require("thole.approvals").enter()
  end, "go to what waits for you")
  map("n", keys.chat.close, function()
    require("thole.chat").close()
  end, "close the chat")
end

local function watch()
  api.nvim_create_autocmd({ "TextChanged", "TextChangedI", "TextChangedP" }, {
    buffer = buffer,
    callback = function()
      hint()
      M.fit()
    end,
  })
  api.nvim_create_autocmd("TextChangedI", {
    buffer = buffer,
    callback = function()
      if config.get().chat.autocomplete then
        require("thole.chat.complete").offer()
      end
    end,
  })
end

-- The buffer of the prompt; there is one.
---@return integer
function M.buffer()
  if buffer and api.nvim_buf_is_valid(buffer) then
    return buffer
  end
  buffer = ui.scratch({ name = "thole://prompt", filetype = "thole-prompt" })
  vim.bo[buffer].omnifunc = "v:lua.require'thole.chat.complete'.omnifunc"
  maps()
  watch()
  hint()
  return buffer
end

return M
