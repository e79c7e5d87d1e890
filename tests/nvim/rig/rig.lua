-- Tests with a workspace, a scripted model and a Neovim. A name is a sentence.
local Editor = require("editor")
local models = require("models")
local patience = require("patience")

local M = { file = "", tests = {} }

---@param name string
---@param options { files?: table, replies?: table, config?: table, editor?: boolean, bare?: boolean }|fun(t: table)
---@param body? fun(t: table)
function M.it(name, options, body)
  if type(options) == "function" then
    options, body = {}, options
  end
  table.insert(M.tests, { name = name, file = M.file, options = options, body = body })
end

function M.equal(actual, expected, what)
  if not vim.deep_equal(actual, expected) then
    local text = "%s:\n  expected %s\n  got      %s"
    error(text:format(what or "differs", vim.inspect(expected), vim.inspect(actual)), 2)
  end
end

function M.has(text, part)
  if not text:find(part, 1, true) then
    error(("no '%s' in:\n%s"):format(part, text), 2)
  end
end

function M.lacks(text, part)
  if text:find(part, 1, true) then
    error(("'%s' is in:\n%s"):format(part, text), 2)
  end
end

local Test = {}
Test.__index = Test

-- Another Neovim in the same workspace, with the same model.
function Test:editor(options)
  local editor = Editor.start(vim.tbl_extend("force", {
    env = self.env,
    cwd = self.root,
    config = self.options.config,
    size = self.options.size,
  }, options or {}))
  table.insert(self.editors, editor)
  return editor
end

-- A Neovim in a real terminal.
function Test:terminal(options)
  local terminal = require("terminal").start(vim.tbl_extend("force", {
    env = self.env,
    cwd = self.root,
    config = self.options.config,
  }, options or {}))
  table.insert(self.editors, terminal)
  return terminal
end

-- Runs thole's command line in the workspace; gives what it printed.
function Test:thole(...)
  local cmd = { "env", "-i" }
  for name, value in pairs(self.env) do
    table.insert(cmd, name .. "=" .. value)
  end
  vim.list_extend(cmd, { vim.env.THOLE_BINARY, ... })
  local run = vim.system(cmd, { cwd = self.root, text = true }):wait(patience)
  M.equal(run.code, 0, run.stderr)
  return vim.trim(run.stdout)
end

function Test:path(name)
  return self.root .. "/" .. name
end

function Test:read(name)
  local file = io.open(self:path(name), "rb")
  if not file then
    return nil
  end
  local text = file:read("*a")
  file:close()
  return text
end

function Test:write(name, text)
  vim.fn.mkdir(vim.fs.dirname(self:path(name)), "p")
  local file = assert(io.open(self:path(name), "wb"))
  file:write(text)
  file:close()
end

-- More answers of the model.
function Test:script(...)
  models.call("script", { key = self.key, replies = { ... } })
end

function Test:requests()
  return models.call("requests", { key = self.key }).requests
end

local function begin(test)
  local answer = models.call("start", {
    files = test.options.files,
    replies = test.options.replies,
    scripts = test.options.scripts,
  })
  local env = vim.tbl_extend("force", answer.env, test.options.env or {})
  local t = setmetatable({
    key = answer.key,
    env = env,
    root = answer.root,
    options = test.options,
    editors = {},
  }, Test)
  if test.options.editor ~= false then
    t.nvim = t:editor()
  end
  return t
end

local function faults(t)
  for _, editor in ipairs(t.editors) do
    local fine, log = pcall(
      editor.lua,
      editor,
      [[
      local lines = package.loaded["thole.log"] and require("thole.log").lines() or {}
      return table.concat(vim.tbl_filter(function(line)
        return line:find("FAULT") ~= nil
      end, lines), "\n")
    ]]
    )
    if fine and log ~= "" and not t.options.faults then
      error("the plugin found a fault of its own:\n" .. log)
    end
  end
end

local function finish(t)
  for _, editor in ipairs(t.editors) do
    pcall(editor.stop, editor)
  end
  models.call("stop", { key = t.key })
end

local function run_one(test)
  if test.options.bare then
    return xpcall(test.body, debug.traceback)
  end
  local t = begin(test)
  local fine, fault = xpcall(function()
    test.body(t)
    faults(t)
  end, debug.traceback)
  if not fine then
    for _, editor in ipairs(t.editors) do
      local alive, state = pcall(editor.state, editor)
      fault = fault .. "\n" .. (alive and state or "(this Neovim is gone)")
    end
  end
  finish(t)
  return fine, fault
end

local function is_wanted(test, words)
  for _, word in ipairs(words) do
    if not (test.name .. " " .. test.file):find(word, 1, true) then
      return false
    end
  end
  return true
end

---@param words string[]
---@return boolean
function M.run(words)
  local version = vim.version()
  io.stdout:write(("# Neovim %d.%d.%d\n"):format(version.major, version.minor, version.patch))
  local failed, count = 0, 0
  for _, test in ipairs(M.tests) do
    if is_wanted(test, words) then
      count = count + 1
      local from = vim.uv.hrtime()
      local fine, fault = run_one(test)
      local ms = (vim.uv.hrtime() - from) / 1e6
      io.stdout:write(
        ("%s %d - %s (%d ms)\n"):format(fine and "ok" or "not ok", count, test.name, ms)
      )
      if not fine then
        failed = failed + 1
        io.stdout:write((("\n" .. fault):gsub("\n", "\n# ") .. "\n"))
      end
      io.stdout:flush()
    end
  end
  models.stop()
  io.stdout:write(
    ("1..%d\n# Neovim %d.%d: %d tests, %d failed\n"):format(
      count,
      version.major,
      version.minor,
      count,
      failed
    )
  )
  return failed == 0
end

return M
