-- :Thole and its subcommands.
require("thole.wiring")
local agent = require("thole.agent")
local asks = require("thole.asks")
local ui = require("thole.ui")

local api = vim.api
local M = {}

---@class thole.Given what a subcommand gets
---@field words string[]
---@field text string the words as one text
---@field bang boolean
---@field range? { [1]: integer, [2]: integer } lines

local function fail(text)
  ui.say(text, vim.log.levels.ERROR)
end

local function current()
  if not agent.current then
    fail("there is no session yet; :Thole chat begins one, :Thole sessions opens one")
  end
  return agent.current
end

local function range_selection(given)
  if given.range then
    return { buf = api.nvim_get_current_buf(), first = given.range[1], last = given.range[2] }
  end
end

local function ask(given)
  local selection = range_selection(given)
  local prompt = require("thole.chat.prompt")
  prompt.remember_origin()
  local function submit(words)
    if selection and not words:find("@selection", 1, true) then
      words = words .. " @selection"
    end
    local win = api.nvim_get_current_win()
    require("thole.chat").open(function()
      prompt.submit(words, selection)
      if api.nvim_win_is_valid(win) then
        api.nvim_set_current_win(win)
      end
    end)
  end
  if given.text ~= "" then
    return submit(given.text)
  end
  vim.ui.input({ prompt = "Ask thole: " }, function(words)
    if words and vim.trim(words) ~= "" then
      submit(words)
    end
  end)
end

local chat_words = { "new", "toggle", "close" }

local function chat(given)
  local windows = require("thole.chat")
  local word = given.words[1]
  if word == "new" then
    windows.fresh()
  elseif word == "toggle" then
    windows.toggle()
  elseif word == "close" then
    windows.close()
  elseif word then
    fail(("chat: expected new, toggle, close or nothing, got '%s'"):format(word))
  else
    windows.open()
  end
end

