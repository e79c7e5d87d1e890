-- Sessions: picked, searched, gone on with, attached to, deleted; and a program that dies.
local rig = require("rig")
local it, equal, has, lacks = rig.it, rig.equal, rig.has, rig.lacks

-- Answers vim.ui.select with the first item whose line has the text; keeps what was offered.
local function pick(nvim, text)
  nvim:lua(
    [[
    local text = ...
    Offered = {}
    vim.ui.select = function(items, options, done)
      Title = options.prompt
      for _, item in ipairs(items) do
        table.insert(Offered, options.format_item(item))
      end
      for i, item in ipairs(items) do
        if Offered[i]:find(text, 1, true) then
          return done(item, i)
        end
      end
      done(nil)
    end
  ]],
    text
  )
end

local function offered(nvim)
  return nvim:lua("return table.concat(Offered or {}, '\\n')")
end

local function talk(nvim, words)
  nvim:ask(words)
  nvim:wait_idle()
end

local function new_session(nvim)
  local before = nvim:lua("local s = require('thole.agent').current return s and s.id or ''")
  nvim:command("Thole chat new")
  nvim:wait(
    ("(require('thole.agent').current or {id=%q}).id ~= %q"):format(before, before),
    "a session"
  )
end

it("the picker has the sessions of the workspace, newest first, and opens the chosen one", {
  replies = { { "say", "Oars are ready." }, { "say", "Sails are ready." } },
}, function(t)
  t.nvim:command("Thole chat")
  talk(t.nvim, "prepare the oars")
  new_session(t.nvim)
  talk(t.nvim, "prepare the sails")
  local other = t:editor()
  pick(other, "oars")
  other:lua("require('thole.sessions')")
  other:command("Thole sessions oars")
  other:wait_text("Oars are ready.")
  has(other:chat(), "prepare the oars\n\nOars are ready.")
  pick(other, "nothing of that name")
  other:command("Thole sessions")
  other:wait("#(Offered or {}) == 2", "two sessions")
  has(offered(other), "claude-sonnet-4-5")
  equal(other:lua("return Title"), "Sessions")
end)

