-- The review: hunks with signs, through them and across files, accepted and rejected to the byte.
local rig = require("rig")
local it, equal, has, lacks = rig.it, rig.equal, rig.has, rig.lacks

local function edit(path, from, to)
  return {
    "calls",
    { name = "edit_file", input = { path = path, old_string = from, new_string = to } },
  }
end

local lines = {}
for i = 1, 20 do
  lines[i] = ("line %d"):format(i)
end
local long = table.concat(lines, "\n") .. "\n"

local two_files = {
  config = { mode = "bypass-permissions" },
  files = { ["a.txt"] = long, ["b.txt"] = "one\r\ntwo\r\nthree" },
  replies = {
    edit("a.txt", "line 2\n", "second\nand a half\n"),
    edit("a.txt", "line 15\n", ""),
    edit("b.txt", "two", "2"),
    { "calls", { name = "write_file", input = { path = "c.txt", content = "new\n" } } },
    { "say", "Done." },
  },
}

local function go(t)
  t.nvim:command("edit a.txt")
  t.nvim:ask("go")
  t.nvim:wait_idle()
  t.nvim:wait("#require('thole.changes').list() == 3", "the changes")
end

local function at(t)
  return t.nvim:lua("return { vim.fn.expand('%:t'), vim.fn.line('.') }")
end

local function text(t)
  return t.nvim:lua("return require('thole.buffers').text(0)")
end

local function left(t)
  return t.nvim:lua([[
    return vim.tbl_map(function(hunk)
      return vim.fs.basename(hunk.path) .. ":" .. hunk.from
    end, require("thole.review").all())
  ]])
end

it("hunks have signs, what was there before, and their keys", two_files, function(t)
  go(t)
  local screen = t.nvim:screen()
  has(screen, "1/2 · gha accept · ghr reject")
  has(screen, "  line 2 ")
  has(screen, "┃ second")
  has(screen, "┃ and a half")
  has(screen, "  line 15 ")
end)

it("next and previous go through the hunks of all files and round", two_files, function(t)
  go(t)
  t.nvim:command("Thole review")
  equal(at(t), { "a.txt", 2 })
  t.nvim:keys("]h")
  t.nvim:wait("vim.fn.line('.') == 16", "the second hunk")
  t.nvim:keys("]h")
  t.nvim:wait("vim.fn.expand('%:t') == 'b.txt'", "the next file")
  equal(at(t), { "b.txt", 2 })
  t.nvim:command("Thole review next")
  equal(at(t), { "c.txt", 1 })
  t.nvim:command("Thole review next")
  equal(at(t), { "a.txt", 2 })
  t.nvim:command("Thole review previous")
  equal(at(t), { "c.txt", 1 })
  t.nvim:command("Thole review previous")
  equal(at(t), { "b.txt", 2 })
end)

it("accepting takes a hunk off the list and leaves the text", two_files, function(t)
  go(t)
  equal(left(t), { "a.txt:2", "a.txt:16", "b.txt:2", "c.txt:1" })
  t.nvim:command("Thole review next")
  t.nvim:keys("gha")
  t.nvim:wait("#require('thole.review').all() == 3", "one hunk less")
  equal(left(t), { "a.txt:16", "b.txt:2", "c.txt:1" })
  has(text(t), "second\nand a half\n")
end)

it("rejecting brings the exact bytes back, one step of undo", two_files, function(t)
  go(t)
  t.nvim:command("2")
  t.nvim:keys("ghr")
  t.nvim:wait("#require('thole.review').all() == 3", "one hunk less")
  equal(text(t), (long:gsub("line 15\n", "")))
  equal(t:read("a.txt"), (long:gsub("line 15\n", "")))
  t.nvim:keys("u")
  t.nvim:wait("vim.fn.getline(2) == 'second'", "undo")
  t.nvim:keys("<C-r>")
  t.nvim:wait("vim.fn.getline(2) == 'line 2'", "redo")
  t.nvim:command("15")
  t.nvim:command("Thole review reject")
  t.nvim:wait("#require('thole.review').all() == 2", "one hunk less")
  equal(t:read("a.txt"), long)
  t.nvim:command("Thole review next")
  t.nvim:command("Thole review reject")
  equal(t:read("b.txt"), "one\r\ntwo\r\nthree")
end)

