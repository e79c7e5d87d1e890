-- A Neovim of its own, driven over RPC: keys go in, Lua is run in it, its screen is looked at.
local Editor = {}
Editor.__index = Editor

local patience = require("patience")

---@param options { env: table, cwd: string, config: table, cmd?: string[], size?: integer[] }
function Editor.start(options)
  local size = options.size or { 120, 40 }
  local config = vim.tbl_deep_extend("force", {
    cmd = { vim.env.THOLE_BINARY, "--stdio" },
  }, options.config or {})
  local words = vim.list_extend({
    vim.v.progpath,
    "--clean",
    "--embed",
    "--headless",
    "--cmd",
    ("set noswapfile columns=%d lines=%d rtp^=%s"):format(size[1], size[2], vim.fn.getcwd()),
    "--cmd",
    "lua Notices = {} vim.notify = function(text) table.insert(Notices, text) end",
    "--cmd",
    Editor.counts,
    "--cmd",
    "lua vim.g.thole = vim.json.decode([=[" .. vim.json.encode(config) .. "]=])",
  }, options.words or {})
  local channel = vim.fn.jobstart(words, {
    rpc = true,
    cwd = options.cwd,
    env = options.env,
    clear_env = true,
  })
  assert(channel > 0, "Neovim does not start")
  return setmetatable({ channel = channel }, Editor)
end

-- Runs Lua in it; `...` are its arguments.
function Editor:lua(code, ...)
  return vim.rpcrequest(self.channel, "nvim_exec_lua", code, { ... })
end

function Editor:command(text)
  return self:lua("vim.cmd(...)", text)
end

-- Everything that it was notified of, one below the other.
function Editor:notices()
  return self:lua([[return table.concat(Notices, "\n")]])
end

-- Waits for a notice with the plain text.
function Editor:wait_notice(text)
  local quoted = ("%q"):format(text)
  local found = [[table.concat(Notices, "\n"):find(%s, 1, true)]]
  self:wait(found:format(quoted), "notice: " .. text)
end

function Editor:keys(keys)
  vim.rpcrequest(self.channel, "nvim_input", keys)
end

-- Waits until the Lua expression is true, and gives its value.
function Editor:wait(expression, what)
  local value
  local came = vim.wait(patience, function()
    value = self:lua(("local value = %s return type(value) == 'table' or value"):format(expression))
    return value ~= nil and value ~= vim.NIL and value ~= false
  end, 5)
  if not came then
    error(("no %s in %d ms:\n%s"):format(what or expression, patience, self:state()), 2)
  end
  return value
end

-- Waits until the screen has the plain text.
function Editor:wait_screen(text)
  local came = vim.wait(patience, function()
    return self:screen():find(text, 1, true) ~= nil
  end, 10)
  if not came then
    error(("no '%s' on the screen:\n%s"):format(text, self:state()), 2)
  end
end

function Editor:screen()
  return self:lua([[
    vim.cmd.redraw()
    local rows = {}
    for row = 1, vim.o.lines do
      local cells = {}
      for column = 1, vim.o.columns do
        cells[column] = vim.fn.screenstring(row, column)
      end
      rows[row] = (table.concat(cells):gsub("%s+$", ""))
    end
    return table.concat(rows, "\n")
  ]])
end

function Editor:state()
  return self:screen()
    .. "\nmessages: "
    .. self:lua("return vim.fn.execute('messages')")
    .. "\nnotices: "
    .. self:notices()
    .. "\nlog: "
    .. self:lua([[
      return package.loaded["thole.log"] and table.concat(require("thole.log").lines(), "\n") or ""
    ]])
end

-- Text of the conversation of the current session.
function Editor:chat()
  return self:lua([[
    local session = package.loaded["thole.agent"] and require("thole.agent").current
    if not session then
      return ""
    end
    local transcript = require("thole.chat").transcript(session)
    transcript:finish()
    return table.concat(vim.api.nvim_buf_get_lines(transcript.buf, 0, -1, false), "\n")
  ]])
end

-- Waits until the conversation has the plain text.
function Editor:wait_text(text)
  local came = vim.wait(patience, function()
    return self:chat():find(text, 1, true) ~= nil
  end, 10)
  if not came then
    error(("no '%s' in the chat:\n%s\n%s"):format(text, self:chat(), self:state()), 2)
  end
end

-- Waits until the session has nothing more to do.
function Editor:wait_idle()
  self:wait(
    [[(function()
      local session = require("thole.agent").current
      return session and not session:is_busy()
    end)()]],
    "end of the turn"
  )
end

-- Counts the turns that begin: a short one may be over before it is looked at.
Editor.counts = "lua Turns = 0 vim.api.nvim_create_autocmd('User', { pattern = 'TholeTurnStarted',"
  .. " callback = function() Turns = Turns + 1 end })"

-- Sends a prompt and waits until its turn has begun.
function Editor:ask(text)
  local before = self:lua("local before = Turns require('thole').ask(...) return before", text)
  self:wait("Turns > " .. before, "turn")
end

function Editor:stop()
  vim.fn.jobstop(self.channel)
  vim.fn.jobwait({ self.channel }, 2000)
end

return Editor
