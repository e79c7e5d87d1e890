-- The process, its framing (one JSON-RPC message a line) and the table of what is not answered yet.
-- It knows no method. Messages are dealt with on the main loop, in slices, so that a flood of them
-- leaves room for keys and redraws.
local log = require("thole.log")

local uv = vim.uv
local slice = 6e6 -- ns of messages at a stretch

---@class thole.Error
---@field code integer
---@field message string
---@field data? any

---@alias thole.Answer fun(result: any, fault?: thole.Error)

---@class thole.ClientOptions
---@field cmd string[]
---@field cwd string
---@field env table<string, string>
---@field trace boolean
---@field on_request fun(method: string, params: table, answer: thole.Answer, id: any)
---@field on_notification fun(method: string, params: table)
---@field on_exit fun(code: integer, signal: integer)

---@class thole.Client
---@field private options thole.ClientOptions
---@field private process vim.SystemObj
---@field private pending table<integer, fun(fault?: thole.Error, result: any)>
---@field private queue table
---@field private first integer
---@field private last integer
local Client = {}
Client.__index = Client

-- Starts the program. The second result says why it could not be started.
---@param options thole.ClientOptions
---@return thole.Client?, string?
function Client.start(options)
  local self = setmetatable({
    options = options,
    pending = {},
    next_id = 1,
    queue = {},
    first = 1,
    last = 0,
    partial = {},
    timer = assert(uv.new_timer()),
  }, Client)
  local fine, result = pcall(vim.system, options.cmd, {
    cwd = options.cwd,
    env = options.env,
    stdin = true,
    stdout = function(_, bytes)
      self:receive(bytes)
    end,
    stderr = function(_, bytes)
      if bytes then
        vim.schedule(function()
          log.program(bytes)
        end)
      end
    end,
  }, function(ended)
    self:push({ exit = ended })
  end)
  if not fine then
    self.timer:close()
    return nil, tostring(result)
  end
  self.process = result
  return self
end

---@return integer
function Client:pid()
  return self.process.pid
end

---@private
function Client:receive(bytes)
  if not bytes then
    return
  end
  local from = 1
  while true do
    local stop = bytes:find("\n", from, true)
    if not stop then
      break
    end
    table.insert(self.partial, bytes:sub(from, stop - 1))
    self:push({ line = table.concat(self.partial) })
    self.partial = {}
    from = stop + 1
  end
  if from <= #bytes then
    table.insert(self.partial, bytes:sub(from))
  end
end

---@private
function Client:push(entry)
  self.last = self.last + 1
  self.queue[self.last] = entry
  if not self.draining then
    self.draining = true
    vim.schedule(function()
      self:drain()
    end)
  end
end

-- What is left after a slice waits for a timer: vim.schedule alone would go on before any key.
---@private
function Client:drain()
  local stop = uv.hrtime() + slice
  while self.first <= self.last do
    local entry = self.queue[self.first]
    self.queue[self.first] = nil
    self.first = self.first + 1
    local fine, fault = xpcall(self.take, debug.traceback, self, entry)
    if not fine then
      log.fault(fault)
    end
    if uv.hrtime() > stop and self.first <= self.last then
      self.timer:start(
        1,
        0,
        vim.schedule_wrap(function()
          self:drain()
        end)
      )
      return
    end
  end
  self.draining = false
end

---@private
function Client:take(entry)
  if entry.exit then
    return self:ended(entry.exit)
  end
  if not entry.line:find("%S") then
    return
  end
  if self.options.trace then
    log.message("<-", entry.line)
  end
  local fine, message = pcall(vim.json.decode, entry.line, {
    luanil = { object = true, array = true },
  })
  if not fine or type(message) ~= "table" then
    log.note("not a message: " .. entry.line:sub(1, 300))
  elseif message.method and message.id ~= nil then
    self:requested(message)
  elseif message.method then
    self.options.on_notification(message.method, message.params or {})
  else
    self:answered(message)
  end
end

---@private
function Client:requested(message)
  local open = true
  self.options.on_request(message.method, message.params or {}, function(result, fault)
    if not open then
      return
    end
    open = false
    if fault then
      self:send({ id = message.id, error = fault })
    else
      self:send({ id = message.id, result = result == nil and vim.empty_dict() or result })
    end
  end, message.id)
end

---@private
function Client:answered(message)
  local waiting = message.id ~= nil and self.pending[message.id]
  if not waiting then
    if message.error then
      log.note("an error without a request: " .. tostring(message.error.message))
    end
    return
  end
  self.pending[message.id] = nil
  waiting(message.error, message.result)
end

---@private
function Client:ended(result)
  self.is_over = true
  self.timer:stop()
  self.timer:close()
  local waiting = self.pending
  self.pending = {}
  self.options.on_exit(result.code, result.signal)
  for _, answer in pairs(waiting) do
    answer({ code = -32603, message = "thole ended before it answered" })
  end
end

---@private
function Client:send(message)
  if self.is_over then
    return
  end
  message.jsonrpc = "2.0"
  local text = vim.json.encode(message)
  if self.options.trace then
    log.message("->", text)
  end
  self.process:write(text .. "\n")
end

---@param method string
---@param params table
---@param answer fun(fault?: thole.Error, result: any)
---@return integer id
function Client:request(method, params, answer)
  local id = self.next_id
  self.next_id = id + 1
  if self.is_over then
    answer({ code = -32603, message = "thole is not running" })
    return id
  end
  self.pending[id] = answer
  self:send({ id = id, method = method, params = params })
  return id
end

---@param method string
---@param params table
function Client:notify(method, params)
  self:send({ method = method, params = params })
end

-- Ends the input: thole finishes what runs and goes.
function Client:close()
  if not self.is_over then
    self.process:write(nil)
  end
end

-- Asks the program to end now; it cancels what runs and closes its sessions first.
function Client:terminate()
  if not self.is_over then
    self.process:kill("sigterm")
  end
end

return Client
