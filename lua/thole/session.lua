-- One session as this editor sees it: what came over the wire, turned into events. Listeners get
-- these tables and never a message.
--
--   text     { kind = "user"|"answer"|"thought", id, text }
--   call     thole.Call, after each change of it
--   turn     { busy, reason?, fault?, seconds?, cost? }
--   note     { level, text }
--   tasks, plan, agents, changes, options, usage, title, commands, reset, closed
local Events = require("thole.events")
local protocol = require("thole.protocol")

local methods = protocol.methods

---@class thole.Diff
---@field path string
---@field old? string nil: a new file
---@field new string

---@class thole.Call
---@field id string
---@field title string
---@field name? string
---@field kind string
---@field status string
---@field outcome? string how it ended: completed, failed, denied, cancelled, interrupted
---@field effect? string
---@field duration? integer ms
---@field input table
---@field text string its output
---@field diffs thole.Diff[]
---@field locations { path: string, line?: integer }[]
---@field is_waiting? boolean for an answer of the user

---@class thole.Session
---@field id string
---@field cwd string
---@field title? string
---@field mode? string
---@field modes { id: string, name: string, description?: string }[]
---@field options table[]
---@field commands { name: string, description: string, input?: { hint: string } }[]
---@field usage? { used: integer, size: integer, cost?: { amount: number, currency: string } }
---@field calls table<string, thole.Call>
---@field tasks thole.Task[]
---@field plan? thole.PlanView
---@field agents thole.AgentNode[]
---@field events thole.Events
---@field is_busy_there boolean as the server says
---@field parent? string of a sub-agent: the session that is shown as its parent
local Session = {}
Session.__index = Session

---@param id string
---@param cwd string
---@return thole.Session
function Session.new(id, cwd)
  local self = setmetatable({ id = id, cwd = cwd, events = Events.new() }, Session)
  self:clear()
  return self
end

---@private
function Session:clear()
  self.modes, self.options, self.commands = {}, {}, {}
  self.calls, self.tasks, self.agents = {}, {}, {}
  self.plan, self.usage = nil, nil
  self.running, self.waiting, self.is_busy_there = 0, {}, false
end

-- Forgets all that was shown, before it is shown anew.
function Session:reset()
  self:clear()
  self.events:emit("reset", self)
end

-- What session/new and session/load answered.
---@param result table
function Session:opened(result)
  local modes = result.modes or {}
  self.modes = modes.availableModes or self.modes
  self.mode = modes.currentModeId or self.mode
  self.options = result.configOptions or self.options
  self.events:emit("options", self)
end

---@param name string
---@param listener fun(payload: any)
---@return fun() stop
function Session:on(name, listener)
  return self.events:on(name, listener)
end

-- Whether a prompt is being worked on, of this editor or of somebody else.
---@return boolean
function Session:is_busy()
  return self.running > 0 or self.is_busy_there
end

-- The server says that a turn runs, whoever began it, or that none does.
---@param busy boolean
function Session:set_busy(busy)
  if busy and not self:is_busy() then
    self.began = vim.uv.hrtime()
  end
  if busy ~= self.is_busy_there then
    self.is_busy_there = busy
    self.events:emit("turn", { busy = self:is_busy() })
  end
end

---@param id string
---@return table? option
function Session:option(id)
  for _, option in ipairs(self.options) do
    if option.id == id then
      return option
    end
  end
end

---@return string
function Session:model()
  local option = self:option("model")
  return option and option.currentValue or ""
end

local function shown_block(block)
  if block.type == "text" then
    return block.text or ""
  elseif block.type == "resource_link" then
    return "@" .. (block.name or block.uri or "file")
  elseif block.type == "resource" then
    local uri = block.resource and block.resource.uri or "text"
    return "[" .. vim.fs.basename(uri) .. "]"
  end
  return "[" .. tostring(block.type) .. "]"
end

local chunk_kinds = {
  user_message_chunk = "user",
  agent_message_chunk = "answer",
  agent_thought_chunk = "thought",
}

---@private
function Session:chunk(update)
  local kind = chunk_kinds[update.sessionUpdate]
  local text = shown_block(update.content or {})
  local is_more = kind == "user" and self.last_user == update.messageId
  if is_more and update.content.type ~= "text" then
    text = "\n" .. text
  end
  self.last_user = kind == "user" and update.messageId or nil
  self.events:emit("text", { kind = kind, id = update.messageId or "", text = text })
end

local function text_and_diffs(content)
  local texts, diffs = {}, {}
  for _, item in ipairs(content) do
    if item.type == "diff" then
      table.insert(diffs, { path = item.path, old = item.oldText, new = item.newText or "" })
    elseif item.type == "content" and type(item.content) == "table" then
      table.insert(texts, shown_block(item.content))
    end
  end
  return table.concat(texts, "\n"), diffs
end

