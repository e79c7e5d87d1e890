-- A Neovim in a real terminal (tmux, with a server of its own): keys go in as a user's do, the screen
-- is what a user sees. The same Neovim can be driven over RPC.
local Editor = require("editor")

local Terminal = setmetatable({}, { __index = Editor })
Terminal.__index = Terminal

local patience = require("patience")
local made = 0

local function tmux(self, ...)
  local cmd = { "tmux", "-L", self.name, "-f", "/dev/null", ... }
  local env = { LANG = "C.UTF-8", TERM = "xterm-256color" }
  local run = vim.system(cmd, { env = env, text = true }):wait(patience)
  assert(run.code == 0, run.stderr)
  return run.stdout
end

---@param options { env: table, cwd: string, config: table, size?: integer[], words?: string[], init?: string }
function Terminal.start(options)
  made = made + 1
  local name = ("thole-nvim-%d-%d"):format(vim.uv.os_getpid(), made)
  local self = setmetatable({ name = name, socket = vim.fn.tempname() .. ".sock" }, Terminal)
  local config = vim.tbl_deep_extend("force", {
    cmd = { vim.env.THOLE_BINARY, "--stdio" },
  }, options.config or {})
  local size = options.size or { 110, 34 }
  local words = { "env", "-i" }
  for key, value in pairs(vim.tbl_extend("force", options.env, { TERM = "tmux-256color" })) do
    table.insert(words, key .. "=" .. value)
  end
  vim.list_extend(words, {
    vim.v.progpath,
    "--clean",
    "--listen",
    self.socket,
    "--cmd",
    "set noswapfile rtp^=" .. vim.fn.getcwd(),
    "--cmd",
    "lua Notices = {} vim.g.thole = vim.json.decode([=[" .. vim.json.encode(config) .. "]=])",
    "--cmd",
    Editor.counts,
  })
  vim.list_extend(words, options.words or {})
  local place = { "-x", tostring(size[1]), "-y", tostring(size[2]), "-c", options.cwd }
  tmux(self, "new-session", "-d", unpack(vim.list_extend(place, words)))
  tmux(self, "set-option", "-g", "status", "off")
  tmux(self, "set-option", "-g", "escape-time", "0")
  local came = vim.wait(patience, function()
    if not vim.uv.fs_stat(self.socket) then
      return false
    end
    local fine, channel = pcall(vim.fn.sockconnect, "pipe", self.socket, { rpc = true })
    self.channel = fine and channel or nil
    return self.channel ~= nil and self.channel > 0
  end, 20)
  assert(came, "Neovim does not listen")
  self:wait("vim.v.vim_did_enter == 1", "the end of its start")
  return self
end

-- Types text as it is.
function Terminal:type(text)
  tmux(self, "send-keys", "-l", "--", text)
end

-- Presses keys by tmux's names: Enter, Escape, C-s.
function Terminal:press(...)
  tmux(self, "send-keys", ...)
end

function Terminal:screen()
  return (tmux(self, "capture-pane", "-p"):gsub("[ \t]+\n", "\n"):gsub("\n+$", ""))
end

-- The screen with its colours, as escape sequences.
function Terminal:colours()
  return tmux(self, "capture-pane", "-p", "-e", "-N")
end

function Terminal:stop()
  pcall(vim.fn.chanclose, self.channel)
  pcall(tmux, self, "kill-server")
end

return Terminal
