-- The one thole process of this Neovim and the sessions that are open in it. Starts it when it is
-- first needed, starts it again when it dies, and hands what it asks for to whoever can answer.
local Client = require("thole.client")
local Events = require("thole.events")
local Session = require("thole.session")
local config = require("thole.config")
local log = require("thole.log")
local protocol = require("thole.protocol")

local methods, calls = protocol.methods, protocol.calls

local M = {
  ---@type "stopped"|"starting"|"ready"
  state = "stopped",
  ---@type table<string, thole.Session>
  sessions = {},
  ---@type thole.Session?
  current = nil,
  ---@type table<string, table> features of the server by name
  features = {},
  info = {},
  events = Events.new(),
}

local client ---@type thole.Client?
local waiting = {} ---@type fun(fault?: thole.Error)[]
local stopping = false
local deaths = {} ---@type integer[] when, in ms

local function notify(text, level)
  vim.notify("thole: " .. text, level or vim.log.levels.INFO)
end

-- The folder that this plugin is in: the program may have been built there.
---@return string
function M.home()
  return (debug.getinfo(1, "S").source:sub(2):gsub("/lua/thole/agent%.lua$", ""))
end

-- The command with its program found, or nil and what to do about it.
---@return string[]?, string?
function M.command()
  local cmd = vim.deepcopy(config.get().cmd)
  if vim.fn.executable(cmd[1]) == 1 then
    return cmd
  end
  if cmd[1] == "thole" then
    for _, kind in ipairs({ "program", "release" }) do
      local built = ("%s/build/%s/thole"):format(M.home(), kind)
      if vim.fn.executable(built) == 1 then
        cmd[1] = built
        return cmd
      end
    end
  end
  local text = "cannot run '%s': there is no such program%s.\nBuild it with\n    cd %s && ./dev build program\n"
    .. "where it is found, or put `thole` on your PATH, or set `cmd` (:help thole.cmd)."
  local where = cmd[1]:find("/") and "" or " on PATH"
  return nil, text:format(cmd[1], where, M.home())
end

local requests = {
  [calls.permission] = function(params, answer, id)
    require("thole.asks").permission(params, answer, id)
  end,
  [calls.question] = function(params, answer, id)
    require("thole.asks").question(params, answer, id)
  end,
  [calls.read] = function(params, answer)
    require("thole.buffers").serve_read(params, answer)
  end,
  [calls.write] = function(params, answer)
    require("thole.buffers").serve_write(params, answer)
  end,
  [calls.diagnostics] = function(params, answer)
    answer({ diagnostics = require("thole.diagnostics").list(params.path) })
  end,
}

local function on_request(method, params, answer, id)
  local serve = requests[method]
  if not serve then
    return answer(nil, { code = -32601, message = "method not found: " .. method })
  end
  local fine, fault = xpcall(serve, debug.traceback, params, answer, id)
  if not fine then
    log.fault(("%s: %s"):format(method, fault))
    answer(nil, { code = protocol.codes.internal, message = "the editor failed: " .. fault })
  end
end

local notifications = {
  [calls.update] = function(session, params)
    session:update(params.update or {})
  end,
  [calls.plan_changed] = function(session, params)
    session:plan_changed(params)
  end,
  [calls.agents_changed] = function(session, params)
    session:agents_changed(params.agents or {})
  end,
  [calls.changes_changed] = function(session, params)
    session.events:emit("changes", params.paths or {})
  end,
}

local function on_notification(method, params)
  if method == calls.withdraw then
    return require("thole.asks").withdraw(params.requestId)
  end
  local session = M.sessions[params.sessionId]
  local take = notifications[method]
  if session and take then
    take(session, params)
  end
end

local function settle(fault)
  local all = waiting
  waiting = {}
  for _, wake in ipairs(all) do
    wake(fault)
  end
end