-- A call with the fields of `update` taken over.
---@param call? thole.Call
---@param update thole.WireCall
---@return thole.Call
function Session.merged(call, update)
  local about = protocol.meta(update)
  call = call
    or { id = update.toolCallId, title = "", kind = "other", status = "pending", input = {} }
  call.title = update.title or call.title
  call.name = update.name or call.name
  call.kind = update.kind or call.kind
  call.status = update.status or call.status
  call.input = update.rawInput or call.input
  call.locations = update.locations or call.locations or {}
  call.effect = about.effect or call.effect
  call.outcome = about.status or call.outcome
  call.duration = about.durationMs or call.duration
  if update.content then
    call.text, call.diffs = text_and_diffs(update.content)
  end
  call.text, call.diffs = call.text or "", call.diffs or {}
  return call
end

---@private
function Session:call(update)
  local before = self.calls[update.toolCallId]
  local was = before and before.status
  local call = Session.merged(before, update)
  self.calls[call.id] = call
  self.events:emit("call", call)
  if call.status ~= was and (call.status == "completed" or call.status == "failed") then
    self.events:emit("call_ended", call)
  end
end

-- The whole list when the server sends it, else what the entries say.
local function tasks_of(update)
  local about = protocol.meta(update)
  if type(about.tasks) == "table" then
    return about.tasks
  end
  local tasks = {}
  for i, entry in ipairs(update.entries or {}) do
    local task = protocol.meta(entry).task or {}
    table.insert(tasks, {
      number = i,
      id = task.id or tostring(i),
      content = entry.content,
      status = entry.status,
      priority = entry.priority,
      files = {},
      workers = {},
    })
  end
  return tasks
end

local kinds = {
  user_message_chunk = Session.chunk,
  agent_message_chunk = Session.chunk,
  agent_thought_chunk = Session.chunk,
  tool_call = Session.call,
  tool_call_update = Session.call,
  plan = function(self, update)
    self.tasks = tasks_of(update)
    self.events:emit("tasks", self.tasks)
    Events.announce("Tasks", { session = self.id })
  end,
  available_commands_update = function(self, update)
    self.commands = update.availableCommands or {}
    self.events:emit("commands", self)
  end,
  current_mode_update = function(self, update)
    self.mode = update.currentModeId
    self.events:emit("options", self)
    Events.announce("Mode", { session = self.id, mode = self.mode })
  end,
  config_option_update = function(self, update)
    self.options = update.configOptions or self.options
    self.events:emit("options", self)
  end,
  session_info_update = function(self, update)
    self.title = update.title or self.title
    self.events:emit("title", self)
    local busy = protocol.meta(update).busy
    if busy ~= nil then
      self:set_busy(busy == true)
    end
  end,
  usage_update = function(self, update)
    self.usage = { used = update.used, size = update.size, cost = update.cost }
    self.events:emit("usage", self.usage)
  end,
  notice = function(self, update)
    local text = update.title .. (update.description and "\n" .. update.description or "")
    self.events:emit("note", { level = update.severity, text = text })
  end,
}

---@param update table
function Session:update(update)
  local take = kinds[update.sessionUpdate]
  if take then
    take(self, update)
  end
end

---@param view thole.PlanView
function Session:plan_changed(view)
  self.plan = view
  self.events:emit("plan", view)
  Events.announce("Plan", { session = self.id, status = view.status, revision = view.revision })
end

-- Nodes that changed, over those that are known.
---@param nodes thole.AgentNode[]
function Session:agents_changed(nodes)
  local at = {}
  for i, node in ipairs(self.agents) do
    at[node.agentId] = i
  end
  for _, node in ipairs(nodes) do
    if not at[node.agentId] then
      table.insert(self.agents, node)
      at[node.agentId] = #self.agents
    end
    self.agents[at[node.agentId]] = node
  end
  self.events:emit("agents", self.agents)
  Events.announce("Agents", { session = self.id })
end

---@private
function Session:turn_ended(from, cost, fault, result)
  self.running = math.max(0, self.running - 1)
  local now = self.usage and self.usage.cost and self.usage.cost.amount
  local turn = {
    busy = self:is_busy(),
    reason = result and result.stopReason,
    fault = fault,
    seconds = (vim.uv.hrtime() - from) / 1e9,
    cost = now and now - cost or nil,
  }
  self.events:emit("turn", turn)
  Events.announce("TurnEnded", {
    session = self.id,
    reason = turn.reason,
    fault = fault and fault.message,
  })
  self:begin_next()
end

-- A prompt is shown when those before it are done: the server works on one after another.
---@private
function Session:begin_next()
  local shown = table.remove(self.waiting, 1)
  if shown then
    self.events:emit("text", { kind = "user", id = "own" .. vim.uv.hrtime(), text = shown })
    self.events:emit("turn", { busy = true })
  end
end

---@param client thole.Client
---@param blocks thole.Text[]
---@param shown string
function Session:prompt(client, blocks, shown)
  table.insert(self.waiting, shown)
  self.running = self.running + 1
  if self.running == 1 then
    self.began = vim.uv.hrtime()
    self:begin_next()
  end
  Events.announce("TurnStarted", { session = self.id })
  local from = vim.uv.hrtime()
  local cost = self.usage and self.usage.cost and self.usage.cost.amount or 0
  local params = { sessionId = self.id, prompt = blocks }
  client:request(methods.prompt, params, function(fault, result)
    self:turn_ended(from, cost, fault, result)
    self.began = vim.uv.hrtime()
  end)
end

return Session
