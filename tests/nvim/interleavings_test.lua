-- A user who types and an agent who edits the same buffer at the same time, 500 random histories: no
-- keystroke is lost, and one undo takes back exactly what the agent did.
local rig = require("rig")
local it, equal = rig.it, rig.equal

local runs = 500

-- What the agent does to a text: lines of its own are put in, lines that nobody typed in are changed
-- or taken out. Runs in the editor, so that nothing happens between reading and remembering.
local agent = [[
  local buffers = require("thole.buffers")
  local path = vim.api.nvim_buf_get_name(0)
  Agent = Agent or {}

  function Agent.read()
    buffers.serve_read({ path = path }, function(result)
      Agent.known = result.content
    end)
  end

  function Agent.write(seed, stamp)
    math.randomseed(seed)
    local lines = vim.split(Agent.known:gsub("\n$", ""), "\n")
    for step = 1, math.random(1, 3) do
      local at = math.random(1, #lines)
      local is_users = lines[at]:find("u%d") ~= nil
      local what = math.random(1, 3)
      if what == 1 or is_users then
        table.insert(lines, at, ("agent %s.%d"):format(stamp, step))
      elseif what == 2 or #lines < 4 then
        lines[at] = ("changed %s.%d"):format(stamp, step)
      else
        table.remove(lines, at)
      end
    end
    local content = table.concat(lines, "\n") .. "\n"
    local before = buffers.text(0)
    buffers.serve_write({ sessionId = "s", path = path, content = content }, function(_, fault)
      assert(not fault, fault and fault.message)
    end)
    Agent.known = content
    return { before, buffers.text(0) }
  end
]]

local function typed(run, count)
  return ("u%dn%dz"):format(run, count)
end

-- Where the user types next: at the end of a line, before it, or on a line of its own.
local openings = { "A", "I", "o", "O" }

local function text_of(nvim)
  return nvim:lua("return require('thole.buffers').text(0)")
end

local function settle(nvim, keys)
  nvim:keys(keys)
  nvim:wait("vim.api.nvim_get_mode().mode == 'n' and vim.fn.getchar(1) == 0", "end of the keys")
end

-- The agent edits while no key is pressed: u takes it back, CTRL-R brings it again.
local function edit_at_rest(nvim, seed, stamp)
  local before, after = unpack(nvim:lua("return Agent.write(...)", seed, stamp))
  if before ~= after then
    settle(nvim, "u")
    equal(text_of(nvim), before, "u after the edit " .. stamp)
    settle(nvim, "<C-r>")
    equal(text_of(nvim), after, "CTRL-R after the edit " .. stamp)
  end
end

-- The agent edits in the middle of a word that the user types: the first u takes the rest of the
-- word, the second one the agent's edit and nothing else.
local function edit_in_a_word(nvim, word, seed, stamp)
  local half = math.floor(#word / 2)
  local first = word:sub(1, half)
  nvim:keys(openings[math.random(#openings)] .. first)
  nvim:wait("vim.api.nvim_get_current_line():find(" .. vim.inspect(first) .. ", 1, true)", first)
  equal(nvim:lua("return vim.api.nvim_get_mode().mode"), "i")
  local before, after = unpack(nvim:lua("return Agent.write(...)", seed, stamp))
  settle(nvim, word:sub(half + 1) .. "<Esc>")
  local whole = text_of(nvim)
  if before ~= after then
    settle(nvim, "u")
    equal(text_of(nvim), after, "u takes the second half of the word at " .. stamp)
    settle(nvim, "u")
    equal(text_of(nvim), before, "the next u takes the edit " .. stamp)
    settle(nvim, "2<C-r>")
    equal(text_of(nvim), whole, "CTRL-R brings both back at " .. stamp)
  end
end

local function one_history(nvim, run)
  local lines = {}
  for i = 1, 12 do
    lines[i] = ("line %d of history %d"):format(i, run)
  end
  nvim:lua("vim.cmd('silent %d _') vim.api.nvim_buf_set_lines(0, 0, -1, true, ...)", lines)
  nvim:lua("vim.cmd('silent write') Agent.read()")
  local words = {}
  for step = 1, math.random(3, 6) do
    local word = typed(run, step)
    local seed, stamp = math.random(1, 1e6), ("%d/%d"):format(run, step)
    nvim:keys(math.random(1, 12) .. "G")
    local what = math.random(1, 5)
    if what == 1 then
      nvim:lua("Agent.read()")
    elseif what == 2 then
      edit_at_rest(nvim, seed, stamp)
    elseif what == 3 then
      settle(nvim, openings[math.random(#openings)] .. word .. "<Esc>")
      table.insert(words, word)
    else
      edit_in_a_word(nvim, word, seed, stamp)
      table.insert(words, word)
    end
  end
  local text = text_of(nvim)
  for _, word in ipairs(words) do
    if not text:find(word, 1, true) then
      error(("%s was typed and is gone:\n%s"):format(word, text))
    end
  end
end

it("500 random histories of typing and editing lose no keystroke and undo exactly", {
  files = { ["a.txt"] = "one\n" },
  config = { edits = { save = "never" } },
}, function(t)
  math.randomseed(tonumber(vim.env.THOLE_TEST_SEED or "20261128"))
  t.nvim:command("edit a.txt")
  t.nvim:lua(agent)
  for run = 1, runs do
    one_history(t.nvim, run)
  end
end)