-- The sessions that were open are loaded again: their logs have all that was said.
local function revive()
  local lost = vim.tbl_values(M.sessions)
  M.connect(function(fault)
    if fault then
      return notify(fault.message, vim.log.levels.ERROR)
    end
    for _, session in ipairs(lost) do
      M.ready(session, function(failed)
        local text = failed and "The session could not be opened again: " .. failed.message
          or "thole was started again; this is what its log holds."
        session.events:emit("note", { level = failed and "error" or "warning", text = text })
      end)
    end
  end)
end

local function how(code, signal)
  if signal ~= 0 then
    return "was killed by signal " .. signal
  end
  return "ended with code " .. code
end

local function dies_too_often()
  local now = vim.uv.now()
  table.insert(deaths, now)
  deaths = vim.tbl_filter(function(at)
    return now - at < 60000
  end, deaths)
  return #deaths > 3
end

local function on_exit(code, signal)
  local was = M.state
  client, M.state = nil, "stopped"
  for _, session in pairs(M.sessions) do
    session.is_gone = true
    session:set_busy(false)
  end
  require("thole.asks").clear()
  M.events:emit("state", M.state)
  Events.announce("Exit", { code = code, signal = signal, expected = stopping })
  if stopping then
    stopping = false
    return settle({ code = -32603, message = "thole was stopped" })
  end
  local words = "thole " .. how(code, signal)
  local last = log.last_words()
  if was == "starting" then
    local detail = last and ": " .. last or ""
    return settle({ code = -32603, message = words .. " before it answered" .. detail })
  end
  settle({ code = -32603, message = words })
  if next(M.sessions) == nil then
    return
  end
  if dies_too_often() then
    return notify(words .. " again and is not started any more. :Thole log", vim.log.levels.ERROR)
  end
  notify(words .. "; starting it again", vim.log.levels.WARN)
  revive()
end

local function initialized(fault, result)
  if fault then
    return settle(fault)
  end
  local capabilities = result.agentCapabilities or {}
  M.info = result.agentInfo or {}
  M.features = protocol.meta(capabilities).features or {}
  M.state = "ready"
  M.events:emit("state", M.state)
  settle()
end

local function start()
  local settings = config.get()
  local cmd, missing = M.command()
  if not cmd then
    return settle({ code = -32603, message = missing })
  end
  M.state = "starting"
  local env = vim.tbl_extend("force", { THOLE_EDITOR = "nvim" }, settings.env)
  local started, fault = Client.start({
    cmd = cmd,
    cwd = vim.fn.getcwd(),
    env = env,
    trace = settings.trace,
    on_request = on_request,
    on_notification = on_notification,
    on_exit = on_exit,
  })
  if not started then
    M.state = "stopped"
    return settle({ code = -32603, message = ("cannot start %s: %s"):format(cmd[1], fault) })
  end
  client = started
  client:request(methods.initialize, protocol.initialize("0.1.0"), initialized)
end

-- Calls back when thole is there, with a fault when it cannot be.
---@param done fun(fault?: thole.Error)
function M.connect(done)
  if M.state == "ready" then
    return done()
  end
  table.insert(waiting, done)
  if M.state == "stopped" then
    start()
  end
end

---@param method string
---@param params table
---@param done fun(fault?: thole.Error, result: any)
function M.request(method, params, done)
  M.connect(function(fault)
    if fault or not client then
      return done(fault or { code = -32603, message = "thole is not running" })
    end
    client:request(method, params, done)
  end)
end

---@param method string
---@param params table
function M.notify(method, params)
  if client then
    client:notify(method, params)
  end
end

-- Makes a session the one that commands mean.
---@param session? thole.Session
function M.choose(session)
  M.current = session
  M.events:emit("session", session)
  Events.announce("Session", { session = session and session.id })
end

local function wishes(session)
  local settings = config.get()
  if settings.mode ~= "" then
    M.set_mode(session, settings.mode)
  end
  if settings.model ~= "" then
    M.set_option(session, "model", settings.model)
  end
