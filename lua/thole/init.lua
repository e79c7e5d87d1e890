-- What users call. Everything else is loaded when it is first needed.
local M = {}

---@type table? what setup() was given; read on first use
M.options = nil

-- Optional. Keeps the options; they are read and checked on first use.
---@param options? table see |thole-options|
function M.setup(options)
  M.options = options
  if package.loaded["thole.config"] then
    require("thole.config").set(options)
  end
end

-- For 'statusline': mode, what it does, how many approvals wait. Empty while thole is not running.
---@return string
function M.statusline()
  if not package.loaded["thole.agent"] then
    return ""
  end
  return require("thole.statusline").text()
end

-- Sends a prompt to the current session, as `:Thole ask` does.
---@param text string
function M.ask(text)
  require("thole.command").run({ "ask", text })
end

-- Runs a subcommand of `:Thole`.
---@param ... string
function M.run(...)
  require("thole.command").run({ ... })
end

return M
