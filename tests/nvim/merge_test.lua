-- Three-way merges and the hunks of a review, as pure functions.
local diff = require("thole.diff")
local hunks = require("thole.hunks")
local rig = require("rig")
local equal = rig.equal

local function it(name, body)
  rig.it(name, { bare = true }, body)
end

local base = "one\ntwo\nthree\nfour\nfive\n"

it("changes of different lines are merged", function()
  equal(
    { diff.merge(base, "ONE\ntwo\nthree\nfour\nfive\n", "one\ntwo\nthree\nfour\nFIVE\n") },
    { "ONE\ntwo\nthree\nfour\nFIVE\n", {} }
  )
end)

it("changes of neighbouring lines are merged", function()
  equal(
    { diff.merge(base, "one\nTWO\nthree\nfour\nfive\n", "one\ntwo\nTHREE\nfour\nfive\n") },
    { "one\nTWO\nTHREE\nfour\nfive\n", {} }
  )
end)

it("the same change of both is made once", function()
  equal({ diff.merge(base, base .. "six\n", base .. "six\n") }, { base .. "six\n", {} })
end)

it("different changes of one line leave ours and tell of theirs", function()
  local ours, theirs = base:gsub("three", "mine"), base:gsub("three", "theirs\nand more")
  equal({ diff.merge(base, ours, "zero\n" .. theirs) }, {
    "zero\none\ntwo\nmine\nfour\nfive\n",
    { { line = 4, ours = { "mine\n" }, theirs = { "theirs\n", "and more\n" }, their_line = 4 } },
  })
end)

it("lines put in at the same place by both leave ours", function()
  local merged, conflicts = diff.merge(base, "mine\n" .. base, "theirs\n" .. base)
  equal(merged, "mine\n" .. base)
  equal(#conflicts, 1)
end)

it("a line that we changed and they took out stays", function()
  local ours, theirs = base:gsub("two", "2"), base:gsub("two\n", "")
  local merged, conflicts = diff.merge(base, ours, theirs)
  equal(merged, ours)
  equal(#conflicts, 1)
end)

it("texts without an end of line, and empty ones, are merged exactly", function()
  equal({ diff.merge("a\nb", "A\nb", "a\nb\nc") }, { "A\nb\nc", {} })
  equal({ diff.merge("", "", "new\n") }, { "new\n", {} })
  equal({ diff.merge("old\n", "old\n", "") }, { "", {} })
  local merged, conflicts = diff.merge("", "mine\n", "theirs\n")
  equal({ merged, #conflicts }, { "mine\n", 1 })
end)

it("CRLF and LF are different lines", function()
  equal({ diff.merge("a\r\nb\r\n", "a\r\nB\r\n", "a\nb\r\n") }, { "a\nB\r\n", {} })
end)

it("a conflict that nobody remembers is known by whose text the user's lines come from", function()
  local change = { path = "f", baseline = "a line\nb\n", latest = "another\nb\n", conflicts = {} }
  equal(hunks.list(change, "a line of mine\nb\n")[1].is_conflict, true)
  equal(hunks.list(change, "another of mine\nb\n")[1].is_conflict, false)
  equal(hunks.list(change, "another\nb and more\n")[1].is_conflict, false)
end)

local function random_text(lines)
  local ends = { "\n", "\n", "\n", "\r\n" }
  local out = {}
  for i = 1, lines do
    out[i] = ("line %d"):format(math.random(1, 9)) .. ends[math.random(#ends)]
  end
  local text = table.concat(out)
  return math.random(5) == 1 and text:gsub("\r?\n$", "") or text
end

local function changed(text, mark)
  local lines = diff.lines(text)
  for i = 1, math.random(1, 3) do
    local at = math.random(1, math.max(#lines, 1))
    local what = math.random(3)
    if what == 1 then
      table.insert(lines, at, ("%s %d\n"):format(mark, i))
    elseif what == 2 and lines[at] then
      lines[at] = ("%s instead %d\n"):format(mark, i)
    elseif lines[at] then
      table.remove(lines, at)
    end
  end
  return table.concat(lines)
end

it(
  "in 2,000 random merges everything of ours is there, and theirs where it does not contradict",
  function()
    math.randomseed(7)
    for _ = 1, 2000 do
      local start = random_text(math.random(0, 12))
      local ours, theirs = changed(start, "ours"), changed(start, "theirs")
      local merged, conflicts = diff.merge(start, ours, theirs)
      for line in ours:gmatch("ours[^\n]*") do
        rig.has(merged, line)
      end
      if #conflicts == 0 then
        for line in theirs:gmatch("theirs[^\n]*") do
          rig.has(merged, line)
        end
      end
      equal(diff.merge(start, start, theirs), theirs)
      equal(diff.merge(start, ours, start), ours)
    end
  end
)

it(
  "rejecting every hunk gives the exact bytes back, accepting every one empties the review",
  function()
    math.randomseed(11)
    for _ = 1, 1000 do
      local baseline = random_text(math.random(0, 12))
      local latest = changed(baseline, "agent")
      local change = { path = "f", baseline = baseline, latest = latest, conflicts = {} }
      local now, rounds = latest, 0
      while change.latest ~= baseline and rounds < 20 do
        local list = hunks.list(change, now)
        change.latest, now = hunks.reject(change, list[math.random(#list)], now)
        rounds = rounds + 1
      end
      equal(now, baseline)
      change = { path = "f", baseline = baseline, latest = latest, conflicts = {} }
      while change.baseline ~= latest do
        local list = hunks.list(change, latest)
        change.baseline = hunks.accept(change, list[math.random(#list)], latest)
      end
    end
  end
)

it("500 random edits of the user shift the hunks and never lose a line of theirs", function()
  math.randomseed(13)
  for _ = 1, 500 do
    local baseline = random_text(math.random(3, 14))
    local latest = changed(baseline, "agent")
    local now = changed(latest, "user")
    local change = { path = "f", baseline = baseline, latest = latest, conflicts = {} }
    for _, hunk in ipairs(hunks.list(change, now)) do
      local lines = diff.lines(now)
      if not hunk.is_touched then
        equal(vim.list_slice(lines, hunk.from, hunk.from + hunk.size - 1), hunk.new)
      end
      local _, without = hunks.reject(change, hunk, now)
      for line in now:gmatch("user[^\n]*") do
        rig.has(without, line)
      end
    end
  end
end)
