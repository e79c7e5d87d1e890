-- The task list beside, live, and one task in full.
local rig = require("rig")
local it, equal, has = rig.it, rig.equal, rig.has

local function tasks(...)
  local list = {}
  for _, task in ipairs({ ... }) do
    table.insert(list, { content = task[1], status = task[2], priority = task[3] })
  end
  return { "calls", { name = "update_tasks", input = { tasks = list } } }
end

local three = {
  replies = {
    tasks(
      { "Look at the oars", "in_progress" },
      { "Row", "pending", "high" },
      { "Rest", "pending" }
    ),
    { "calls", { name = "bash", input = { command = "touch a" } } },
    tasks(
      { "Look at the oars", "completed" },
      { "Row", "in_progress", "high" },
      { "Rest", "pending" }
    ),
    { "say", "On it." },
  },
}

it("the list follows the agent", three, function(t)
  t.nvim:command("Thole chat")
  t.nvim:ask("go")
  t.nvim:wait("#require('thole.asks').list == 1", "an approval")
  t.nvim:command("Thole tasks")
  t.nvim:wait_screen("Tasks  0/3")
  has(t.nvim:screen(), "◐ 1 Look at the oars")
  has(t.nvim:screen(), "○ 2 Row !")
  t.nvim:command("Thole approve")
  t.nvim:wait_screen("Tasks  1/3")
  t.nvim:wait_screen("✓ 1 Look at the oars")
  t.nvim:wait_screen("◐ 2 Row !")
  equal(t.nvim:lua("return require('thole').statusline():match('%d/%d')"), "1/3")
  t.nvim:command("Thole tasks")
  t.nvim:wait("#vim.api.nvim_list_wins() == 3", "the closed list")
end)

it("a task is shown in full, from the list and by number", three, function(t)
  t.nvim:command("Thole chat")
  t.nvim:ask("go")
  t.nvim:wait("#require('thole.asks').list == 1", "an approval")
  t.nvim:command("Thole approve")
  t.nvim:wait_text("On it.")
  t.nvim:command("Thole tasks")
  t.nvim:lua("vim.fn.search('Row')")
  t.nvim:keys("<CR>")
  t.nvim:wait("vim.bo.filetype == 'markdown'", "the task")
  has(t.nvim:lua("return table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, false), '\\n')"), "Row")
  t.nvim:keys("q")
  t.nvim:wait("vim.bo.filetype ~= 'markdown'", "the list")
  t.nvim:command("Thole tasks 1")
  t.nvim:wait("vim.bo.filetype == 'markdown'", "the task")
  has(
    t.nvim:lua("return table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, false), '\\n')"),
    "Look at the oars"
  )
  t.nvim:command("Thole tasks nine")
  has(t.nvim:notices(), "tasks: expected a number, got 'nine'")
  t.nvim:command("Thole tasks 9")
  t.nvim:wait_notice("from 1 to 3")
end)

it("the list is there again when a session is opened", three, function(t)
  t.nvim:command("Thole chat")
  t.nvim:ask("go")
  t.nvim:wait("#require('thole.asks').list == 1", "an approval")
  t.nvim:command("Thole approve")
  t.nvim:wait_text("On it.")
  t.nvim:wait_idle()
  local id = t.nvim:lua("return require('thole.agent').current.id")
  t.nvim:stop()
  local other = t:editor()
  other:command("Thole attach " .. id)
  other:wait_text("On it.")
  other:command("Thole tasks")
  other:wait_screen("✓ 1 Look at the oars")
end)
