-- The task list of the current session beside, live; one task with its worker's output.
local Panel = require("thole.panel")
local agent = require("thole.agent")
local config = require("thole.config")
local protocol = require("thole.protocol")
local ui = require("thole.ui")

local api = vim.api
local M = {}

local states = {
  pending = { "○", "TholePending", "TholeTaskOpen" },
  in_progress = { "◐", "TholeRunning", "TholeTaskActive" },
  completed = { "✓", "TholeDone", "TholeTaskDone" },
  cancelled = { "–", "TholeDim", "TholeTaskDone" },
}

local function head(tasks)
  local done, count = 0, 0
  for _, task in ipairs(tasks) do
    if task.status ~= "cancelled" then
      count = count + 1
      done = done + (task.status == "completed" and 1 or 0)
    end
  end
  return { { "Tasks", "TholeTitle" }, { ("  %d/%d"):format(done, count), "TholeDim" } }
end

local function line_of(task)
  local state = states[task.status] or states.pending
  local line = {
    { " " .. state[1] .. " ", state[2] },
    { ("%d "):format(task.number), "TholeDim" },
    { (task.content:gsub("\n", " ")), state[3] },
    item = task,
  }
  if task.priority == "high" and task.status ~= "completed" then
    table.insert(line, { " !", "TholeWarning" })
  end
  if task.reason then
    table.insert(line, { "  " .. task.reason:gsub("\n", " "), "TholeDim" })
  end
  return line
end

local function draw()
  local session = agent.current
  local tasks = session and session.tasks or {}
  local lines = { head(tasks) }
  for _, task in ipairs(tasks) do
    table.insert(lines, line_of(task))
  end
  if #tasks == 0 then
    table.insert(lines, { { " no tasks", "TholeDim" } })
  end
  return lines
end

local function show_detail(number, text)
  local buf = ui.scratch({ filetype = "markdown", wipe = true })
  pcall(api.nvim_buf_set_name, buf, "thole://task/" .. number)
  ui.set_lines(buf, vim.split((text:gsub("\r", ""):gsub("\n$", "")), "\n", { plain = true }))
  local beside = ui.file_window()
  api.nvim_open_win(buf, true, { split = beside and "below" or "right", win = beside or -1 })
  vim.wo.wrap = true
  vim.keymap.set("n", "q", "<Cmd>close<CR>", { buffer = buf, desc = "thole: close" })
end

-- One task: number, text, state, times, files, and what its worker said.
---@param number integer
function M.detail(number)
  local params = { sessionId = agent.current.id, number = number }
  agent.request(protocol.methods.tasks, params, function(fault, result)
    if fault then
      local is_unknown = fault.code == -32601
      local text = is_unknown and "this thole is too old to show one task" or fault.message
      return ui.say(text, vim.log.levels.ERROR)
    end
    show_detail(number, result.detail or "")
  end)
end

local panel = Panel.new("tasks", draw, function(buf)
  local open = config.get().keys.tasks.open
  if open then
    vim.keymap.set("n", open, function()
      M.open_here()
    end, { buffer = buf, desc = "thole: show the task" })
  end
end)

function M.open_here()
  local task = panel:item()
  if task then
    M.detail(task.number)
  end
end

---@param word? string a number: this task
function M.run(word)
  if not word then
    return panel:toggle()
  end
  local number = tonumber(word)
  if not number then
    return ui.say(("tasks: expected a number, got '%s'"):format(word), vim.log.levels.ERROR)
  end
  M.detail(number)
end

---@param session thole.Session
function M.watch(session)
  local function refresh()
    panel:refresh()
  end
  session:on("tasks", refresh)
  session:on("reset", refresh)
end

agent.events:on("session", function()
  panel:refresh()
end)

return M
