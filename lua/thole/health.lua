-- :checkhealth thole
local M = {}

local health = vim.health

local function check_editor()
  health.start("Neovim")
  if vim.fn.has("nvim-0.10") == 1 then
    health.ok(tostring(vim.version()))
  else
    health.error("Neovim 0.10 or newer is needed, this is " .. tostring(vim.version()))
  end
  if pcall(vim.treesitter.language.inspect, "markdown") then
    health.ok("treesitter has a parser for Markdown")
  else
    health.warn("no treesitter parser for Markdown: the chat has no colours", {
      "Neovim's own packages bring one; see :help treesitter-parsers",
    })
  end
end

local function check_options()
  local config = require("thole.config")
  health.start("Options")
  local own = type(vim.g.thole) == "table" and vim.g.thole or {}
  local given = vim.tbl_deep_extend("force", own, require("thole").options or {})
  local faults = config.faults(given)
  for _, fault in ipairs(faults) do
    health.error(fault)
  end
  if #faults == 0 then
    health.ok(next(given) and "all options are known" or "the defaults")
  end
end

local function version_of(cmd)
  local run = vim.system({ cmd[1], "--version" }, { text = true }):wait(5000)
  return run.code == 0 and vim.trim(run.stdout) or nil, run
end

local function doctor(cmd)
  local run = vim.system({ cmd[1], "doctor" }, { text = true, cwd = vim.fn.getcwd() }):wait(15000)
  local report = run.code == 0 and health.info or health.warn
  for line in ((run.stdout or "") .. (run.stderr or "")):gmatch("[^\n]+") do
    report((line:gsub("\27%[[%d;]*m", "")))
  end
end

local function check_program()
  local agent = require("thole.agent")
  health.start("The program")
  local cmd, missing = agent.command()
  if not cmd then
    return health.error(missing --[[@as string]])
  end
  local version, run = version_of(cmd)
  if not version then
    local why = vim.trim((run.stderr or "") .. " " .. (run.stdout or ""))
    return health.error(("`%s --version` failed with code %d: %s"):format(cmd[1], run.code, why))
  end
  health.ok(("%s (%s)"):format(version, vim.fn.exepath(cmd[1])))
  health.info("thole doctor says:")
  doctor(cmd)
end

local function check_connection()
  local agent = require("thole.agent")
  health.start("The connection")
  if agent.state ~= "ready" then
    return health.info("not running; it starts with the first command")
  end
  local names = vim.tbl_keys(agent.features)
  table.sort(names)
  health.ok(
    ("running, process %d; features: %s"):format(
      agent.pid() or 0,
      #names > 0 and table.concat(names, ", ") or "none beyond ACP"
    )
  )
  health.info(("%d sessions open"):format(vim.tbl_count(agent.sessions)))
end

function M.check()
  check_editor()
  check_options()
  check_program()
  check_connection()
end

return M
