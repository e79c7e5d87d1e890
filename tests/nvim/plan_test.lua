-- The plan: an ordinary Markdown buffer that is edited, commented on, sent, approved, rejected.
local rig = require("rig")
local it, equal, has, lacks = rig.it, rig.equal, rig.has, rig.lacks

local first = table.concat({
  "# Plan",
  "",
  "## Look",
  "",
  "- [ ] Read the oars",
  "",
  "## Row",
  "",
  "- [ ] Row across",
  "",
}, "\n")
local second = first:gsub("Row across", "Row across slowly\n- [ ] Rest")

local function plan(content)
  return {
    "calls",
    { name = "write_session_plan", input = { content = content } },
    { name = "exit_plan_mode", input = vim.empty_dict() },
  }
end

local function options(...)
  return { config = { mode = "plan" }, replies = { plan(first), ... } }
end

local function review(t)
  t.nvim:command("Thole chat")
  t.nvim:wait("(require('thole.agent').current or {}).mode == 'plan'", "plan mode")
  t.nvim:ask("cross the lake")
  t.nvim:wait("(require('thole.agent').current.plan or {}).status == 'in_review'", "the plan")
  t.nvim:command("Thole plan")
  equal(t.nvim:lua("return vim.bo.filetype"), "markdown")
end

local function text(t)
  return t.nvim:lua("return table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, false), '\\n')")
end

