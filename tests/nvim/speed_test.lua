-- Long sessions stay fast: a flood of updates leaves no gap in which Neovim could not take a key.
local patience = require("patience")
local rig = require("rig")
local it = rig.it

local longest = 50 -- ms

-- Looks every 2 ms at how long the main loop was away. Time of the processor, so that other programs
-- on the machine do not count.
local watch = [[
  Stall, Wall = 0, 0
  local function used()
    local usage = vim.uv.getrusage()
    local sum = usage.utime.sec + usage.stime.sec
    return sum * 1000 + (usage.utime.usec + usage.stime.usec) / 1000
  end
  local cpu, wall = used(), vim.uv.hrtime()
  vim.uv.new_timer():start(0, 2, function()
    local now, time = used(), vim.uv.hrtime()
    Stall, Wall = math.max(Stall, now - cpu), math.max(Wall, (time - wall) / 1e6)
    cpu, wall = now, time
  end)
]]

local function report(what, terminal)
  local stall, wall = terminal:lua("return Stall"), terminal:lua("return Wall")
  io.stdout:write(
    ("# %s: longest stall %.1f ms (%.1f ms by the clock)\n"):format(what, stall, wall)
  )
  assert(stall < longest, ("%s: a stall of %.1f ms"):format(what, stall))
end

local function prose(words)
  local lines = {}
  for i = 1, math.floor(words / 10) do
    local kinds = {
      "## Part %d",
      "- point `%d` of **many** that are made here",
      "Line %d of the text, with *words*.",
    }
    table.insert(lines, kinds[i % 3 + 1]:format(i))
    if i % 7 == 0 then
      table.insert(lines, "")
      table.insert(lines, "```lua\nlocal x = " .. i .. "\nreturn x\n```\n")
    end
  end
  return table.concat(lines, "\n")
end

it("20,000 updates stream into the chat without a stall of 50 ms", { editor = false }, function(t)
  local terminal = t:terminal()
  terminal:command("Thole chat")
  terminal:wait("vim.bo.filetype == 'thole-prompt'", "the prompt")
  terminal:lua(watch)
  -- What the server would send, through the client's own queue.
  terminal:lua(
    [[
    local text = ...
    local session = require("thole.agent").current
    local chunk, sent, at = math.ceil(#text / 18000), 0, 1
    Count = 0
    local timer = vim.uv.new_timer()
    timer:start(0, 5, vim.schedule_wrap(function()
      for _ = 1, 100 do
        if at > #text then
          timer:stop()
          Finished = true
          return
        end
        session:update({
          sessionUpdate = "agent_message_chunk",
          messageId = "m" .. math.floor(at / 20000),
          content = { type = "text", text = text:sub(at, at + chunk - 1) },
        })
        at, Count = at + chunk, Count + 1
        if Count % 10 == 0 then
          local id = "c" .. math.floor(Count / 100)
          session:update({
            sessionUpdate = Count % 100 == 0 and "tool_call" or "tool_call_update",
            toolCallId = id,
            title = "Run `step " .. id .. "`",
            kind = "execute",
            status = Count % 100 == 90 and "completed" or "in_progress",
            content = { { type = "content", content = { type = "text", text = ("output %d\n"):format(Count):rep(20) } } },
          })
          Count = Count + 1
        end
      end
    end))
  ]],
    prose(60000)
  )
  terminal:wait("Finished", "the end of the stream")
  terminal:wait(
    "#require('thole.chat').transcript(require('thole.agent').current).ops == 0",
    "all written"
  )
  assert(terminal:lua("return Count") >= 18000)
  report(("%d updates"):format(terminal:lua("return Count")), terminal)
end)

it("a long answer from the server streams in without a stall of 50 ms, while the user types", {
  editor = false,
  replies = { { "say", prose(40000), { chunkSize = 12 } } },
}, function(t)
  local terminal = t:terminal()
  terminal:command("edit notes.txt")
  terminal:command("Thole chat")
  terminal:wait("vim.bo.filetype == 'thole-prompt'", "the prompt")
  terminal:command("wincmd h")
  terminal:lua(watch)
  terminal:press("g", "g", "O")
  terminal:lua("require('thole').ask('tell me all')")
  local typed = ""
  while
    terminal:lua(
      "return not require('thole.agent').current or require('thole.agent').current:is_busy()"
    )
  do
    terminal:type("k")
    typed = typed .. "k"
  end
  terminal:press("Escape")
  terminal:wait("vim.api.nvim_get_mode().mode == 'n'", "the end of typing")
  rig.equal(terminal:lua("return vim.fn.getline(1)"), typed)
  report("a live answer with " .. #typed .. " keys", terminal)
end)

it("a long session is opened without a stall of 50 ms", {
  editor = false,
  replies = { { "say", prose(40000), { chunkSize = 400 } } },
}, function(t)
  local id = t:thole("spawn", "--prompt", "tell me all")
  assert(
    vim.wait(patience, function()
      return t:thole("status", id, "--json"):find('"completed"') ~= nil
    end, 50),
    "the session does not end"
  )
  local terminal = t:terminal()
  terminal:command("Thole chat")
  terminal:wait("vim.bo.filetype == 'thole-prompt'", "the prompt")
  terminal:lua(watch)
  terminal:command("Thole attach " .. id)
  terminal:wait_screen("Part 3999")
  report("opening", terminal)
end)
