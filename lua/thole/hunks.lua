-- The hunks of a file that is to be reviewed, at the places where they are now, and what accepting or
-- rejecting one makes of its texts. Pure functions.
local diff = require("thole.diff")

local M = {}

---@class thole.ReviewHunk
---@field path string
---@field from integer line in the text of now, 1-based
---@field size integer lines there
---@field base thole.Hunk from the baseline to the latest text
---@field old string[] lines of the baseline
---@field new string[] lines of the latest text
---@field is_touched boolean the user has changed these lines since
---@field is_conflict boolean the agent's lines never came into the buffer

local function overlaps(hunk, conflicts)
  for _, conflict in ipairs(conflicts) do
    local before = conflict.from + math.max(conflict.size, 1) <= hunk.to
    local after = hunk.to + math.max(hunk.size, 1) <= conflict.from
    if not before and not after then
      return true
    end
  end
  return false
end

-- How many bytes two texts have in common at their beginning and their end.
local function shared(a, b)
  local most = math.min(#a, #b)
  local head, tail = 0, 0
  while head < most and a:byte(head + 1) == b:byte(head + 1) do
    head = head + 1
  end
  while tail < most - head and a:byte(#a - tail) == b:byte(#b - tail) do
    tail = tail + 1
  end
  return head + tail
end

-- Whether lines that the user has changed come from those of before the session's change rather than
-- from the session's own: then these never were in the buffer. For conflicts that nobody remembers,
-- after a restart.
local function is_of_before(lines, hunk)
  local text, old, new = table.concat(lines), table.concat(hunk.old), table.concat(hunk.new)
  return shared(text, old) > shared(text, new)
end

---@param change thole.Change
---@param now string the text of the buffer or file
---@return thole.ReviewHunk[]
function M.list(change, now)
  local baseline, latest = change.baseline or "", change.latest or ""
  local since = diff.hunks(latest, now)
  local old, new, lines = diff.lines(baseline), diff.lines(latest), diff.lines(now)
  local list = {}
  for _, base in ipairs(diff.hunks(baseline, latest)) do
    local from, size, touched = diff.moved(since, base.to, base.size)
    local hunk = {
      path = change.path,
      from = from,
      size = size,
      base = base,
      old = vim.list_slice(old, base.from, base.from + base.count - 1),
      new = vim.list_slice(new, base.to, base.to + base.size - 1),
      is_touched = touched,
    }
    local here = vim.list_slice(lines, from, from + size - 1)
    hunk.is_conflict = touched and (overlaps(base, change.conflicts) or is_of_before(here, hunk))
    table.insert(list, hunk)
  end
  return list
end

-- The baseline with the hunk in it, and the text of now: for a conflict it takes the agent's lines.
---@param change thole.Change
---@param hunk thole.ReviewHunk
---@param now string
---@return string baseline, string now
function M.accept(change, hunk, now)
  local base = hunk.base
  local baseline = diff.replaced(change.baseline or "", base.from, base.count, hunk.new)
  if hunk.is_conflict then
    now = diff.replaced(now, hunk.from, hunk.size, hunk.new)
  end
  return baseline, now
end

-- The latest text without the hunk, and the text of now without it: lines that the user has changed
-- since stay as they are.
---@param change thole.Change
---@param hunk thole.ReviewHunk
---@param now string
---@return string latest, string now
function M.reject(change, hunk, now)
  local base, before = hunk.base, change.latest or ""
  local latest = diff.replaced(before, base.to, base.size, hunk.old)
  local merged = diff.merge(before, now, latest)
  return latest, merged
end

return M
