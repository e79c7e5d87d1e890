-- The one source of the options: their defaults, their types and the words that `:help thole-options`
-- has about them. Nothing else in the plugin knows a default.
local M = {}

---@class thole.Option
---@field [1] string name, with dots
---@field [2] any default
---@field [3] string type as shown in the help
---@field [4] string what it does, one or two sentences

---@type thole.Option[]
M.options = {
  {
    "cmd",
    { "thole", "--stdio" },
    "string[]",
    "The program and its arguments. A path is needed when `thole` is not on your PATH.",
  },
  { "env", {}, "table", "Variables for the program, on top of Neovim's own." },
  {
    "model",
    "",
    "string",
    "Model of new sessions, as `provider/model`. Empty: what thole's configuration says.",
  },
  { "mode", "", "string", "Mode of new sessions. Empty: what thole's configuration says." },
  { "chat.position", "right", "right|left|bottom|tab", "Where the chat opens." },
  { "chat.size", 0.4, "number", "Its share of the screen, or columns (lines) when over 1." },
  { "chat.conceal", true, "boolean", "Hide the marks of Markdown in the chat." },
  { "chat.autocomplete", true, "boolean", "Offer completions as soon as `@` or `/` is typed." },
  { "chat.stamps", true, "boolean", "Say after each turn how long it took and what it cost." },
  {
    "approvals.focus",
    "idle",
    "idle|never",
    "`idle`: the approval window takes the cursor when you are in Normal mode in the chat and have"
      .. " typed nothing for a second. It never does so while you type, nor elsewhere.",
  },
  { "approvals.bell", false, "boolean", "Ring the bell when something waits for an answer." },
  {
    "edits.save",
    "clean",
    "clean|always|never",
    "Which buffers are written after the agent changed them: those that had no changes of yours,"
      .. " all, or none. Files without a buffer are always written.",
  },
  { "edits.review", true, "boolean", "Show the agent's changes as hunks to accept or reject." },
  { "plan.open", true, "boolean", "Open the plan, without the cursor, when it is to be reviewed." },
  { "panel.width", 36, "number", "Columns of the windows of tasks and agents." },
  { "trace", false, "boolean", "Write every message to the log. `:Thole log` shows it." },
  { "keys.chat.expand", "<CR>", "string|false", "On a tool call: show or hide its output." },
  { "keys.chat.diff", "D", "string|false", "On a tool call: its change in native diff mode." },
  { "keys.chat.go", "gd", "string|false", "On a tool call: open the file that it is about." },
  { "keys.chat.next", "]]", "string|false", "Next prompt in the chat." },
  { "keys.chat.previous", "[[", "string|false", "Previous prompt in the chat." },
  { "keys.chat.prompt", "i", "string|false", "From the chat to the prompt." },
  { "keys.chat.close", "q", "string|false", "Close the chat." },
  { "keys.chat.cancel", "<C-c>", "string|false", "Cancel the turn, in chat and prompt." },
  { "keys.chat.answer", "ga", "string|false", "In chat and prompt: go to what waits for you." },
  { "keys.prompt.send", "<CR>", "string|false", "Send, in Normal mode." },
  { "keys.prompt.send_insert", "<C-s>", "string|false", "Send, in Insert mode." },
  { "keys.prompt.older", "<C-p>", "string|false", "Older prompt, in both modes." },
  { "keys.prompt.newer", "<C-n>", "string|false", "Newer prompt, in both modes." },
  { "keys.approval.once", "y", "string|false", "Allow this once." },
  { "keys.approval.session", "s", "string|false", "Allow this and its like in this session." },
  { "keys.approval.reject", "n", "string|false", "Reject." },
  { "keys.approval.reason", "r", "string|false", "Reject with words for the agent." },
  { "keys.approval.diff", "d", "string|false", "See the change in native diff mode." },
  { "keys.approval.next", "]", "string|false", "Next of those that wait." },
  { "keys.approval.previous", "[", "string|false", "Previous of those that wait." },
  { "keys.approval.leave", "q", "string|false", "Leave the window; the question stays." },
  { "keys.plan.comment", "gc", "string|false", "Comment on the line or the selected lines." },
  { "keys.plan.diff", "gD", "string|false", "Compare with the revision before." },
  { "keys.tasks.open", "<CR>", "string|false", "Show the task and the output of its worker." },
  { "keys.agents.open", "<CR>", "string|false", "Show what the agent does, live." },
  { "keys.agents.preview", "p", "string|false", "Show what a merge would change." },
  { "keys.agents.merge", "m", "string|false", "Merge into your files." },
  { "keys.agents.branch", "b", "string|false", "Keep the work as a branch." },
  { "keys.agents.discard", "x", "string|false", "Discard the work." },
  { "keys.agents.cancel", "c", "string|false", "Cancel the agent." },
  { "keys.agents.message", "M", "string|false", "Say something to the agent." },
  { "keys.review.next", "]h", "string|false", "Next hunk, across files." },
  { "keys.review.previous", "[h", "string|false", "Previous hunk, across files." },
  { "keys.review.accept", "gha", "string|false", "Accept the hunk under the cursor." },
  { "keys.review.reject", "ghr", "string|false", "Reject it: what was there before comes back." },
}

