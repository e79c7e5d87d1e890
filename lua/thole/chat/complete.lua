-- Completion in the prompt: mentions after `@`, the server's commands after `/` at its beginning.
local agent = require("thole.agent")
local mentions = require("thole.chat.mentions")

local M = {}

local most = 50
local files = {} ---@type string[]
local is_listing = false
local listed_at = -math.huge

local function listed(output)
  is_listing = false
  listed_at = vim.uv.now()
  if output.code == 0 then
    files = vim.split(vim.trim(output.stdout), "\n", { plain = true })
  end
end

local function from_folder()
  local found = {}
  for name, kind in vim.fs.dir(vim.fn.getcwd(), { depth = 4 }) do
    if kind == "file" and #found < 5000 then
      table.insert(found, name)
    end
  end
  files, is_listing, listed_at = found, false, vim.uv.now()
end

-- Lists the files of the workspace, now and then.
local function list_files()
  if is_listing or vim.uv.now() - listed_at < 5000 then
    return
  end
  is_listing = true
  local cmd = { "git", "ls-files", "-co", "--exclude-standard" }
  local fine = pcall(vim.system, cmd, { cwd = vim.fn.getcwd(), text = true }, function(output)
    vim.schedule(function()
      if output.code == 0 then
        listed(output)
      else
        from_folder()
      end
    end)
  end)
  if not fine then
    from_folder()
  end
end

local function file_items(typed)
  local matches = typed == "" and files or vim.fn.matchfuzzy(files, typed)
  local items = {}
  for i = 1, math.min(most, #matches) do
    table.insert(items, { word = "@" .. matches[i], menu = "file", icase = 1 })
  end
  return items
end

local function mention_items(typed)
  local items = {}
  for _, mention in ipairs(mentions.words) do
    if vim.startswith(mention.word, "@" .. typed) then
      table.insert(items, { word = mention.word, menu = mention.about })
    end
  end
  return vim.list_extend(items, file_items(typed))
end

local function command_items(typed)
  local items = {}
  local commands = agent.current and agent.current.commands or {}
  for _, command in ipairs(commands) do
    if vim.startswith(command.name, typed) then
      local hint = command.input and command.input.hint
      local menu = command.description .. (hint and " · " .. hint or "")
      table.insert(items, { word = "/" .. command.name, menu = menu })
    end
  end
  return items
end

-- Where the word begins that could be completed (0-based column) and what is offered for it.
---@param line string up to the cursor
---@param row integer 1-based
---@return integer?, table[]
function M.items(line, row)
  list_files()
  local column, typed = line:match("()@([^%s]*)$")
  if column and (column == 1 or line:sub(column - 1, column - 1):match("[%s%(]")) then
    return column - 1, mention_items(typed)
  end
  local command = row == 1 and line:match("^/(%S*)$")
  if command then
    return 0, command_items(command)
  end
  return nil, {}
end

local function here()
  local at = vim.api.nvim_win_get_cursor(0)
  return vim.api.nvim_get_current_line():sub(1, at[2]), at[1]
end

-- For 'omnifunc'.
---@param find_start integer
---@return integer|table
function M.omnifunc(find_start)
  local column, items = M.items(here())
  if find_start == 1 then
    M.found = items
    return column or -3
  end
  return M.found or {}
end

-- Offers what there is, while typing.
function M.offer()
  if vim.fn.pumvisible() == 1 or vim.fn.mode() ~= "i" then
    return
  end
  local column, items = M.items(here())
  if column and #items > 0 then
    local before = vim.o.completeopt
    vim.o.completeopt = "menuone,noselect,noinsert"
    vim.fn.complete(column + 1, items)
    vim.o.completeopt = before
  end
end

return M