-- Whether the plan is what the user means: its buffer is the current one, or nothing else waits.
local function means_plan()
  local plan = require("thole.plan")
  return (plan.is_here() or #asks.list == 0) and plan.waits()
end

local function approve(given)
  if means_plan() then
    return require("thole.plan").approve()
  end
  local word = given.words[1]
  if word and word ~= "session" then
    return fail(("approve: expected session or nothing, got '%s'"):format(word))
  end
  require("thole.approvals").decide(word and "session" or "once")
end

local function reject(given)
  if means_plan() then
    return require("thole.plan").reject()
  end
  require("thole.approvals").decide("reject", given.text)
end

local function cancel()
  local session = current()
  if session then
    agent.cancel(session)
  end
end

local function choose_value(title, values, now, set)
  vim.ui.select(values, {
    prompt = title,
    format_item = function(value)
      local mark = value.id == now and "▸ " or "  "
      local more = value.description and "  " .. value.description or ""
      return mark .. value.name .. more
    end,
  }, function(value)
    if value then
      set(value.id)
    end
  end)
end

local function mode(given)
  local session = current()
  if not session then
    return
  end
  if given.words[1] then
    return agent.set_mode(session, given.words[1])
  end
  choose_value("Mode", session.modes, session.mode, function(id)
    agent.set_mode(session, id)
  end)
end

local function option_values(session, id)
  local option = session:option(id)
  local values = {}
  for _, entry in ipairs(option and option.options or {}) do
    for _, value in ipairs(entry.options or { entry }) do
      table.insert(values, {
        id = value.value,
        name = value.name,
        description = value.description,
      })
    end
  end
  return values
end

local function model(given)
  local session = current()
  if not session then
    return
  end
  if given.words[1] then
    return agent.set_option(session, "model", given.words[1])
  end
  choose_value("Model", option_values(session, "model"), session:model(), function(id)
    agent.set_option(session, "model", id)
  end)
end

local function sessions(given)
  local module = require("thole.sessions")
  if given.words[1] == "delete" then
    return module.ask_delete(given.words[2])
  end
  if given.words[1] == "search" then
    return module.pick(table.concat(given.words, " ", 2))
  end
  module.pick(given.text)
end

local function plan(given)
  if not current() then
    return
  end
  local module = require("thole.plan")
  local word = given.words[1]
  if word == "diff" then
    module.diff()
  elseif word then
    fail(("plan: expected diff or nothing, got '%s'"):format(word))
  else
    module.open()
  end
end

local function comment(given)
  local module = require("thole.plan")
  if given.bang then
    return module.uncomment(given.range)
  end
  module.comment(given.range, given.text)
end

local function review(given)
  require("thole.review").run(given.words[1], given.words[2])
end

---@class thole.Subcommand
---@field run fun(given: thole.Given)
---@field complete? string[]|fun(typed: string): string[]
---@field about string

---@type table<string, thole.Subcommand>
M.subcommands = {
  chat = { run = chat, complete = chat_words, about = "open the chat; new, toggle, close" },
  ask = { run = ask, about = "send a prompt; with a range, about these lines" },
  plan = { run = plan, complete = { "diff" }, about = "show the plan; diff compares revisions" },
  comment = { run = comment, about = "comment on lines of the plan; with ! take it back" },
  tasks = {
    run = function(given)
      if current() then
        require("thole.tasks").run(given.words[1])
      end
    end,
    about = "the task list, beside; with a number, one task",
  },
  agents = {
    run = function()
      if current() then
        require("thole.agents").toggle()
      end
    end,
    about = "the sub-agents, beside",
  },
  sessions = {
    run = sessions,
    complete = { "search", "delete" },
    about = "go on with a session; search WORDS, delete",
  },
  review = {
    run = review,
    complete = function()
      return require("thole.review").verbs()
    end,
    about = "accept or reject what the agent changed, hunk by hunk",
  },
  approve = { run = approve, complete = { "session" }, about = "allow what waits, or the plan" },
  reject = { run = reject, about = "reject what waits, with a reason if you like, or the plan" },
  answer = {
    run = function()
      require("thole.approvals").enter()
    end,
    about = "put the cursor into the window of what waits",
  },
  cancel = { run = cancel, about = "cancel the turn" },
  mode = {
    run = mode,
    complete = function()
      return vim.tbl_map(function(one)
        return one.id
      end, agent.current and agent.current.modes or {})
    end,
    about = "what the agent may do without asking",
  },
  model = {
    run = model,
    complete = function()
      return vim.tbl_map(function(one)
        return one.id
      end, agent.current and option_values(agent.current, "model") or {})
    end,
    about = "which model answers",
  },
  attach = {
    run = function(given)
      require("thole.sessions").attach(given.words[1])
    end,
    about = "attach to a session that runs elsewhere",
  },
  log = {
    run = function()
      require("thole.log").open()
    end,
    about = "what the program said, and faults",
  },
  stop = {
    run = function()
      agent.stop()
    end,
    about = "end the program; sessions stay on disk",
  },
}

---@return string[]
function M.names()
  local names = vim.tbl_keys(M.subcommands)
  table.sort(names)
  return names
end

local function run(name, given)
  local subcommand = M.subcommands[name]
  if not subcommand then
    local names = table.concat(M.names(), ", ")
    return fail(("there is no subcommand '%s'; there are: %s"):format(name, names))
  end
  subcommand.run(given)
end

-- Runs a subcommand given as words.
---@param words string[]
---@param range? integer[]
function M.run(words, range)
  local rest = vim.list_slice(words, 2)
  run(words[1] or "chat", {
    words = rest,
    text = table.concat(rest, " "),
    bang = false,
    range = range,
  })
end

-- Runs a subcommand from a key: in Visual mode it gets the selected lines.
---@param words string[]
function M.from_key(words)
  local range
  if api.nvim_get_mode().mode:find("^[vV\22]") then
    range = { vim.fn.line("v"), vim.fn.line(".") }
    table.sort(range)
    vim.cmd.normal({ vim.keycode("<Esc>"), bang = true })
  end
  M.run(words, range)
end

-- What :Thole does.
---@param given table see nvim_create_user_command()
function M.execute(given)
  local name = given.fargs[1] or "chat"
  run(name, {
    words = vim.list_slice(given.fargs, 2),
    text = vim.trim((given.args:gsub("^%s*%S+", ""))),
    bang = given.bang,
    range = given.range > 0 and { given.line1, given.line2 } or nil,
  })
end

local function beginning_with(typed, words)
  return vim.tbl_filter(function(word)
    return vim.startswith(word, typed)
  end, words)
end

-- Completion of :Thole.
---@param typed string
---@param line string
---@return string[]
function M.complete(typed, line)
  local words = vim.split(line:gsub("^.-Thole!?%s*", ""), "%s+")
  if #words <= 1 then
    return beginning_with(typed, M.names())
  end
  local subcommand = M.subcommands[words[1]]
  local offers = subcommand and subcommand.complete
  if not offers or #words > 2 then
    return {}
  end
  return beginning_with(typed, type(offers) == "function" and offers(typed) or offers)
end

return M
