-- What a user sees, in a real terminal, compared with the screens in tests/nvim/screens.
-- THOLE_SCREENS=write writes them anew; the picture of the README is made of one of them.
local patience = require("patience")
local rig = require("rig")
local it = rig.it

local folder = vim.fs.dirname(vim.fs.normalize(debug.getinfo(1, "S").source:sub(2))) .. "/screens"

-- Ids of sessions and times are others each time.
local function masked(screen)
  return (
    screen
      :gsub("%d%d%d%d%d%d%d%d%-%d%d%d%d%-%w%w%w%w", "SESSION")
      :gsub("%d+%.%d s", "N.N s")
      :gsub("● %d+ s", "● N s")
  )
end

local function read(path)
  local file = io.open(path, "rb")
  local text = file and file:read("*a")
  if file then
    file:close()
  end
  return text
end

local function write(path, text)
  local file = assert(io.open(path, "wb"))
  file:write(text)
  file:close()
end

-- Waits until the screen is the one that is on file.
local function compare(terminal, name)
  local path = ("%s/%s.txt"):format(folder, name)
  if vim.env.THOLE_SCREENS == "write" then
    vim.wait(1500)
    return write(path, masked(terminal:screen()) .. "\n")
  end
  local expected = assert(read(path), "no " .. path):gsub("\n$", "")
  local screen
  local came = vim.wait(patience, function()
    screen = masked(terminal:screen())
    return screen == expected
  end, 30)
  if not came then
    error(("%s: expected\n%s\ngot\n%s"):format(name, expected, screen), 2)
  end
end

local looks = {
  "--cmd",
  "set termguicolors background=dark laststatus=0 statusline=%f noruler noshowcmd noshowmode",
  "--cmd",
  "set shortmess+=I cmdheight=1 fillchars+=eob:\\ ",
}

local function tasks(...)
  local list = {}
  for i, content in ipairs({ "Read the oar and its callers", "Row faster", "Say so in the notes" }) do
    table.insert(list, { content = content, status = select(i, ...) })
  end
  return { name = "update_tasks", input = { tasks = list } }
end

local story = {
  editor = false,
  replies = {
    {
      "think",
      "They want to go faster.\nThe rate is in oar.c, so I look there first.",
      "First the oar.",
    },
    {
      "sayThenCall",
      "The rate is in **`src/oar.c`**: 28 strokes a minute.\n\n"
        .. "- a boat of two can row `30`\n- nothing else uses the number\n",
      tasks("completed", "in_progress", "pending"),
      { name = "read_file", input = { path = "src/oar.c" } },
    },
    {
      "calls",
      {
        name = "edit_file",
        input = { path = "src/oar.c", old_string = "minutes * 28", new_string = "minutes * 30" },
      },
    },
    {
      "calls",
      { name = "bash", input = { command = "make -s test", description = "Run the tests" } },
    },
    { "say", "Rowing at **30** now." },
  },
}

local function begin(t)
  local terminal =
    t:terminal({ words = looks, size = { 128, 36 }, config = { panel = { width = 34 } } })
  terminal:command("edit src/oar.c")
  terminal:command("Thole chat")
  terminal:wait("vim.bo.filetype == 'thole-prompt'", "the prompt")
  terminal:press("i")
  terminal:type("Can we row a little faster?")
  terminal:press("C-s")
  terminal:wait_idle()
  return terminal
end

it("the screens of a conversation: a thought, an approval, a review", story, function(t)
  local terminal = begin(t)
  compare(terminal, "thought")
  terminal:type("i")
  terminal:type("Do it.")
  terminal:press("C-s")
  terminal:wait("#require('thole.asks').list == 1", "an approval")
  terminal:command("Thole tasks")
  terminal:lua("require('thole.chat').enter_prompt()")
  compare(terminal, "approval")
  local svg = require("picture").svg(terminal:colours())
  vim.fn.mkdir("build", "p")
  write("build/nvim.svg", svg)
  if vim.env.THOLE_SCREENS == "write" then
    write("docs/nvim.svg", svg)
  end
  terminal:command("Thole approve")
  terminal:wait(
    "(require('thole.asks').list[1] or { call = {} }).call.kind == 'execute'",
    "the next approval"
  )
  compare(terminal, "review")
  terminal:command("Thole reject")
  terminal:wait_idle()
  compare(terminal, "rejected")
end)
