-- What waits for an answer: shown without taking the cursor, answered by keys and commands.
local rig = require("rig")
local it, equal, has, lacks = rig.it, rig.equal, rig.has, rig.lacks

local function run(command, more)
  local input = vim.tbl_extend("force", { command = command }, more or {})
  return { "calls", { name = "bash", input = input } }
end

local faster = {
  "calls",
  {
    name = "edit_file",
    input = { path = "src/oar.c", old_string = "minutes * 28", new_string = "minutes * 30" },
  },
}

-- Asks in the background and waits for the approval, with the cursor in a file.
local function wait_for_ask(t)
  t.nvim:command("edit notes.txt")
  t.nvim:lua(
    "require('thole.config').set({ cmd = vim.g.thole.cmd, approvals = { focus = 'never' } })"
  )
  t.nvim:ask("go")
  t.nvim:wait("#require('thole.asks').list == 1", "an approval")
end

local function enter(t)
  t.nvim:command("Thole answer")
  equal(t.nvim:lua("return vim.bo.filetype"), "thole-approval")
end

local function wait_answered(t)
  t.nvim:wait("#require('thole.asks').list == 0", "the answer")
  t.nvim:wait_idle()
end

it("the window shows the command, why it is asked, and the keys", {
  replies = { run("echo hi > out.txt", { description = "Say hi" }), { "say", "Done." } },
}, function(t)
  wait_for_ask(t)
  local screen = t.nvim:screen()
  has(screen, "Run this command?")
  has(screen, "Say hi")
  has(screen, "$ echo hi > out.txt")
  has(screen, "asked because no rule allows")
  has(screen, "y once")
  has(screen, "n reject")
  has(screen, "r reject, saying why")
end)

it("it comes while the user types and takes neither the cursor nor a key", {
  replies = { run("echo hi"), { "say", "Done." } },
}, function(t)
  t.nvim:command("edit notes.txt")
  t.nvim:keys("ggOyns")
  t.nvim:ask("go")
  t.nvim:wait("#require('thole.asks').list == 1", "an approval")
  t.nvim:wait_screen("Run this command?")
  t.nvim:keys("yn<Esc>")
  t.nvim:wait("vim.fn.getline(1) == 'ynsyn'", "the keys in the file")
  equal(t.nvim:lua("return #require('thole.asks').list"), 1)
end)

it("y allows once and puts the cursor back", {
  replies = { run("echo hi > out.txt"), { "say", "Done." } },
}, function(t)
  wait_for_ask(t)
  enter(t)
  t.nvim:keys("y")
  wait_answered(t)
  equal(t:read("out.txt"), "hi\n")
  equal(t.nvim:lua("return vim.fn.expand('%:t')"), "notes.txt")
  lacks(t.nvim:screen(), "Run this command?")
end)

it("s allows for the session: the same is not asked again", {
  replies = { run("touch a"), run("touch a"), { "say", "Done." } },
}, function(t)
  wait_for_ask(t)
  has(t.nvim:screen(), "s: ")
  enter(t)
  t.nvim:keys("s")
  t.nvim:wait_text("Done.")
  wait_answered(t)
end)

it("n rejects, and the call says so", {
  replies = { run("touch a"), { "say", "Then not." } },
}, function(t)
  wait_for_ask(t)
  enter(t)
  t.nvim:keys("n")
  t.nvim:wait_text("Then not.")
  t.nvim:command("Thole chat")
  t.nvim:wait_screen("✗ touch a  not allowed")
  equal(t:read("a"), nil)
end)

