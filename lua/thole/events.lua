-- Who wants to know what. A listener that fails is reported and does not keep others from hearing.
---@class thole.Events
---@field private heard table<string, fun(payload: any)[]>
local Events = {}
Events.__index = Events

---@return thole.Events
function Events.new()
  return setmetatable({ heard = {} }, Events)
end

---@param name string
---@param listener fun(payload: any)
---@return fun() stop
function Events:on(name, listener)
  local list = vim.list_slice(self.heard[name] or {})
  table.insert(list, listener)
  self.heard[name] = list
  return function()
    self.heard[name] = vim.tbl_filter(function(other)
      return other ~= listener
    end, self.heard[name])
  end
end

---@param name string
---@param payload any
function Events:emit(name, payload)
  for _, listener in ipairs(self.heard[name] or {}) do
    local fine, fault = xpcall(listener, debug.traceback, payload)
    if not fine then
      require("thole.log").fault(("event %s: %s"):format(name, fault))
    end
  end
end

-- A `User` autocommand, for the user's own configuration.
---@param name string without the `Thole` before it
---@param payload? table becomes `data`
function Events.announce(name, payload)
  vim.api.nvim_exec_autocmds("User", {
    pattern = "Thole" .. name,
    modeline = false,
    data = payload or {},
  })
end

return Events
