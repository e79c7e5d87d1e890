-- Sub-agents: the tree beside, what each does, and what becomes of its work.
local rig = require("rig")
local it, equal, has, lacks = rig.it, rig.equal, rig.has, rig.lacks

local function spawn(...)
  local calls = { "calls" }
  for _, task in ipairs({ ... }) do
    table.insert(calls, { name = "spawn_subagent", input = { task = task } })
  end
  return calls
end

local function edit(path, from, to)
  return {
    "calls",
    { name = "edit_file", input = { path = path, old_string = from, new_string = to } },
  }
end

local two = {
  config = { mode = "accept-edits" },
  replies = { spawn("Number the notes", "Speed up the oar"), { "say", "Both are done." } },
  scripts = {
    ["Number the notes"] = {
      edit("notes.txt", "first line", "1st line"),
      { "say", "Numbered." },
    },
    ["Speed up the oar"] = {
      edit("src/oar.c", "minutes * 28", "minutes * 30"),
      { "say", "Faster." },
    },
  },
}

local function work(t)
  t.nvim:command("edit notes.txt")
  t.nvim:command("Thole chat")
  t.nvim:wait("(require('thole.agent').current or {}).mode == 'accept-edits'", "the mode")
  t.nvim:command("Thole agents")
  t.nvim:ask("have it done")
  t.nvim:wait_text("Both are done.")
  t.nvim:wait_idle()
  t.nvim:wait_screen("Agents  0 running of 2")
end

-- Puts the cursor of the tree on the agent with this task.
local function on(t, task)
  t.nvim:command("Thole agents")
  t.nvim:wait("vim.bo.filetype ~= 'thole-agents'", "the closed tree")
  t.nvim:command("Thole agents")
  t.nvim:wait("vim.bo.filetype == 'thole-agents'", "the tree")
  t.nvim:wait(("vim.fn.search(%q, 'w') > 0"):format(task), task)
end

it("the tree shows each agent, its state and what its work is", two, function(t)
  work(t)
  local screen = t.nvim:screen()
  has(screen, "✓ Number the notes")
  has(screen, "✓ Speed up the oar")
  has(screen, "changes to merge · +1 -1")
  has(screen, "p preview · m merge")
  equal(t:read("notes.txt"), "first line\nsecond line\nthird line\n")
end)

it("a preview shows what a merge would change, m merges it into file and buffer", two, function(t)
  work(t)
  on(t, "Number the notes")
  t.nvim:keys("p")
  t.nvim:wait("vim.bo.filetype == 'diff'", "the preview")
  has(t.nvim:screen(), "can be merged")
  has(t.nvim:screen(), "+1st line")
  t.nvim:keys("q")
  t.nvim:wait("vim.bo.filetype ~= 'diff'", "the end of it")
  equal(t:read("notes.txt"), "first line\nsecond line\nthird line\n")
  on(t, "Number the notes")
  t.nvim:keys("m")
  t.nvim:wait_notice("merged: 1 files")
  equal(t:read("notes.txt"), "1st line\nsecond line\nthird line\n")
  t.nvim:wait("vim.fn.getbufline('notes.txt', 1)[1] == '1st line'", "the buffer")
  t.nvim:wait_screen("merged")
  t.nvim:wait("#require('thole.changes').list() == 1", "the merged change, to be reviewed")
end)

it("x discards after a question and says where the work can be found", two, function(t)
  work(t)
  on(t, "Speed up the oar")
  t.nvim:lua("vim.fn.confirm = function() return 1 end")
  t.nvim:keys("x")
  t.nvim:wait_notice("discarded; it can be found again as refs/thole/rescue/")
  t.nvim:wait_screen("discarded")
  lacks(t:read("src/oar.c"), "30")
end)

it("b keeps the work as a branch", two, function(t)
  work(t)
  on(t, "Speed up the oar")
  t.nvim:lua("vim.ui.input = function(options, done) done(options.default) end")
  t.nvim:keys("b")
  t.nvim:wait_notice("kept as the branch speed-up-the-oar")
end)

it("<CR> shows what an agent did, in the chat's own way", two, function(t)
  work(t)
  on(t, "Speed up the oar")
  t.nvim:keys("<CR>")
  t.nvim:wait("vim.bo.filetype == 'thole-chat'", "the child's conversation")
  t.nvim:wait_screen("✓ Edit src/oar.c  +1 -1")
  t.nvim:wait_screen("Faster.")
  equal(t.nvim:lua("return require('thole.changes').list()"), {})
  t.nvim:command("close")
  t.nvim:wait("vim.tbl_count(require('thole.agent').sessions) == 1", "the closed session")
end)

it("an agent's approval says whose it is", {
  replies = { spawn("Touch it"), { "say", "Done." } },
  scripts = {
    ["Touch it"] = {
      { "calls", { name = "bash", input = { command = "touch a" } } },
      { "say", "Touched." },
    },
  },
}, function(t)
  t.nvim:command("edit notes.txt")
  t.nvim:ask("go")
  t.nvim:wait("(require('thole.asks').list[1] or {}).worker", "the child's approval")
  t.nvim:wait_screen("for the agent: Touch it")
  t.nvim:command("Thole approve")
  t.nvim:wait_text("Done.")
end)

it("a running agent can be spoken to and cancelled", {
  config = { mode = "accept-edits" },
  replies = { spawn("Row for hours"), { "say", "It was cancelled." } },
  scripts = { ["Row for hours"] = { { "hang", "I row and row and row" } } },
}, function(t)
  t.nvim:command("edit notes.txt")
  t.nvim:ask("go")
  t.nvim:wait("(require('thole.agent').current.agents[1] or {}).worktree", "the agent in its tree")
  t.nvim:command("Thole agents")
  t.nvim:wait_screen("◐ Row for hours")
  t.nvim:lua("vim.ui.input = function(_, done) done('faster') end")
  t.nvim:lua("vim.fn.search('Row for')")
  t.nvim:keys("M")
  t.nvim:wait_notice("said")
  t.nvim:keys("c")
  t.nvim:wait_notice("cancelled")
  t.nvim:wait_screen("– Row for hours")
  t.nvim:wait_text("It was cancelled.")
end)
