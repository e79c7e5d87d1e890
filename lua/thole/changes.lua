-- What sessions changed and the user has not reviewed yet: for each file the text that the review
-- stands on and the text that the session left. The server keeps it; an older server that does not is
-- stood in for by what passed through this editor.
local Events = require("thole.events")
local agent = require("thole.agent")
local buffers = require("thole.buffers")
local diff = require("thole.diff")
local protocol = require("thole.protocol")

local M = { events = Events.new() }

---@class thole.Change
---@field session thole.Session
---@field path string
---@field baseline? string nil: the file did not exist
---@field latest? string nil: deleted
---@field event? integer of the session's last change, as the server counts
---@field is_redacted boolean a secret in its texts was not kept
---@field conflicts { from: integer, size: integer }[] lines of `latest` that never came into the buffer

local files = {} ---@type table<string, thole.Change> by path

---@return thole.Change[] in the order of their paths
function M.list()
  local list = vim.tbl_values(files)
  table.sort(list, function(a, b)
    return a.path < b.path
  end)
  return list
end

---@param path string
---@return thole.Change?
function M.of(path)
  return files[path] or files[vim.uv.fs_realpath(path) or ""]
end

local function changed()
  M.events:emit("changed", M.list())
end

local function keeps_on_server()
  return agent.features.changes ~= nil
end

local function conflicts_after(change, latest)
  if not change or not change.latest or not latest then
    return {}
  end
  local hunks = diff.hunks(change.latest, latest)
  local kept = {}
  for _, conflict in ipairs(change.conflicts) do
    local from, size, touched = diff.moved(hunks, conflict.from, conflict.size)
    if not touched then
      table.insert(kept, { from = from, size = size })
    end
  end
  return kept
end

local function take(session, row)
  local before = files[row.path]
  files[row.path] = {
    session = session,
    path = row.path,
    baseline = row.baseline,
    latest = row.latest,
    event = row.eventId,
    is_redacted = row.redacted == true,
    conflicts = conflicts_after(before, row.latest),
  }
end

-- Asks the server what there is to review.
---@param session thole.Session
function M.refresh(session)
  if not keeps_on_server() then
    return
  end
  agent.request(protocol.methods.changes, { sessionId = session.id }, function(fault, result)
    if fault then
      return
    end
    local listed = {}
    for _, row in ipairs(result.files or {}) do
      listed[row.path] = true
      take(session, row)
    end
    for path, change in pairs(files) do
      if change.session == session and not listed[path] then
        files[path] = nil
      end
    end
    changed()
  end)
end

local function edited(edit)
  local session = agent.sessions[edit.session]
  if not session then
    return
  end
  local change = files[edit.path]
  if not change or not keeps_on_server() then
    local baseline = edit.base
    if change then
      baseline = change.baseline
    end
    take(session, { path = edit.path, baseline = baseline, latest = edit.content })
    change = files[edit.path]
  end
  for _, conflict in ipairs(edit.conflicts) do
    local size = #conflict.theirs
    table.insert(change.conflicts, { from = conflict.their_line, size = size })
  end
  if change.baseline == change.latest then
    files[edit.path] = nil
  end
  changed()
end

-- Says how far the review of a file has come: what was accepted is in `baseline`, what was rejected
-- has left `latest`.
---@param change thole.Change
---@param baseline? string
---@param latest? string
function M.review(change, baseline, latest)
  change.conflicts = conflicts_after(change, latest)
  change.baseline, change.latest = baseline, latest
  if baseline == latest then
    files[change.path] = nil
  end
  changed()
  if not keeps_on_server() then
    return
  end
  local function or_null(text)
    return text == nil and vim.NIL or text
  end
  local params = {
    sessionId = change.session.id,
    path = change.path,
    baseline = or_null(baseline),
    latest = or_null(latest),
    eventId = change.event or vim.NIL,
  }
  agent.request(protocol.methods.review_changes, params, function(fault)
    if fault then
      local text = "thole: the review was not recorded: " .. fault.message
      vim.notify(text, vim.log.levels.ERROR)
      M.refresh(change.session)
    end
  end)
end

---@param session thole.Session
function M.watch(session)
  require("thole.review")
  local function refresh()
    M.refresh(session)
  end
  session:on("loaded", refresh)
  session:on("changes", refresh)
  session:on("closed", function()
    for path, change in pairs(files) do
      if change.session == session then
        files[path] = nil
      end
    end
    changed()
  end)
end

buffers.events:on("edited", edited)

return M
