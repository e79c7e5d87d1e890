-- The chat: what streams in, what is folded, what can be opened, what the prompt can do.
local rig = require("rig")
local it, equal, has, lacks = rig.it, rig.equal, rig.has, rig.lacks

local function open(t)
  t.nvim:command("Thole chat")
  t.nvim:wait("vim.bo.filetype == 'thole-prompt'", "the prompt")
end

local function to_chat(t)
  t.nvim:command("wincmd k")
  equal(t.nvim:lua("return vim.bo.filetype"), "thole-chat")
end

-- The texts of the last request's user message, in order.
local function sent(t)
  local requests = t:requests()
  local messages = requests[#requests].messages
  for i = #messages, 1, -1 do
    if messages[i].role == "user" then
      local content = messages[i].content
      if type(content) == "string" then
        return content
      end
      local texts = {}
      for _, part in ipairs(content) do
        table.insert(texts, part.text or "")
      end
      return table.concat(texts, "\n")
    end
  end
end

it("an answer streams into the chat below the prompt", {
  replies = { { "say", "Two **oars** and a `thole`.\n\nThat is all." } },
}, function(t)
  open(t)
  t.nvim:keys("iwhat is a boat?<C-s>")
  t.nvim:wait_text("That is all.")
  t.nvim:wait_idle()
  equal(t.nvim:chat(), "what is a boat?\n\nTwo **oars** and a `thole`.\n\nThat is all.\n")
  has(t.nvim:screen(), "❯ what is a boat?")
  t.nvim:wait_screen("Two oars and a thole.")
end)

it("without a treesitter parser of Markdown an answer is plain text", {
  replies = { { "say", "Two **oars** and a `thole`." } },
}, function(t)
  t.nvim:lua("vim.treesitter.language.inspect = function() error('no parser') end")
  open(t)
  t.nvim:ask("what is a boat?")
  t.nvim:wait_text("a `thole`.")
  t.nvim:wait_idle()
  t.nvim:wait_screen("Two **oars** and a `thole`.")
end)

it("a thought is folded to one line once it is over, and opens", {
  replies = { { "think", "The user wants a boat.\nA boat needs oars.", "Here it is." } },
}, function(t)
  open(t)
  t.nvim:ask("make a boat")
  t.nvim:wait_text("Here it is.")
  t.nvim:wait_screen("▸ thought  The user wants a boat.  +1 lines")
  lacks(t.nvim:screen(), "A boat needs oars.")
  to_chat(t)
  t.nvim:keys("ggjj<CR>")
  t.nvim:wait_screen("A boat needs oars.")
end)

it("a thought stays folded when the chat is closed and opened again", {
  replies = { { "think", "One.\nTwo.", "Here it is." } },
}, function(t)
  open(t)
  t.nvim:ask("make a boat")
  t.nvim:wait_text("Here it is.")
  t.nvim:wait_idle()
  t.nvim:command("Thole chat toggle")
  t.nvim:wait("#vim.api.nvim_list_wins() == 1", "closed chat")
  open(t)
  t.nvim:wait_screen("▸ thought  One.")
end)

it("a tool call is one line with its state, and shows its output on request", {
  replies = {
    { "calls", { name = "grep", input = { pattern = "strokes", path = "src" } } },
    { "say", "Found." },
  },
}, function(t)
  open(t)
  t.nvim:ask("who rows?")
  t.nvim:wait_text("Found.")
  t.nvim:wait_screen("✓ Search strokes in src")
  has(t.nvim:chat(), "\nSearch strokes in src\n\nFound.")
  to_chat(t)
  t.nvim:lua("vim.fn.search('Search strokes')")
  t.nvim:keys("<CR>")
  t.nvim:wait_screen("src/oar.h:1:int strokes(int minutes);")
  t.nvim:keys("<CR>")
  t.nvim:wait("not vim.fn.getline(1, '$')[5]:find('oar.h')", "hidden output")
  has(t.nvim:chat(), "\nSearch strokes in src\n\nFound.")
end)

it("a change shows how many lines it has, opens as a diff, and leads to the file", {
  config = { mode = "accept-edits" },
  replies = {
    {
      "calls",
      {
        name = "edit_file",
        input = { path = "src/oar.c", old_string = "minutes * 28", new_string = "minutes * 30" },
      },
    },
    { "say", "Faster now." },
  },
}, function(t)
  open(t)
  t.nvim:wait("require('thole.agent').current.mode == 'accept-edits'", "the mode")
  t.nvim:ask("row faster")
  t.nvim:wait_text("Faster now.")
  t.nvim:wait_screen("✓ Edit src/oar.c  +1 -1")
  to_chat(t)
  t.nvim:lua("vim.fn.search('Edit src')")
  t.nvim:keys("<CR>")
  t.nvim:wait_screen("+    return minutes * 30;")
  t.nvim:keys("D")
  t.nvim:wait("#vim.api.nvim_list_tabpages() == 2 and vim.wo.diff", "diff mode")
  t.nvim:keys("q")
  t.nvim:wait("#vim.api.nvim_list_tabpages() == 1", "closed diff")
  t.nvim:keys("gd")
  t.nvim:wait("vim.fn.expand('%:t') == 'oar.c'", "the file")
end)

it("the line above the chat has mode, model, context and cost", {
  replies = { { "say", "Yes." } },
}, function(t)
  open(t)
  t.nvim:ask("well?")
  t.nvim:wait_text("Yes.")
  t.nvim:wait_idle()
  local first = t.nvim:screen():match("[^\n]*")
  has(first, "default · 1k/200k 1% · $0.00")
  t.nvim:command("wincmd k | vertical resize 80")
  first = t.nvim:screen():match("[^\n]*")
  has(first, "default · claude-sonnet-4-5 · 1k/200k 1% · $0.00")
end)

it("<CR> sends in Normal mode, and the prompt is empty afterwards", {
  replies = { { "say", "Yes." } },
}, function(t)
  open(t)
  t.nvim:keys("ifirst line<CR>second line<Esc><CR>")
  t.nvim:wait_text("Yes.")
  has(t.nvim:chat(), "first line\nsecond line\n\nYes.")
  has(t.nvim:screen(), "Ask · <C-s> sends · @ mentions · / commands")
end)

it("older prompts come back with their draft, also in the next Neovim", {
  replies = { { "say", "Yes." }, { "say", "Yes." } },
}, function(t)
  open(t)
  for _, word in ipairs({ "one", "two" }) do
    t.nvim:keys("i" .. word .. "<C-s>")
    t.nvim:wait_text(word)
    t.nvim:wait_idle()
  end
  local function prompt(nvim)
    return nvim:lua("return vim.api.nvim_buf_get_lines(0, 0, -1, false)")
  end
  t.nvim:keys("idraft<C-p>")
  t.nvim:wait("vim.api.nvim_get_current_line() == 'two'", "two")
  t.nvim:keys("<C-p>")
  t.nvim:wait("vim.api.nvim_get_current_line() == 'one'", "one")
  t.nvim:keys("<C-p><C-n><C-n>")
  t.nvim:wait("vim.api.nvim_get_current_line() == 'draft'", "draft")
  local other = t:editor()
  other:command("Thole chat")
  other:wait("vim.bo.filetype == 'thole-prompt'", "the prompt")
  other:keys("<C-p>")
  other:wait("vim.api.nvim_get_current_line() == 'two'", "two")
  equal(prompt(other), { "two" })
end)

it("@file, @buffer, @selection and @diagnostics reach the model", {
  replies = { { "say", "Yes." } },
}, function(t)
  t.nvim:command("edit src/oar.c")
  t.nvim:lua([[
    vim.api.nvim_buf_set_lines(0, 0, 0, false, { "// unsaved" })
    vim.diagnostic.set(vim.api.nvim_create_namespace("test"), 0, {
      { lnum = 3, col = 2, message = "28 is slow", severity = vim.diagnostic.severity.WARN },
    })
  ]])
  t.nvim:keys("6GVj<Esc>")
  open(t)
  t.nvim:keys("ilook at @notes.txt, @buffer (@selection) and @diagnostics<C-s>")
  t.nvim:wait_text("Yes.")
  local text = sent(t)
  has(text, "look at @notes.txt, @buffer (@selection) and @diagnostics")
  has(text, "notes.txt")
  has(text, "// unsaved")
  has(text, "oar.c#L6:7")
  has(text, "    return minutes * 28;\n}")
  has(text, "oar.c:4:3: warning: 28 is slow")
end)

it(":Thole ask with a range sends these lines and leaves the cursor where it is", {
  replies = { { "say", "It rows." } },
}, function(t)
  t.nvim:command("edit src/oar.c")
  t.nvim:command("3,6Thole ask what does this do?")
  t.nvim:wait_text("It rows.")
  has(sent(t), "int strokes(int minutes)\n{\n    return minutes * 28;")
  has(t.nvim:chat(), "what does this do? @selection")
  equal(t.nvim:lua("return vim.fn.expand('%:t')"), "oar.c")
end)

it("mentions and commands are offered while typing", function(t)
  open(t)
  t.nvim:wait("#require('thole.agent').current.commands > 0", "commands")
  t.nvim:keys("i@")
  t.nvim:wait_screen("@selection")
  has(t.nvim:screen(), "what you selected last in it")
  t.nvim:keys("oar")
  t.nvim:wait("vim.fn.pumvisible() == 0 or true", "")
  t.nvim:keys("<C-x><C-o>")
  t.nvim:wait_screen("@src/oar.c")
  t.nvim:keys("<Esc>ddi/com")
  t.nvim:wait_screen("/compact")
end)

it("a slash command is answered by the server", function(t)
  open(t)
  t.nvim:keys("i/mode plan<C-s>")
  t.nvim:wait("require('thole.agent').current.mode == 'plan'", "the mode")
  t.nvim:wait_idle()
  has(t.nvim:chat(), "/mode plan\n\n")
end)

it("a turn is cancelled by <C-c> in the prompt, and says so", {
  replies = { { "hang", "This takes a while, and then some more of it." } },
}, function(t)
  open(t)
  t.nvim:ask("row across")
  t.nvim:wait_text("This takes")
  t.nvim:keys("<C-c>")
  t.nvim:wait_idle()
  t.nvim:wait_screen("cancelled")
end)

it("a CTRL-C that comes while Neovim is busy, and so past mappings, cancels too", {
  replies = { { "hang", "This takes a while, and then some more of it." } },
}, function(t)
  open(t)
  t.nvim:ask("row across")
  t.nvim:wait_text("This takes")
  t.nvim:lua([[vim.api.nvim_feedkeys("\3", "n", false)]])
  t.nvim:wait_idle()
  t.nvim:wait_screen("cancelled")
end)

it("a prompt that waits is shown when its turn comes", {
  replies = {
    { "calls", { name = "bash", input = { command = "echo hi" } } },
    { "say", "One." },
    { "say", "Two." },
  },
}, function(t)
  open(t)
  t.nvim:ask("first")
  t.nvim:wait("#require('thole.asks').list == 1", "an approval")
  t.nvim:lua("require('thole').ask('second')")
  t.nvim:wait("#require('thole.agent').current.waiting == 1", "a prompt that waits")
  lacks(t.nvim:chat(), "second")
  has(t.nvim:screen(), "? waits for you")
  t.nvim:command("Thole approve")
  t.nvim:wait_text("Two.")
  local chat = t.nvim:chat()
  assert(chat:find("One.", 1, true) < chat:find("second", 1, true), chat)
end)

it("a fence that an answer leaves open does not swallow what follows", {
  replies = { { "say", "Look:\n```c\nint a;" }, { "say", "And *this*." } },
}, function(t)
  open(t)
  t.nvim:ask("show me")
  t.nvim:wait_text("int a;")
  t.nvim:wait_idle()
  t.nvim:ask("more")
  t.nvim:wait_text("And *this*.")
  has(t.nvim:chat(), "int a;\n```\n\nmore\n\nAnd *this*.")
end)

it("an error of the provider is one clear line in the chat", {
  replies = { { "fail", 400, "the model is on holiday", "invalid_request_error" } },
}, function(t)
  open(t)
  t.nvim:ask("hello?")
  t.nvim:wait_text("the model is on holiday")
  t.nvim:wait_idle()
end)

it(":Thole chat new begins another session in the same windows", {
  replies = { { "say", "Yes." } },
}, function(t)
  open(t)
  local first = t.nvim:lua("return require('thole.agent').current.id")
  t.nvim:ask("well?")
  t.nvim:wait_text("Yes.")
  t.nvim:command("Thole chat new")
  t.nvim:wait(
    ("require('thole.agent').current and require('thole.agent').current.id ~= %q"):format(first),
    "another"
  )
  t.nvim:wait("vim.bo.filetype == 'thole-prompt'", "the prompt")
  lacks(t.nvim:screen(), "Yes.")
  equal(#t.nvim:lua("return vim.api.nvim_list_wins()"), 3)
end)

it("the chat opens right, left, below or in a tab page of its own", function(t)
  for _, position in ipairs({ "right", "left", "bottom", "tab" }) do
    t.nvim:lua("require('thole').setup({ chat = { position = ... } })", position)
    open(t)
    local layout = t.nvim:lua([[
      local chat = require("thole.chat").window()
      return { vim.api.nvim_win_get_position(chat), #vim.api.nvim_list_tabpages() }
    ]])
    local row, column = layout[1][1], layout[1][2]
    if position == "right" then
      assert(column > 40, vim.inspect(layout))
    elseif position == "left" then
      equal({ row, column }, { 0, 0 })
    elseif position == "bottom" then
      assert(row > 10 and column == 0, vim.inspect(layout))
    else
      equal(layout[2], 2)
    end
    t.nvim:command("Thole chat close")
    t.nvim:wait("#vim.api.nvim_list_wins() == 1", "closed chat")
  end
end)

it("closing one of the two windows closes the other", function(t)
  open(t)
  t.nvim:command("close")
  t.nvim:wait("#vim.api.nvim_list_wins() == 1", "both closed")
  open(t)
  to_chat(t)
  t.nvim:keys("q")
  t.nvim:wait("#vim.api.nvim_list_wins() == 1", "both closed")
end)