end

---@param done fun(fault?: thole.Error, session?: thole.Session)
function M.new(done)
  local cwd = vim.fn.getcwd()
  M.request(methods.new, { cwd = cwd, mcpServers = {} }, function(fault, result)
    if fault then
      return done(fault)
    end
    local session = Session.new(result.sessionId, cwd)
    M.sessions[session.id] = session
    M.events:emit("opened", session)
    session:opened(result)
    wishes(session)
    done(nil, session)
  end)
end

-- Opens a session of the past, or attaches to one that runs elsewhere; what it holds comes as events.
---@param id string
---@param cwd string
---@param done fun(fault?: thole.Error, session?: thole.Session)
---@param parent? string the session whose sub-agent it is
function M.load(id, cwd, done, parent)
  local session = M.sessions[id]
  local is_new = session == nil
  session = session or Session.new(id, cwd)
  session.parent = parent or session.parent
  M.sessions[id] = session
  if is_new then
    M.events:emit("opened", session)
  else
    session:reset()
  end
  session.is_loading, session.is_gone = true, false
  local params = { sessionId = id, cwd = cwd, mcpServers = {} }
  M.request(methods.load, params, function(fault, result)
    session.is_loading = false
    if fault then
      if is_new then
        M.forget(session)
      end
      return done(fault)
    end
    session:opened(result)
    session.events:emit("loaded", session)
    done(nil, session)
  end)
end

-- Makes sure that the process there is has the session open.
---@param session thole.Session
---@param done fun(fault?: thole.Error, session?: thole.Session)
function M.ready(session, done)
  M.connect(function(fault)
    if fault or not session.is_gone then
      return done(fault, session)
    end
    M.load(session.id, session.cwd, done)
  end)
end

-- The session that commands mean, made when there is none.
---@param done fun(fault?: thole.Error, session?: thole.Session)
function M.session(done)
  if M.current then
    return M.ready(M.current, done)
  end
  M.new(function(fault, session)
    if session then
      M.choose(session)
    end
    done(fault, session)
  end)
end

---@param session thole.Session
function M.forget(session)
  M.sessions[session.id] = nil
  session.events:emit("closed", session)
  if M.current == session then
    M.choose(nil)
  end
end

-- Lets go of a session; it stays on disk.
---@param session thole.Session
---@param done? fun(fault?: thole.Error)
function M.close(session, done)
  M.forget(session)
  M.request(methods.close, { sessionId = session.id }, function(fault)
    if done then
      done(fault)
    end
  end)
end

---@param session thole.Session
---@param blocks thole.Text[]
---@param shown string
function M.prompt(session, blocks, shown)
  M.ready(session, function(fault)
    if fault or not client then
      return notify(fault and fault.message or "not running", vim.log.levels.ERROR)
    end
    session:prompt(client, blocks, shown)
  end)
end

---@param session thole.Session
function M.cancel(session)
  require("thole.asks").cancel(session.id)
  M.notify(methods.cancel, { sessionId = session.id })
end

local function report(fault)
  if fault then
    notify(fault.message, vim.log.levels.ERROR)
  end
end

---@param session thole.Session
---@param mode string
function M.set_mode(session, mode)
  M.request(methods.set_mode, { sessionId = session.id, modeId = mode }, report)
end

---@param session thole.Session
---@param id string
---@param value string
function M.set_option(session, id, value)
  local params = { sessionId = session.id, configId = id, value = value }
  M.request(methods.set_option, params, function(fault, result)
    report(fault)
    if result and result.configOptions then
      session.options = result.configOptions
      session.events:emit("options", session)
    end
  end)
end

-- Ends the process. Sessions stay on disk; the chat stays to be read.
function M.stop()
  if client then
    stopping = true
    client:terminate()
  end
end

---@return integer? pid of the process
function M.pid()
  return client and client:pid()
end

return M
