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

---@param change thole.Change
---@param now string the text of the buffer or file
---@return thole.ReviewHunk[]
function M.list(change, now)
  local baseline, latest = change.baseline or "", change.latest or ""
  local since = diff.hunks(latest, now)
  local old, new = diff.lines(baseline), diff.lines(latest)
  local list = {}
  for _, hunk in ipairs(diff.hunks(baseline, latest)) do
    local from, size, touched = diff.moved(since, hunk.to, hunk.size)
    table.insert(list, {
      path = change.path,
      from = from,
      size = size,
      base = hunk,
      old = vim.list_slice(old, hunk.from, hunk.from + hunk.count - 1),
      new = vim.list_slice(new, hunk.to, hunk.to + hunk.size - 1),
      is_touched = touched,
      is_conflict = touched and overlaps(hunk, change.conflicts),
    })
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
