-- What waits for an answer of the user: approvals and questions, in order of arrival. Each is answered
-- exactly once. How they are shown is not known here.
local Events = require("thole.events")
local Session = require("thole.session")
local protocol = require("thole.protocol")

---@class thole.Ask
---@field id any of the request
---@field kind "approval"|"question"
---@field session string
---@field call? thole.Call of an approval
---@field why? string
---@field always? string what "for this session" would cover
---@field rules string[]
---@field closest? string
---@field worker? { agentId: string, task: string }
---@field question? string
---@field choices string[]
---@field package answer thole.Answer

local M = {
  ---@type thole.Ask[]
  list = {},
  events = Events.new(),
}

local withdrawn = { code = protocol.codes.cancelled, message = "withdrawn" }

local function changed()
  M.events:emit("changed", M.list)
end

local function mark_waiting(ask, is_waiting)
  local session = require("thole.agent").sessions[ask.session]
  local call = session and ask.call and session.calls[ask.call.id]
  if call then
    call.is_waiting = is_waiting
    session.events:emit("call", call)
  end
end

local function remove(ask)
  for i, other in ipairs(M.list) do
    if other == ask then
      table.remove(M.list, i)
      mark_waiting(ask, nil)
      if ask.stop then
        ask.stop()
      end
      return true
    end
  end
  return false
end

local function drop(ask, result, fault)
  if remove(ask) then
    ask.answer(result, fault)
  end
end

local function drop_if(matches, result, fault)
  local list = vim.list_slice(M.list)
  local any = false
  for _, ask in ipairs(list) do
    if matches(ask) then
      drop(ask, result, fault)
      any = true
    end
  end
  if any then
    changed()
  end
end

local function add(ask)
  drop_if(function(other)
    return ask.call and other.call and other.call.id == ask.call.id
  end, nil, withdrawn)
  table.insert(M.list, ask)
  mark_waiting(ask, true)
  changed()
  Events.announce("Asks", { kind = ask.kind, session = ask.session, waiting = #M.list })
end

-- When the call goes on without this answer, somebody else has given one.
local function watch(ask)
  local session = require("thole.agent").sessions[ask.session]
  if session and ask.call then
    ask.stop = session:on("call", function(call)
      if call.id == ask.call.id and call.status ~= "pending" then
        drop_if(function(other)
          return other == ask
        end, nil, withdrawn)
      end
    end)
  end
end

---@param params thole.WirePermission
---@param answer thole.Answer
---@param id any
function M.permission(params, answer, id)
  local about = protocol.meta(params)
  local ask = {
    id = id,
    kind = "approval",
    session = params.sessionId,
    call = Session.merged(nil, params.toolCall),
    why = about.why,
    rules = about.alwaysRules or {},
    closest = about.closestRule,
    worker = about.agent,
    choices = {},
    answer = answer,
    options = {},
  }
  for _, option in ipairs(params.options or {}) do
    ask.options[option.kind] = option.optionId
    if option.kind == "allow_always" then
      ask.always = option.name
    end
  end
  add(ask)
  watch(ask)
end

---@param params table
---@param answer thole.Answer
---@param id any
function M.question(params, answer, id)
  local properties = vim.tbl_get(params, "requestedSchema", "properties") or {}
  local choices = {}
  for _, choice in ipairs(properties.choice and properties.choice.oneOf or {}) do
    table.insert(choices, choice.const)
  end
  add({
    id = id,
    kind = "question",
    session = params.sessionId,
    question = params.message or "",
    rules = {},
    choices = choices,
    worker = protocol.meta(params).agent,
    answer = answer,
  })
end

---@alias thole.Decision "once"|"session"|"reject"

local kinds = { once = "allow_once", session = "allow_always", reject = "reject_once" }

-- Answers an approval. Nothing happens when `for this session` is not offered.
---@param ask thole.Ask
---@param decision thole.Decision
---@param reason? string of a rejection
---@return boolean answered
function M.decide(ask, decision, reason)
  local option = ask.options and ask.options[kinds[decision]]
  if not option then
    return false
  end
  local outcome = { outcome = "selected", optionId = option }
  if reason and reason ~= "" then
    outcome._meta = { thole = { reason = reason } }
  end
  drop(ask, { outcome = outcome })
  changed()
  return true
end

-- Answers a question: with one of its choices, or with the user's own words. nil: not at all.
---@param ask thole.Ask
---@param words? string
function M.reply(ask, words)
  if not words then
    drop(ask, { action = "decline" })
  elseif vim.list_contains(ask.choices, words) then
    drop(ask, { action = "accept", content = { choice = words } })
  else
    drop(ask, { action = "accept", content = { answer = words } })
  end
  changed()
end

-- The server takes a question back.
---@param id any
function M.withdraw(id)
  drop_if(function(ask)
    return ask.id == id
  end, nil, withdrawn)
end

-- The turn is cancelled: all that it asked is answered so.
---@param session string
function M.cancel(session)
  for _, kind in ipairs({ "approval", "question" }) do
    local result = kind == "approval" and { outcome = { outcome = "cancelled" } }
      or { action = "cancel" }
    drop_if(function(ask)
      return ask.session == session and ask.kind == kind
    end, result)
  end
end

-- The process is gone.
function M.clear()
  for _, ask in ipairs(vim.list_slice(M.list)) do
    remove(ask)
  end
  changed()
end

return M