it("search finds a session by what was said in it", {
  replies = { { "say", "The keel is made of oak." }, { "say", "No idea." } },
}, function(t)
  t.nvim:command("Thole chat")
  talk(t.nvim, "what is the keel made of?")
  new_session(t.nvim)
  talk(t.nvim, "anything else?")
  pick(t.nvim, "oak")
  t.nvim:command("Thole sessions search oak")
  t.nvim:wait_text("The keel is made of oak.")
  equal(#t.nvim:lua("return Offered"), 1)
end)

it("a session goes on with its whole conversation", {
  replies = { { "think", "Hm.", "One." }, { "say", "Two." } },
}, function(t)
  t.nvim:command("Thole chat")
  talk(t.nvim, "first")
  local id = t.nvim:lua("return require('thole.agent').current.id")
  t.nvim:stop()
  local other = t:editor()
  pick(other, "")
  other:command("Thole sessions")
  other:wait_text("One.")
  equal(other:lua("return require('thole.agent').current.id"), id)
  talk(other, "second")
  other:wait_text("Two.")
  equal(other:chat(), "first\n\n> Hm.\n\nOne.\n\nsecond\n\nTwo.\n")
end)

it("a deleted session is gone, after a question", { replies = { { "say", "One." } } }, function(t)
  t.nvim:command("Thole chat")
  talk(t.nvim, "first")
  local id = t.nvim:lua("return require('thole.agent').current.id")
  t.nvim:lua("vim.fn.confirm = function(text) Asked = text return 2 end")
  t.nvim:command("Thole sessions delete " .. id)
  t.nvim:wait("Asked", "the question")
  assert(t:read(".thole/sessions/" .. id .. ".events.jsonl"), "kept")
  t.nvim:lua("vim.fn.confirm = function() return 1 end")
  t.nvim:command("Thole sessions delete " .. id)
  t.nvim:wait_notice("deleted: ")
  equal(t:read(".thole/sessions/" .. id .. ".events.jsonl"), nil)
  equal(t.nvim:lua("return require('thole.agent').current"), vim.NIL)
end)

it("attach joins a session that another process runs, and answers for it", {
  replies = { { "calls", { name = "bash", input = { command = "touch a" } } }, { "say", "Done." } },
}, function(t)
  t:thole("spawn", "--prompt", "make a", "--permission-mode", "default")
  t.nvim:command("Thole attach")
  t.nvim:wait("package.loaded['thole.asks'] and #require('thole.asks').list == 1", "the approval")
  t.nvim:wait("require('thole.agent').current:is_busy()", "a turn that runs there")
  t.nvim:command("Thole approve")
  t.nvim:wait_text("Done.")
  t.nvim:wait_idle()
  equal(t:read("a"), "")
end)

it("a program that is killed in mid-turn is started again, and the session goes on", {
  replies = { { "hang", "I begin with the oars and then" }, { "say", "Again, from the start." } },
}, function(t)
  t.nvim:command("Thole chat")
  t.nvim:ask("row")
  t.nvim:wait_text("I begin")
  local id = t.nvim:lua("return require('thole.agent').current.id")
  local pid = t.nvim:lua("return require('thole.agent').pid()")
  vim.uv.kill(pid, "sigkill")
  t.nvim:wait_notice("thole was killed by signal 9; starting it again")
  t.nvim:wait_text("thole was started again; this is what its log holds.")
  has(t.nvim:chat(), "row\n")
  equal(t.nvim:lua("return require('thole.agent').current.id"), id)
  t.nvim:ask("go on")
  t.nvim:wait_text("Again, from the start.")
end)

it("a program that dies again and again is left alone, with a word about it", {
  replies = { { "say", "One." } },
}, function(t)
  t.nvim:command("Thole chat")
  talk(t.nvim, "first")
  for death = 1, 4 do
    local pid = t.nvim:wait(
      "require('thole.agent').state == 'ready' and require('thole.agent').pid()",
      "a process"
    )
    vim.uv.kill(pid, "sigkill")
    t.nvim:wait(
      ("select(2, table.concat(Notices, ' '):gsub('signal 9', '')) >= %d"):format(death),
      "death"
    )
  end
  t.nvim:wait_notice("is not started any more")
end)

it(":Thole stop ends the program, and the next prompt goes on where it was", {
  replies = { { "say", "One." }, { "say", "Two." } },
}, function(t)
  t.nvim:command("Thole chat")
  talk(t.nvim, "first")
  local id = t.nvim:lua("return require('thole.agent').current.id")
  t.nvim:command("Thole stop")
  t.nvim:wait("require('thole.agent').state == 'stopped'", "the end")
  equal(t.nvim:notices(), "")
  t.nvim:lua("require('thole').ask('second')")
  t.nvim:wait_text("Two.")
  t.nvim:wait_idle()
  equal(t.nvim:chat(), "first\n\nOne.\n\nsecond\n\nTwo.\n")
  equal(t.nvim:lua("return require('thole.agent').current.id"), id)
end)

it("mode and model are chosen from what the server offers, and shown", {}, function(t)
  t.nvim:command("Thole chat")
  t.nvim:wait("require('thole.agent').current", "a session")
  pick(t.nvim, "lan")
  t.nvim:command("Thole mode")
  t.nvim:wait("require('thole.agent').current.mode == 'plan'", "the mode")
  t.nvim:command("Thole mode accept-edits")
  t.nvim:wait("require('thole.agent').current.mode == 'accept-edits'", "the mode")
  pick(t.nvim, "Claude Haiku 4.5")
  t.nvim:command("Thole model")
  t.nvim:wait("require('thole.agent').current:model():find('haiku')", "the model")
  t.nvim:command("Thole mode fly")
  t.nvim:wait_notice("fly")
end)

it(":Thole log shows messages when they are traced", { config = { trace = true } }, function(t)
  t.nvim:command("Thole chat")
  t.nvim:wait("require('thole.agent').current", "a session")
  t.nvim:command("Thole log")
  equal(t.nvim:lua("return vim.bo.filetype"), "thole-log")
  local log = t.nvim:lua("return table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, false), '\\n')")
  has(log, [[-> ]])
  has(log, [["method":"initialize"]])
  lacks(log, "FAULT")
end)