it("a new file that is rejected is gone; a whole file is accepted at once", two_files, function(t)
  go(t)
  t.nvim:command("Thole review reject-file c.txt")
  equal(t:read("c.txt"), nil)
  t.nvim:command("Thole review accept-file a.txt")
  equal(left(t), { "b.txt:2" })
  t.nvim:command("Thole review reject-all")
  equal(left(t), {})
  equal(t:read("b.txt"), "one\r\ntwo\r\nthree")
  t.nvim:command("Thole review")
  has(t.nvim:notices(), "nothing is left to review")
end)

it("a file without a hunk is stepped over, and accepted or rejected where it is named", {
  config = two_files.config,
  files = two_files.files,
  replies = {
    edit("a.txt", "line 2\n", ""),
    { "calls", { name = "write_file", input = { path = "aa.txt", content = "" } } },
    edit("b.txt", "two", "2"),
    { "say", "Done." },
  },
}, function(t)
  go(t)
  equal(left(t), { "a.txt:2", "aa.txt:1", "b.txt:2" })
  t.nvim:command("Thole review")
  t.nvim:command("Thole review next")
  has(t.nvim:notices(), "aa.txt is empty; :Thole review accept, reject")
  t.nvim:command("Thole review next")
  equal(at(t), { "b.txt", 2 })
  t.nvim:command("Thole review previous")
  t.nvim:command("Thole review reject")
  equal(t:read("aa.txt"), nil)
  equal(left(t), { "a.txt:2", "b.txt:2" })
end)

it("a file that cannot be written is named, and its review stays", two_files, function(t)
  go(t)
  vim.uv.fs_unlink(t:path("b.txt"))
  vim.fn.mkdir(t:path("b.txt"))
  t.nvim:command("Thole review reject-file b.txt")
  has(t.nvim:notices(), "cannot write " .. t:path("b.txt") .. ": ")
  has(table.concat(left(t), " "), "b.txt")
end)

it("what the user types moves the hunks, and stays when one is rejected", two_files, function(t)
  go(t)
  t.nvim:keys("ggOon top<Esc>4GA with words of mine<Esc>")
  t.nvim:wait("vim.fn.getline(4):find('mine')", "typing")
  t.nvim:wait("require('thole.review').all()[1].from == 3", "the hunk one line lower")
  t.nvim:command("3")
  t.nvim:keys("ghr")
  t.nvim:wait("#require('thole.review').all() == 3", "one hunk less")
  has(text(t), "on top\n")
  has(text(t), "and a half with words of mine\n")
end)

it(
  "list puts every hunk into the quickfix list, diff shows the file in diff mode",
  two_files,
  function(t)
    go(t)
    t.nvim:command("Thole review list")
    equal(
      t.nvim:lua([[
    return vim.tbl_map(function(item)
      return vim.fs.basename(vim.fn.bufname(item.bufnr)) .. ":" .. item.lnum
    end, vim.fn.getqflist())
  ]]),
      { "a.txt:2", "a.txt:16", "b.txt:2", "c.txt:1" }
    )
    t.nvim:command("cclose")
    t.nvim:command("Thole review diff")
    equal(t.nvim:lua("return vim.wo.diff"), true)
    t.nvim:command("tabclose")
  end
)

it(
  "the keys of the review leave with its last hunk and never take one of the user's",
  two_files,
  function(t)
    t.nvim:command("nnoremap gha :echo 'mine'<CR>")
    go(t)
    has(t.nvim:lua("return vim.fn.maparg('gha', 'n')"), "mine")
    equal(t.nvim:lua("return vim.fn.maparg('ghr', 'n', false, true).buffer"), 1)
    t.nvim:command("Thole review accept-all")
    equal(t.nvim:lua("return vim.fn.maparg('ghr', 'n')"), "")
    lacks(t.nvim:screen(), "┃")
  end
)