it("r rejects with words that the model gets", {
  replies = { run("touch a"), { "say", "I see." } },
}, function(t)
  wait_for_ask(t)
  enter(t)
  t.nvim:lua("vim.ui.input = function(_, done) done('use b instead') end")
  t.nvim:keys("r")
  t.nvim:wait_text("I see.")
  local requests = t:requests()
  has(vim.inspect(requests[#requests].messages), "use b instead")
end)

it("a change is shown as a diff, and d shows it in native diff mode", {
  replies = { faster, { "say", "Faster." } },
}, function(t)
  wait_for_ask(t)
  local screen = t.nvim:screen()
  has(screen, "Make this change?")
  has(screen, "src/oar.c  +1 -1")
  has(screen, "-    return minutes * 28;")
  has(screen, "+    return minutes * 30;")
  enter(t)
  t.nvim:keys("d")
  t.nvim:wait("#vim.api.nvim_list_tabpages() == 2 and vim.wo.diff", "diff mode")
  t.nvim:keys("q")
  t.nvim:wait("#vim.api.nvim_list_tabpages() == 1", "the end of it")
  enter(t)
  t.nvim:keys("y")
  wait_answered(t)
  has(t:read("src/oar.c"), "minutes * 30")
end)

it("q and <Esc> leave the window and answer nothing", {
  replies = { run("touch a"), { "say", "Done." } },
}, function(t)
  wait_for_ask(t)
  for _, key in ipairs({ "q", "<Esc>" }) do
    enter(t)
    t.nvim:keys(key)
    t.nvim:wait("vim.bo.filetype ~= 'thole-approval'", "the file")
    equal(t.nvim:lua("return #require('thole.asks').list"), 1)
    has(t.nvim:screen(), "Run this command?")
  end
end)

it("several wait in line; ] and [ go through them, each gets its own answer", {
  replies = { run("touch a"), run("touch b"), { "say", "One." }, { "say", "Two." } },
}, function(t)
  wait_for_ask(t)
  t.nvim:command("Thole chat new")
  t.nvim:wait("vim.bo.filetype == 'thole-prompt'", "the prompt")
  t.nvim:ask("and")
  t.nvim:wait("#require('thole.asks').list == 2", "two approvals")
  t.nvim:wait_screen("1 of 2")
  enter(t)
  has(t.nvim:screen(), "$ touch a")
  t.nvim:keys("]")
  t.nvim:wait_screen("2 of 2")
  has(t.nvim:screen(), "$ touch b")
  t.nvim:keys("[")
  t.nvim:wait_screen("$ touch a")
  t.nvim:keys("]")
  t.nvim:wait_screen("$ touch b")
  t.nvim:keys("n")
  t.nvim:wait("#require('thole.asks').list == 1", "one answer")
  t.nvim:wait_screen("$ touch a")
  t.nvim:keys("y")
  t.nvim:wait("#require('thole.asks').list == 0", "both answers")
  t.nvim:wait("vim.uv.fs_stat('a') ~= nil", "a")
  equal(t:read("b"), nil)
end)

it(":Thole approve, :Thole approve session and :Thole reject answer without entering", {
  replies = { run("touch a"), run("touch b"), run("touch b"), run("touch c"), { "say", "Done." } },
}, function(t)
  wait_for_ask(t)
  t.nvim:command("Thole approve")
  t.nvim:wait(
    "(require('thole.asks').list[1] or {call={input={}}}).call.input.command == 'touch b'",
    "b"
  )
  t.nvim:command("Thole approve session")
  t.nvim:wait(
    "(require('thole.asks').list[1] or {call={input={}}}).call.input.command == 'touch c'",
    "c"
  )
  t.nvim:command("Thole reject not today")
  t.nvim:wait_text("Done.")
  local requests = t:requests()
  has(vim.inspect(requests[#requests].messages), "not today")
  equal({ t:read("a"), t:read("b"), t:read("c") }, { "", "" })
end)

it(
  "in the chat, in Normal mode and idle, the window takes the cursor; a hasty key answers nothing",
  {
    replies = { run("touch a"), { "say", "Done." } },
  },
  function(t)
    t.nvim:command("Thole chat")
    t.nvim:wait("vim.bo.filetype == 'thole-prompt'", "the prompt")
    t.nvim:lua("require('thole.ui').forget_keys()")
    t.nvim:ask("go")
    t.nvim:wait("vim.bo.filetype == 'thole-approval'", "the window")
    t.nvim:lua("require('thole.approvals').hurry()")
    t.nvim:keys("y")
    t.nvim:lua("return 1")
    equal(t.nvim:lua("return #require('thole.asks').list"), 1)
  end
)

it("a question shows its choices; a digit chooses, r answers in own words, n does not answer", {
  replies = {
    {
      "calls",
      { name = "ask_user", input = { question = "Which oar?", options = { "left", "right" } } },
    },
    {
      "calls",
      { name = "ask_user", input = { question = "How fast?", options = { "slow", "fast" } } },
    },
    { "calls", { name = "ask_user", input = { question = "Why?" } } },
    { "say", "Good." },
  },
}, function(t)
  wait_for_ask(t)
  has(t.nvim:screen(), "Which oar?")
  has(t.nvim:screen(), "2  right")
  enter(t)
  t.nvim:keys("2")
  t.nvim:wait_screen("How fast?")
  t.nvim:lua("vim.ui.input = function(_, done) done('like the wind') end")
  enter(t)
  t.nvim:keys("r")
  t.nvim:wait_screen("Why?")
  enter(t)
  t.nvim:keys("n")
  t.nvim:wait_text("Good.")
  local text = vim.inspect(t:requests())
  has(text, "right")
  has(text, "like the wind")
end)

it("in the plan's buffer :Thole approve means the plan only while it is in review", {
  config = { mode = "plan" },
  replies = {
    {
      "calls",
      { name = "write_session_plan", input = { content = "# Plan\n\n- [ ] Touch a\n" } },
      { name = "exit_plan_mode", input = vim.empty_dict() },
    },
    run("touch a"),
    { "say", "Done." },
  },
}, function(t)
  t.nvim:command("edit notes.txt")
  t.nvim:ask("go")
  t.nvim:wait("(require('thole.agent').current.plan or {}).status == 'in_review'", "the plan")
  t.nvim:command("Thole plan")
  t.nvim:command("Thole approve")
  t.nvim:wait("#require('thole.asks').list == 1", "an approval")
  t.nvim:command("Thole approve")
  t.nvim:wait_text("Done.")
  equal(t:read("a"), "")
end)

it("the window leaves a chat beside it free when there is room", {
  size = { 160, 40 },
  replies = { run("echo " .. ("word "):rep(60)), { "say", "Done." } },
}, function(t)
  wait_for_ask(t)
  t.nvim:wait_screen("Run this command?")
  local chat = t.nvim:lua("return vim.api.nvim_win_get_position(require('thole.chat').window())[2]")
  local float = t.nvim:lua([[
    for _, win in ipairs(vim.api.nvim_list_wins()) do
      local at = vim.api.nvim_win_get_config(win)
      if at.relative ~= "" then
        return at.col + at.width + 2
      end
    end
  ]])
  assert(float <= chat, ("%d columns, the chat begins at %d"):format(float, chat))
end)

it("a cancelled turn takes its window away", {
  replies = { run("touch a") },
}, function(t)
  wait_for_ask(t)
  t.nvim:command("Thole cancel")
  wait_answered(t)
  lacks(t.nvim:screen(), "Run this command?")
  equal(t:read("a"), nil)
end)

it("what is answered in another editor goes away here", {
  replies = { run("touch a"), { "say", "Done." } },
}, function(t)
  wait_for_ask(t)
  local id = t.nvim:lua("return require('thole.agent').current.id")
  local other = t:editor()
  other:command("Thole attach " .. id)
  other:wait(
    "package.loaded['thole.asks'] and #require('thole.asks').list == 1",
    "the approval there"
  )
  other:command("Thole approve")
  wait_answered(t)
  t.nvim:wait_text("Done.")
  other:wait_text("Done.")
end)

it("the statusline says what waits and that it works", {
  replies = { run("touch a"), { "say", "Done." } },
}, function(t)
  wait_for_ask(t)
  equal(t.nvim:lua("return require('thole').statusline()"), "thole ● ?1")
  t.nvim:command("Thole approve")
  t.nvim:wait_text("Done.")
  t.nvim:wait_idle()
  equal(t.nvim:lua("return require('thole').statusline()"), "thole")
end)

it("User autocommands tell of turns, questions and edits", {
  replies = { faster, { "say", "Faster." } },
}, function(t)
  t.nvim:lua([[
    Heard = {}
    vim.api.nvim_create_autocmd("User", {
      pattern = "Thole*",
      callback = function(given) table.insert(Heard, given.match) end,
    })
  ]])
  wait_for_ask(t)
  t.nvim:command("Thole approve")
  t.nvim:wait_text("Faster.")
  t.nvim:wait_idle()
  equal(t.nvim:lua("return Heard"), {
    "TholeSession",
    "TholeTurnStarted",
    "TholeAsks",
    "TholeEdit",
    "TholeTurnEnded",
  })
end)