local function put(tree, name, value)
  local at = tree
  for part in name:gmatch("([^.]+)%.") do
    at[part] = at[part] or {}
    at = at[part]
  end
  at[name:match("[^.]+$")] = value
end

---@return table
function M.defaults()
  local tree = {}
  for _, option in ipairs(M.options) do
    put(tree, option[1], vim.deepcopy(option[2]))
  end
  return tree
end

local function admits(kind, value)
  for word in kind:gmatch("[^|]+") do
    local is_list = word == "string[]" and type(value) == "table" and vim.islist(value)
    if is_list or type(value) == word or value == word then
      return true
    end
    if word == "false" and value == false then
      return true
    end
  end
  return false
end

-- Every wrong option of `given`, as sentences.
---@param given table
---@return string[]
function M.faults(given)
  local faults, known = {}, {}
  for _, option in ipairs(M.options) do
    known[option[1]] = option
  end
  local function look(tree, prefix)
    for key, value in pairs(tree) do
      local name = prefix .. tostring(key)
      local option = known[name]
      if option then
        if not admits(option[3], value) then
          local got = type(value) == "string" and ("'%s'"):format(value) or type(value)
          table.insert(faults, ("%s: expected %s, got %s"):format(name, option[3], got))
        end
      elseif type(value) == "table" and type(M.defaults_at(name)) == "table" then
        look(value, name .. ".")
      else
        table.insert(faults, ("%s: no such option; see :help thole-options"):format(name))
      end
    end
  end
  look(given, "")
  table.sort(faults)
  return faults
end

---@param name string
---@return any
function M.defaults_at(name)
  return vim.tbl_get(M.defaults(), unpack(vim.split(name, ".", { plain = true })))
end

local merged

-- Takes the user's options: those of `vim.g.thole`, and over them `given`.
---@param given? table
function M.set(given)
  local own = type(vim.g.thole) == "table" and vim.g.thole or {}
  local wanted = vim.tbl_deep_extend("force", own, given or {})
  local faults = M.faults(wanted)
  if #faults > 0 then
    local text = "thole: wrong options, the defaults stand in for all:\n"
      .. table.concat(faults, "\n")
    vim.notify(text, vim.log.levels.ERROR)
    wanted = {}
  end
  merged = vim.tbl_deep_extend("force", M.defaults(), wanted)
end

---@return table
function M.get()
  if not merged then
    M.set(require("thole").options)
  end
  return merged
end

-- The section of the help about options, made of the table above.
---@return string[]
function M.help()
  local lines = {}
  for _, option in ipairs(M.options) do
    local name, default, kind, words = unpack(option)
    local tag = ("*thole.%s*"):format(name)
    table.insert(lines, name .. (" "):rep(math.max(2, 78 - #name - #tag)) .. tag)
    local shown = vim.inspect(default):gsub("%s+", " ")
    local type_words = kind:gsub("|", " or ")
    table.insert(lines, ("    Type: %s. Default: `%s`"):format(type_words, shown))
    local line = "   "
    for word in words:gmatch("%S+") do
      if #line + #word > 76 then
        table.insert(lines, line)
        line = "   "
      end
      line = line .. " " .. word
    end
    table.insert(lines, line)
    table.insert(lines, "")
  end
  return lines
end

return M
