-- Buffers are the truth: what the agent reads, where its edits go, what happens to files behind the
-- editor's back.
local rig = require("rig")
local it, equal, has, lacks = rig.it, rig.equal, rig.has, rig.lacks

local function edit(path, from, to)
  return {
    "calls",
    { name = "edit_file", input = { path = path, old_string = from, new_string = to } },
  }
end

local function read(path)
  return { "calls", { name = "read_file", input = { path = path } } }
end

local function bash(command)
  return { "calls", { name = "bash", input = { command = command } } }
end

local all = { mode = "bypass-permissions" }

local function go(t, words)
  t.nvim:ask(words or "go")
  t.nvim:wait_idle()
end

local function text(t)
  return t.nvim:lua("return require('thole.buffers').text(0)")
end

local function modified(t)
  return t.nvim:lua("return vim.bo.modified")
end

it("the agent reads unsaved text", {
  config = all,
  replies = { read("notes.txt"), { "say", "Done." } },
}, function(t)
  t.nvim:command("edit notes.txt")
  t.nvim:keys("ggOunsaved words<Esc>")
  go(t)
  local requests = t:requests()
  has(vim.inspect(requests[#requests].messages), "unsaved words")
  equal(t:read("notes.txt"), "first line\nsecond line\nthird line\n")
end)

it("an edit of a clean buffer is one step of undo and is saved", {
  config = all,
  replies = { edit("notes.txt", "second line", "2nd line\nand more"), { "say", "Done." } },
}, function(t)
  t.nvim:command("edit notes.txt")
  go(t)
  equal(text(t), "first line\n2nd line\nand more\nthird line\n")
  equal(t:read("notes.txt"), "first line\n2nd line\nand more\nthird line\n")
  equal(modified(t), false)
  t.nvim:keys("u")
  t.nvim:wait("vim.fn.getline(2) == 'second line'", "undo")
  equal(text(t), "first line\nsecond line\nthird line\n")
end)

it("an edit of a buffer with unsaved text keeps it, and leaves saving to the user", {
  config = all,
  replies = { edit("notes.txt", "third line", "3rd line"), { "say", "Done." } },
}, function(t)
  t.nvim:command("edit notes.txt")
  t.nvim:keys("ggOunsaved<Esc>")
  go(t)
  equal(text(t), "unsaved\nfirst line\nsecond line\n3rd line\n")
  equal(modified(t), true)
  equal(t:read("notes.txt"), "first line\nsecond line\nthird line\n")
  t.nvim:keys("u")
  t.nvim:wait("vim.fn.getline(4) == 'third line'", "undo")
  equal(text(t), "unsaved\nfirst line\nsecond line\nthird line\n")
end)

it("edits.save = always saves it with the user's text", {
  config = { mode = "bypass-permissions", edits = { save = "always" } },
  replies = { edit("notes.txt", "third line", "3rd line"), { "say", "Done." } },
}, function(t)
  t.nvim:command("edit notes.txt")
  t.nvim:keys("ggOunsaved<Esc>")
  go(t)
  equal(t:read("notes.txt"), "unsaved\nfirst line\nsecond line\n3rd line\n")
end)

-- The user types right after the agent has read the file to change it, before it writes.
local function type_between(t, row, words)
  t.nvim:lua(
    [[
    local row, words = ...
    local buffers = require("thole.buffers")
    local serve, reads = buffers.serve_read, 0
    buffers.serve_read = function(params, answer)
      serve(params, answer)
      reads = reads + 1
      if reads == 2 then
        local line = vim.fn.getline(row)
        vim.api.nvim_buf_set_text(0, row - 1, #line, row - 1, #line, { words })
      end
    end
  ]],
    row,
    words
  )
end

it("what the user types between the agent's reading and writing is merged with the edit", {
  config = all,
  replies = { edit("notes.txt", "third line", "3rd line"), { "say", "Done." } },
}, function(t)
  t.nvim:command("edit notes.txt")
  type_between(t, 1, " typed")
  go(t)
  equal(text(t), "first line typed\nsecond line\n3rd line\n")
  equal(modified(t), true)
  t.nvim:keys("u")
  t.nvim:wait("vim.fn.getline(3) == 'third line'", "undo")
  equal(text(t), "first line typed\nsecond line\nthird line\n")
end)

local conflict = {
  config = all,
  replies = { edit("notes.txt", "second line", "agent's line"), { "say", "Done." } },
}

it(
  "where both changed the same line the user's stays, and the agent's waits for a decision",
  conflict,
  function(t)
    t.nvim:command("edit notes.txt")
    type_between(t, 2, " user")
    go(t)
    equal(text(t), "first line\nsecond line user\nthird line\n")
    t.nvim:wait_screen("you both changed this; yours stands")
    has(t.nvim:screen(), "  agent's line")
    t.nvim:keys("2Ggha")
    t.nvim:wait('vim.fn.getline(2) == "agent\'s line"', "theirs")
    t.nvim:keys("u")
    t.nvim:wait("vim.fn.getline(2) == 'second line user'", "undo")
  end
)

it("a conflict that is rejected leaves the user's line", conflict, function(t)
  t.nvim:command("edit notes.txt")
  type_between(t, 2, " user")
  go(t)
  t.nvim:wait_screen("you both changed this; yours stands")
  t.nvim:keys("2Gghr")
  t.nvim:wait("#require('thole.changes').list() == 0", "the decision")
  equal(text(t), "first line\nsecond line user\nthird line\n")
  lacks(t.nvim:screen(), "you both changed this")
end)

it("a file that changed since the approval was shown is not written over", {
  replies = { edit("notes.txt", "second line", "agent's line"), { "say", "Done." } },
}, function(t)
  t.nvim:command("edit notes.txt")
  t.nvim:ask("go")
  t.nvim:wait("#require('thole.asks').list == 1", "an approval")
  t.nvim:keys("2GAuser<Esc>")
  t.nvim:wait("vim.fn.getline(2) == 'second lineuser'", "typing")
  t.nvim:command("Thole approve")
  t.nvim:wait_text("Done.")
  equal(text(t), "first line\nsecond lineuser\nthird line\n")
end)

it("a file without a buffer is written, mode and all", {
  config = all,
  replies = {
    { "calls", { name = "write_file", input = { path = "new/deep/file.txt", content = "new\n" } } },
    edit("run.sh", "echo one", "echo two"),
    { "say", "Done." },
  },
  files = { ["run.sh"] = "echo one\n", ["notes.txt"] = "a\n" },
}, function(t)
  vim.uv.fs_chmod(t:path("run.sh"), 493)
  go(t)
  equal(t:read("new/deep/file.txt"), "new\n")
  equal(t:read("run.sh"), "echo two\n")
  equal(vim.uv.fs_stat(t:path("run.sh")).mode % 512, 493)
  equal(vim.fn.glob(t:path("*.thole-*")), "")
end)

it("CRLF, a missing end of line and a byte order mark survive an edit", {
  config = all,
  files = {
    ["crlf.txt"] = "one\r\ntwo\r\nthree\r\n",
    ["noeol.txt"] = "one\ntwo\nthree",
    ["bom.txt"] = "\239\187\191one\ntwo\nthree\n",
    ["mixed.txt"] = "one\r\ntwo\nthree\r\n",
  },
  replies = {
    edit("crlf.txt", "two", "2"),
    edit("noeol.txt", "two", "2"),
    edit("bom.txt", "two", "2"),
    edit("mixed.txt", "two", "2"),
    { "say", "Done." },
  },
}, function(t)
  for _, name in ipairs({ "crlf", "noeol", "bom", "mixed" }) do
    t.nvim:command("edit " .. name .. ".txt")
  end
  go(t)
  equal(t:read("crlf.txt"), "one\r\n2\r\nthree\r\n")
  equal(t:read("noeol.txt"), "one\n2\nthree")
  equal(t:read("bom.txt"), "\239\187\191one\n2\nthree\n")
  equal(t:read("mixed.txt"), "one\r\n2\nthree\r\n")
  for _, name in ipairs({ "crlf", "noeol", "bom", "mixed" }) do
    t.nvim:command("buffer " .. name .. ".txt")
    equal(text(t), t:read(name .. ".txt"))
    equal(modified(t), false, name)
  end
end)

it("what a command writes is loaded into clean buffers and flagged on others", {
  config = all,
  replies = { bash("echo changed >notes.txt; echo changed >src/oar.h"), { "say", "Done." } },
}, function(t)
  t.nvim:command("edit src/oar.h")
  t.nvim:command("edit notes.txt")
  t.nvim:keys("ggOunsaved<Esc>")
  go(t)
  t.nvim:wait_screen("changed on disk by a command; your text is unsaved")
  equal(text(t), "unsaved\nfirst line\nsecond line\nthird line\n")
  t.nvim:command("buffer src/oar.h")
  equal(text(t), "changed\n")
  equal(modified(t), false)
end)

it("a file that a command deletes is flagged, and :write brings it back", {
  config = all,
  replies = { bash("rm notes.txt"), { "say", "Done." } },
}, function(t)
  t.nvim:command("edit notes.txt")
  go(t)
  t.nvim:wait_screen("deleted on disk; :write brings it back")
  t.nvim:command("write")
  equal(t:read("notes.txt"), "first line\nsecond line\nthird line\n")
  lacks(t.nvim:screen(), "deleted on disk")
end)

it("formatters on writing do not run for the agent's edits, but watchers of writes do", {
  config = all,
  replies = { edit("notes.txt", "second", "2nd"), { "say", "Done." } },
}, function(t)
  t.nvim:command("edit notes.txt")
  t.nvim:lua([[
    Written = 0
    vim.api.nvim_create_autocmd("BufWritePre", { callback = function()
      vim.api.nvim_buf_set_lines(0, 0, 0, false, { "formatted" })
    end })
    vim.api.nvim_create_autocmd("BufWritePost", { callback = function() Written = Written + 1 end })
  ]])
  go(t)
  equal(t:read("notes.txt"), "first line\n2nd line\nthird line\n")
  equal(t.nvim:lua("return Written"), 1)
end)

it("the cursor, marks and folds of the user stay where they are", {
  config = all,
  replies = { edit("notes.txt", "first line", "one\nmore"), { "say", "Done." } },
}, function(t)
  t.nvim:command("edit notes.txt")
  t.nvim:keys("3G3lma")
  t.nvim:wait("vim.fn.line('.') == 3", "the cursor")
  go(t)
  equal(
    t.nvim:lua("return { vim.fn.getpos('.'), vim.fn.getpos(\"'a\") }"),
    { { 0, 4, 4, 0 }, { 0, 4, 4, 0 } }
  )
end)

it("a buffer of another encoding is left to the server", {
  config = all,
  files = { ["latin.txt"] = "caf\233\n" },
  replies = { read("latin.txt"), { "say", "Done." } },
}, function(t)
  t.nvim:command("edit ++enc=latin1 latin.txt")
  go(t)
  has(t.nvim:chat(), "Done.")
end)

it("the same file under another name is the same buffer", {
  config = all,
  replies = { edit("link.txt", "second", "2nd"), { "say", "Done." } },
}, function(t)
  vim.uv.fs_symlink(t:path("notes.txt"), t:path("link.txt"))
  t.nvim:command("edit notes.txt")
  go(t)
  equal(text(t), "first line\n2nd line\nthird line\n")
  equal(vim.uv.fs_lstat(t:path("link.txt")).type, "link")
end)

it("the agent gets diagnostics of a file and of the workspace", {
  config = all,
  replies = { { "calls", { name = "diagnostics", input = vim.empty_dict() } }, { "say", "Done." } },
}, function(t)
  t.nvim:command("edit notes.txt")
  t.nvim:lua([[
    vim.diagnostic.set(vim.api.nvim_create_namespace("test"), 0, {
      { lnum = 1, col = 2, end_lnum = 1, end_col = 4, message = "odd", severity = 1, source = "lint", code = 7 },
    })
  ]])
  local expected = {
    {
      path = t:path("notes.txt"),
      line = 2,
      column = 3,
      endLine = 2,
      endColumn = 5,
      severity = "error",
      message = "odd",
      source = "lint",
      code = "7",
    },
  }
  equal(t.nvim:lua("return require('thole.diagnostics').list(...)", t:path("notes.txt")), expected)
  equal(t.nvim:lua("return require('thole.diagnostics').list()"), expected)
  equal(t.nvim:lua("return require('thole.diagnostics').list('/nowhere')"), {})
  go(t)
  local requests = t:requests()
  has(vim.inspect(requests[#requests].messages), "odd")
end)