it("what is not reviewed waits after a restart of both, what is does not", two_files, function(t)
  go(t)
  t.nvim:command("Thole review next")
  t.nvim:keys("gha")
  t.nvim:wait("#require('thole.review').all() == 3", "one hunk less")
  t.nvim:command("Thole review next")
  t.nvim:command("Thole review reject")
  equal(left(t), { "b.txt:2", "c.txt:1" })
  local id = t.nvim:lua("return require('thole.agent').current.id")
  t.nvim:lua("require('thole.agent').request('_thole/sync', {}, function() Synced = true end)")
  t.nvim:wait("Synced", "the server")
  t.nvim:stop()
  t.nvim = t:editor()
  t.nvim:command("edit b.txt")
  t.nvim:command("Thole attach " .. id)
  t.nvim:wait(
    "package.loaded['thole.review'] and #require('thole.review').all() == 2",
    "the same hunks"
  )
  equal(left(t), { "b.txt:2", "c.txt:1" })
  t.nvim:wait_screen("1/1 · gha accept · ghr reject")
  t.nvim:command("Thole review reject-all")
  t.nvim:wait("#require('thole.review').all() == 0", "the end of the review")
  equal(t:read("a.txt"), (long:gsub("line 2\n", "second\nand a half\n")))
  equal(t:read("b.txt"), "one\r\ntwo\r\nthree")
  equal(t:read("c.txt"), nil)
end)

it("a conflict is still one after a restart", {
  config = two_files.config,
  files = { ["a.txt"] = "one\na line\nthree\n" },
  replies = { edit("a.txt", "a line", "another"), { "say", "Done." } },
}, function(t)
  t.nvim:command("edit a.txt")
  t.nvim:lua([[
    local buffers = require("thole.buffers")
    local serve = buffers.serve_write
    buffers.serve_write = function(...)
      vim.api.nvim_buf_set_lines(0, 1, 2, true, { "a line of mine" })
      serve(...)
    end
  ]])
  t.nvim:ask("go")
  t.nvim:wait("#require('thole.review').all() == 1", "the conflict")
  t.nvim:wait_idle()
  t.nvim:wait_screen("you both changed this; yours stands")
  t.nvim:command("write")
  local id = t.nvim:lua("return require('thole.agent').current.id")
  t.nvim:stop()
  t.nvim = t:editor()
  t.nvim:command("edit a.txt")
  t.nvim:command("Thole attach " .. id)
  t.nvim:wait_screen("you both changed this; yours stands")
  t.nvim:command("Thole review next")
  t.nvim:command("Thole review accept")
  t.nvim:wait("vim.fn.getline(2) == 'another'", "theirs")
end)

it("the hunks are there again when the program was killed", two_files, function(t)
  go(t)
  local before = left(t)
  vim.uv.kill(t.nvim:lua("return require('thole.agent').pid()"), "sigkill")
  t.nvim:wait_text("thole was started again")
  t.nvim:command("Thole review accept-file a.txt")
  t.nvim:wait("#require('thole.review').all() == 2", "one file less")
  equal(left(t), { "b.txt:2", "c.txt:1" })
  equal(#before, 4)
end)

it(
  "a review of what the session has changed since is refused and shown anew",
  two_files,
  function(t)
    go(t)
    t.nvim:lua([[
    for _, change in ipairs(require("thole.changes").list()) do
      change.event_id = change.event_id - 1
    end
  ]])
    t.nvim:command("Thole review accept-file a.txt")
    t.nvim:wait_notice("the review was not recorded: ")
    t.nvim:wait("#require('thole.review').all() == 4", "all hunks")
  end
)

local secret = "ghp_" .. ("aB3dE6gH9j"):rep(4):sub(1, 36)

it("a text that held a secret is not written back", {
  config = two_files.config,
  files = { ["a.txt"] = "one\ntoken = " .. secret .. "\nthree\n" },
  replies = { edit("a.txt", "token = " .. secret .. "\n", "token = none\n"), { "say", "Done." } },
}, function(t)
  t.nvim:command("edit a.txt")
  t.nvim:ask("go")
  t.nvim:wait("#require('thole.changes').list() == 1", "the change")
  t.nvim:wait_idle()
  t.nvim:command("Thole review reject-file a.txt")
  local words = "a.txt held a secret, which thole does not keep: take the change back by hand"
  has(t.nvim:notices(), words)
  equal(t:read("a.txt"), "one\ntoken = none\nthree\n")
  t.nvim:command("Thole review accept-file a.txt")
  t.nvim:wait("#require('thole.changes').list() == 0", "the end of the review")
end)

it("edits.review = false shows no signs and keeps the commands", {
  config = { mode = "bypass-permissions", edits = { review = false } },
  files = two_files.files,
  replies = two_files.replies,
}, function(t)
  go(t)
  lacks(t.nvim:screen(), "┃ second")
  t.nvim:command("Thole review reject-file a.txt")
  equal(t:read("a.txt"), long)
end)
