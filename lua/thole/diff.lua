-- Texts as lines that keep their ends, hunks between them, and the merge of two changes of one text.
-- Pure functions; a text is the exact bytes of a file.
local M = {}

---@class thole.Hunk lines [from, from + count) of the old text became [to, to + size) of the new
---@field from integer 1-based; with count 0 the place before that line
---@field count integer
---@field to integer
---@field size integer

-- Lines with their ends: the last one has none when the text does not end with one.
---@param text string
---@return string[]
function M.lines(text)
  local lines, from = {}, 1
  while from <= #text do
    local stop = text:find("\n", from, true) or #text
    table.insert(lines, text:sub(from, stop))
    from = stop + 1
  end
  return lines
end

local function placed(start, count)
  return count == 0 and start + 1 or start
end

---@param old string
---@param new string
---@return thole.Hunk[]
function M.hunks(old, new)
  if old == new then
    return {}
  end
  local found = vim.diff(old, new, { result_type = "indices", algorithm = "histogram" })
  local hunks = {}
  for _, at in ipairs(found) do
    local from, to = placed(at[1], at[2]), placed(at[3], at[4])
    table.insert(hunks, { from = from, count = at[2], to = to, size = at[4] })
  end
  return hunks
end

-- A unified diff, without its file header.
---@param old string
---@param new string
---@param context? integer
---@return string[]
function M.unified(old, new, context)
  local text = vim.diff(old, new, { ctxlen = context or 3, algorithm = "histogram" })
  return vim.split((text:gsub("\r", ""):gsub("\n$", "")), "\n", { plain = true })
end

---@param old string
---@param new string
---@return integer added, integer removed lines
function M.count(old, new)
  local added, removed = 0, 0
  for _, hunk in ipairs(M.hunks(old, new)) do
    added, removed = added + hunk.size, removed + hunk.count
  end
  return added, removed
end

-- Whether both changes have the same place, so that their order or their choice is a question.
---@param a thole.Hunk
---@param b thole.Hunk
---@return boolean
local function collide(a, b)
  if a.count == 0 and b.count == 0 then
    return a.from == b.from
  end
  if a.count == 0 then
    return b.from < a.from and a.from < b.from + b.count
  end
  if b.count == 0 then
    return a.from < b.from and b.from < a.from + a.count
  end
  return a.from < b.from + b.count and b.from < a.from + a.count
end

local function collides_with(group, side, hunk)
  for _, other in ipairs(group) do
    if other.side ~= side and collide(other.hunk, hunk) then
      return true
    end
  end
  return false
end

-- Changes of both sides in the order of their place; those that collide are in one group.
local function grouped(ours, theirs)
  local all = {}
  for side, hunks in ipairs({ ours, theirs }) do
    for _, hunk in ipairs(hunks) do
      table.insert(all, { side = side, hunk = hunk })
    end
  end
  table.sort(all, function(a, b)
    if a.hunk.from ~= b.hunk.from then
      return a.hunk.from < b.hunk.from
    end
    if (a.hunk.count == 0) ~= (b.hunk.count == 0) then
      return a.hunk.count == 0
    end
    return a.side < b.side
  end)
  local groups = {}
  for _, entry in ipairs(all) do
    local last = groups[#groups]
    if last and collides_with(last, entry.side, entry.hunk) then
      table.insert(last, entry)
    else
      table.insert(groups, { entry })
    end
  end
  return groups
end

-- What became of base lines [from, stop) on one side of a group.
local function region(group, side, base, lines, from, stop)
  local out, at = {}, from
  for _, entry in ipairs(group) do
    if entry.side == side then
      vim.list_extend(out, base, at, entry.hunk.from - 1)
      vim.list_extend(out, lines, entry.hunk.to, entry.hunk.to + entry.hunk.size - 1)
      at = entry.hunk.from + entry.hunk.count
    end
  end
  vim.list_extend(out, base, at, stop - 1)
  return out
end

-- Where base line `from` is on one side, before the changes of the group.
local function side_line(hunks, from)
  local shift = 0
  for _, hunk in ipairs(hunks) do
    if hunk.from + hunk.count <= from and hunk.from < from then
      shift = shift + hunk.size - hunk.count
    end
  end
  return from + shift
end

local function span(group)
  local from, stop = math.huge, 0
  for _, entry in ipairs(group) do
    from = math.min(from, entry.hunk.from)
    stop = math.max(stop, entry.hunk.from + entry.hunk.count)
  end
  return from, stop
end

---@class thole.Conflict
---@field line integer 1-based line of the merged text where ours stands
---@field ours string[]
---@field theirs string[]
---@field their_line integer 1-based line of the text of theirs

-- Both changes of `base` in one text. Where they contradict, `ours` stays and the conflict is told.
---@param base string
---@param ours string
---@param theirs string
---@return string merged, thole.Conflict[]
function M.merge(base, ours, theirs)
  if base == ours or ours == theirs then
    return theirs, {}
  end
  if base == theirs then
    return ours, {}
  end
  local lines = { M.lines(ours), M.lines(theirs) }
  local base_lines = M.lines(base)
  local out, conflicts, at = {}, {}, 1
  local their_hunks = M.hunks(base, theirs)
  for _, group in ipairs(grouped(M.hunks(base, ours), their_hunks)) do
    local from, stop = span(group)
    vim.list_extend(out, base_lines, at, from - 1)
    at = stop
    local mine = region(group, 1, base_lines, lines[1], from, stop)
    local other = region(group, 2, base_lines, lines[2], from, stop)
    local chosen = mine
    if #group == 1 then
      chosen = group[1].side == 1 and mine or other
    elseif not vim.deep_equal(mine, other) then
      table.insert(conflicts, {
        line = #out + 1,
        ours = mine,
        theirs = other,
        their_line = side_line(their_hunks, from),
      })
    end
    vim.list_extend(out, chosen)
  end
  vim.list_extend(out, base_lines, at, #base_lines)
  return table.concat(out), conflicts
end

-- Lines [from, from + count) of a text replaced.
---@param text string
---@param from integer
---@param count integer
---@param lines string[] with their ends
---@return string
function M.replaced(text, from, count, lines)
  local all = M.lines(text)
  local out = vim.list_slice(all, 1, from - 1)
  vim.list_extend(out, lines)
  vim.list_extend(out, all, from + count)
  return table.concat(out)
end

-- Where the lines [from, from + count) of a text are after the changes `hunks`, and whether any of
-- them was changed. Lines put in at either edge are outside.
---@param hunks thole.Hunk[]
---@param from integer
---@param count integer
---@return integer from, integer count, boolean touched
function M.moved(hunks, from, count)
  local stop = from + count
  local first, last, touched = from, stop, false
  local before, inside = 0, 0
  for _, hunk in ipairs(hunks) do
    local hunk_stop = hunk.from + hunk.count
    local change = hunk.size - hunk.count
    local is_edge = hunk.count == 0 and (hunk.from == from or hunk.from == stop)
    if hunk_stop <= from and not (hunk.count == 0 and hunk.from == stop and count == 0) then
      before = before + change
    elseif hunk.from < stop and not is_edge then
      touched = true
      first, last = math.min(first, hunk.from), math.max(last, hunk_stop)
      inside = inside + change
    end
  end
  return first + before, last - first + inside, touched
end

return M