local function last_message(t)
  local requests = t:requests()
  return vim.inspect(requests[#requests].messages)
end

local function wait_revision(t, number)
  t.nvim:wait(
    ("require('thole.agent').current.plan.revision == %d"):format(number),
    "revision " .. number
  )
  t.nvim:wait("require('thole.agent').current.plan.status == 'in_review'", "its review")
end

it(
  "a plan that is ready opens beside the chat and leaves the cursor where it is",
  options(),
  function(t)
    t.nvim:command("Thole chat")
    t.nvim:wait("(require('thole.agent').current or {}).mode == 'plan'", "plan mode")
    t.nvim:ask("cross the lake")
    t.nvim:wait_screen("Plan · revision 1 · in review")
    t.nvim:wait_screen("The plan is ready (revision 1). :Thole plan")
    equal(t.nvim:lua("return vim.bo.filetype"), "thole-prompt")
  end
)

it("approving begins the work in the mode of before", options({ "say", "Rowing." }), function(t)
  review(t)
  equal(text(t), (first:gsub("\n$", "")))
  equal(t.nvim:lua("return vim.bo.modified"), false)
  t.nvim:command("Thole approve")
  t.nvim:wait_text("Rowing.")
  t.nvim:wait("require('thole.agent').current.mode == 'default'", "the mode")
  t.nvim:wait("require('thole.agent').current.plan.status ~= 'in_review'", "the status")
  has(t.nvim:chat(), "The plan is approved (revision 1).")
  equal(#t.nvim:lua("return require('thole.agent').current.tasks"), 2)
end)

it("rejecting ends it, and nothing is done", options(), function(t)
  review(t)
  t.nvim:command("Thole reject")
  t.nvim:wait("require('thole.agent').current.plan.status == 'rejected'", "the status")
  t.nvim:wait_idle()
  has(t.nvim:chat(), "The plan is rejected.")
end)

it(
  "edits and comments are sent in one go by writing, and the next revision is shown as a diff",
  options(plan(second)),
  function(t)
    review(t)
    t.nvim:keys("5GA, both of them<Esc>")
    t.nvim:wait("vim.fn.getline(5):find('both')", "typing")
    t.nvim:command("9Thole comment slowly, please, and rest")
    t.nvim:wait_screen("┃ slowly, please, and rest")
    has(t.nvim:screen(), "1 comment")
    t.nvim:command("write")
    wait_revision(t, 3)
    local sent = last_message(t)
    has(sent, "slowly, please, and rest")
    has(sent, "I have reviewed revision 2 of the plan")
    lacks(t.nvim:screen(), "┃ slowly")
    local content = text(t)
    has(content, "- [ ] Read the oars, both of them")
    has(content, "Row across slowly\n- [ ] Rest")
    equal(t.nvim:lua("return vim.bo.modified"), false)
    t.nvim:wait_screen("▎ - [ ] Row across slowly")
    t.nvim:command("Thole plan diff")
    equal(t.nvim:lua("return vim.wo.diff"), true)
  end
)

it("comments on a range move with the text, and are taken back with !", options(), function(t)
  review(t)
  t.nvim:keys("7GVjj:Thole comment too fast<CR>")
  t.nvim:wait_screen("┃ too fast")
  t.nvim:keys("ggOon top<Esc>")
  t.nvim:wait("vim.fn.getline(1) == 'on top'", "typing")
  equal(t.nvim:lua("return require('thole.plan_comments').list(0)"), {
    { startLine = 8, endLine = 10, text = "too fast" },
  })
  t.nvim:command("9Thole! comment")
  equal(t.nvim:lua("return require('thole.plan_comments').list(0)"), {})
  lacks(t.nvim:screen(), "too fast")
end)

it("the key of the plan asks for the comment", options(), function(t)
  review(t)
  t.nvim:lua("vim.ui.input = function(_, done) done('why so?') end")
  t.nvim:keys("5Ggc")
  t.nvim:wait_screen("┃ why so?")
  t.nvim:keys("7GVjgc")
  t.nvim:wait("#require('thole.plan_comments').list(0) == 2", "two comments")
  equal(t.nvim:lua("return require('thole.plan_comments').list(0)[2]"), {
    startLine = 7,
    endLine = 8,
    text = "why so?",
  })
end)

it("open comments stand in the way of approval", options(), function(t)
  review(t)
  t.nvim:command("5Thole comment no")
  t.nvim:command("Thole approve")
  has(t.nvim:notices(), "1 open comments: :write sends them, :Thole comment! takes one back")
  equal(t.nvim:lua("return require('thole.agent').current.plan.status"), "in_review")
end)

it(
  "approving with edits sends the plan as the user left it",
  options({ "say", "Rowing." }),
  function(t)
    review(t)
    t.nvim:keys("9GA and back<Esc>")
    t.nvim:wait("vim.fn.getline(9):find('back')", "typing")
    t.nvim:command("Thole approve")
    t.nvim:wait_text("Rowing.")
    has(t.nvim:lua("return require('thole.agent').current.plan.content"), "Row across and back")
    has(last_message(t), "Row across and back")
  end
)

it("writing without edits or comments sends nothing and says what to do", options(), function(t)
  review(t)
  t.nvim:command("write")
  has(t.nvim:notices(), "nothing to send: edit the plan or comment on it")
end)

it("edits that are not sent stay when another revision comes", options(plan(second)), function(t)
  review(t)
  t.nvim:keys("1GA of mine<Esc>")
  t.nvim:wait("vim.fn.getline(1) == '# Plan of mine'", "typing")
  t.nvim:lua([[
    local agent = require("thole.agent")
    agent.request("_thole/plan/review", {
      sessionId = agent.current.id, decision = "feedback", feedback = "rest",
    }, function() end)
  ]])
  wait_revision(t, 2)
  t.nvim:wait("vim.fn.search('Rest', 'nw') > 0", "the new text")
  has(text(t), "# Plan of mine")
  equal(t.nvim:lua("return vim.bo.modified"), true)
end)

it("a plan in review is there after a restart of both", options({ "say", "Rowing." }), function(t)
  review(t)
  local id = t.nvim:lua("return require('thole.agent').current.id")
  t.nvim:stop()
  local other = t:editor()
  other:command("Thole attach " .. id)
  other:wait("require('thole.agent').current and require('thole.agent').current.plan", "the plan")
  other:command("Thole plan")
  equal(other:lua("return vim.fn.getline(1)"), "# Plan")
end)

it("the plan has words of its own when there is none", {}, function(t)
  t.nvim:command("Thole chat")
  t.nvim:wait("require('thole.agent').current", "a session")
  t.nvim:command("Thole plan")
  t.nvim:wait_notice("there is no plan yet")
  t.nvim:command("Thole comment here")
  has(t.nvim:notices(), "comment: put the cursor into the plan first")
end)
