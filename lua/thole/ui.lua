-- Small things that several windows need: highlight groups, idleness, diff mode, scratch buffers.
local api = vim.api
local M = {}

local links = {
  TholeUser = "CursorLine",
  TholeUserMark = "Statement",
  TholeCall = "Function",
  TholeCallDetail = "String",
  TholeOutput = "Comment",
  TholePending = "Comment",
  TholeRunning = "DiagnosticInfo",
  TholeDone = "DiagnosticOk",
  TholeFailed = "DiagnosticError",
  TholeWaiting = "DiagnosticWarn",
  TholeThought = "Comment",
  TholeNote = "DiagnosticInfo",
  TholeError = "DiagnosticError",
  TholeWarning = "DiagnosticWarn",
  TholeDim = "Comment",
  TholePath = "Directory",
  TholeCommand = "Normal",
  TholeTitle = "Title",
  TholeAgent = "Special",
  TholeKey = "Special",
  TholeFooter = "FloatFooter",
  TholeFloat = "NormalFloat",
  TholeBorder = "FloatBorder",
  TholeAdded = "DiffAdd",
  TholeRemoved = "DiffDelete",
  TholeChanged = "DiffText",
  TholeHunkHeader = "Comment",
  TholeAddedSign = "Added",
  TholeRemovedSign = "Removed",
  TholeChangedSign = "Changed",
  TholeConflictSign = "DiagnosticWarn",
  TholeComment = "DiagnosticInfo",
  TholeCommentSign = "DiagnosticInfo",
  TholeFlag = "DiagnosticWarn",
  TholeHint = "Comment",
  TholeWinbar = "WinBar",
  TholeWinbarDim = "Comment",
  TholeWinbarMode = "Special",
  TholeMention = "Identifier",
  TholeTask = "Normal",
  TholeTaskDone = "Comment",
  TholeTaskOpen = "Normal",
  TholeTaskActive = "Title",
}

-- All names, for the help and its test.
---@return table<string, string> group to what it links to
function M.groups()
  return links
end

-- Links the highlight groups, unless a colour scheme has its own.
function M.highlights()
  for name, target in pairs(links) do
    api.nvim_set_hl(0, name, { link = target, default = true })
  end
end

M.highlights()
api.nvim_create_autocmd("ColorScheme", {
  group = api.nvim_create_augroup("thole.highlights", {}),
  callback = M.highlights,
})

---@param line string of a unified diff
---@return string? highlight group
function M.diff_highlight(line)
  local first = line:sub(1, 1)
  if first == "+" then
    return "TholeAdded"
  elseif first == "-" then
    return "TholeRemoved"
  elseif first == "@" then
    return "TholeHunkHeader"
  end
end

local last_key = 0
local interrupts = {} ---@type table<integer, fun()> by buffer

-- Keys of scripts do not count. A CTRL-C that comes while Neovim is busy passes mappings by; it is seen
-- here, and only then.
vim.on_key(function(key, typed)
  if typed ~= "" then
    last_key = vim.uv.now()
  end
  local act = key == "\3" and interrupts[api.nvim_get_current_buf()]
  if act then
    vim.schedule(act)
  end
end, api.nvim_create_namespace("thole.keys"))

-- Maps a key that stops something, so that it works at any time.
---@param modes string|string[]
---@param lhs string|false
---@param buf integer
---@param act fun()
---@param words string
function M.map_stop(modes, lhs, buf, act, words)
  if not lhs then
    return
  end
  vim.keymap.set(modes, lhs, act, { buffer = buf, desc = "thole: " .. words })
  interrupts[buf] = vim.keycode(lhs) == "\3" and act or nil
end

-- As if nobody had typed for long.
function M.forget_keys()
  last_key = -1e6
end

local idle_after = 1000 -- ms

-- Whether the user looks at the chat and has not typed for a while.
---@return boolean
function M.is_idle_in_chat()
  local filetype = vim.bo.filetype
  local is_chat = filetype == "thole-chat" or filetype == "thole-prompt"
  local mode = api.nvim_get_mode()
  return is_chat
    and mode.mode == "n"
    and not mode.blocking
    and vim.uv.now() - last_key >= idle_after
end

-- A buffer of the plugin: no file, never asked about, gone with its last window when `wipe`.
---@param options { name?: string, filetype: string, wipe?: boolean, listed?: boolean }
---@return integer
function M.scratch(options)
  local buf = api.nvim_create_buf(options.listed or false, true)
  if options.name then
    api.nvim_buf_set_name(buf, options.name)
  end
  vim.bo[buf].bufhidden = options.wipe and "wipe" or "hide"
  vim.bo[buf].swapfile = false
  vim.bo[buf].filetype = options.filetype
  return buf
end

---@param buf integer
---@param lines string[]
function M.set_lines(buf, lines)
  vim.bo[buf].modifiable = true
  api.nvim_buf_set_lines(buf, 0, -1, false, lines)
  vim.bo[buf].modifiable = false
  vim.bo[buf].modified = false
end

local function diff_side(path, title, text)
  local buf = M.scratch({ filetype = vim.filetype.match({ filename = path }) or "", wipe = true })
  pcall(api.nvim_buf_set_name, buf, ("thole://%d/%s"):format(buf, vim.fs.basename(path)))
  local lines = vim.split((text:gsub("\r", ""):gsub("\n$", "")), "\n", { plain = true })
  M.set_lines(buf, lines)
  api.nvim_win_set_buf(0, buf)
  vim.wo.winbar = title:gsub("%%", "%%%%")
  vim.cmd("diffthis")
  vim.keymap.set("n", "q", "<Cmd>tabclose<CR>", { buffer = buf, desc = "thole: close the diff" })
end

-- Two texts of a file beside each other in native diff mode, in a new tab page.
---@param path string
---@param old string
---@param new string
---@param titles? string[]
function M.diff_tab(path, old, new, titles)
  local name = vim.fn.fnamemodify(path, ":t")
  titles = titles or { "now", "proposed" }
  vim.cmd("tabnew")
  local empty = api.nvim_get_current_buf()
  diff_side(path, (" %s · %s · q closes"):format(name, titles[1]), old)
  vim.cmd("rightbelow vsplit")
  diff_side(path, (" %s · %s · q closes"):format(name, titles[2]), new)
  if api.nvim_buf_is_valid(empty) and api.nvim_buf_get_name(empty) == "" then
    pcall(api.nvim_buf_delete, empty, {})
  end
end

local function is_ordinary(win)
  local buf = api.nvim_win_get_buf(win)
  return api.nvim_win_get_config(win).relative == "" and vim.bo[buf].buftype == ""
end

-- A window of this tab page that shows an ordinary file: the current one, the one before, or any.
---@return integer?
function M.file_window()
  local previous = vim.fn.win_getid(vim.fn.winnr("#"))
  local wins = { api.nvim_get_current_win(), previous }
  for _, win in ipairs(vim.list_extend(wins, api.nvim_tabpage_list_wins(0))) do
    if win ~= 0 and api.nvim_win_is_valid(win) and is_ordinary(win) then
      return win
    end
  end
end

-- Goes to such a window, for commands that open a file; makes one when there is none.
function M.go_to_file_window()
  local win = M.file_window()
  if win then
    return api.nvim_set_current_win(win)
  end
  vim.cmd("topleft vsplit")
  api.nvim_win_set_buf(0, api.nvim_create_buf(true, false))
end

---@param text string
---@param level? integer
function M.say(text, level)
  vim.notify("thole: " .. text, level or vim.log.levels.INFO)
end

return M
