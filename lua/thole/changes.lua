-- What sessions changed and the user has not reviewed yet, as the server keeps it: for each file the
-- text that the review stands on and the text that the session left. Only where an edit of the agent
-- met one of the user is remembered here.
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
---@field event_id integer the session's last change of it
---@field is_redacted boolean "[redacted …]" stands in a text in place of a secret
---@field conflicts { from: integer, size: integer }[] lines of `latest` that never came into the buffer

local files = {} ---@type table<string, thole.Change> by path
local met = {} ---@type table<string, { text: string, conflicts: table[] }> by path
local reviews = 0 -- sent so far

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

-- The conflicts of a file as lines of `text`; those that were changed since are over.
local function conflicts_in(path, text)
  local before = met[path]
  if not before or not text then
    return {}
  end
  local hunks = diff.hunks(before.text, text)
  local kept = {}
  for _, conflict in ipairs(before.conflicts) do
    local from, size, touched = diff.moved(hunks, conflict.from, conflict.size)
    if not touched then
      table.insert(kept, { from = from, size = size })
    end
  end
  return kept
end

local function take(session, row)
  files[row.path] = {
    session = session,
    path = row.path,
    baseline = row.baseline,
    latest = row.latest,
    event_id = row.eventId,
    is_redacted = row.redacted == true,
    conflicts = conflicts_in(row.path, row.latest),
  }
end

local function forget(session, listed)
  for path, change in pairs(files) do
    if change.session == session and not listed[path] then
      files[path], met[path] = nil, nil
    end
  end
end

-- Asks the server what there is to review: not what a sub-agent did in a tree of its own. An answer
-- that a review has overtaken is asked for again.
---@param session thole.Session
function M.refresh(session)
  if session.parent or not agent.features.changes then
    return
  end
  local asked_after = reviews
  agent.request(protocol.methods.changes, { sessionId = session.id }, function(fault, result)
    if fault then
      return
    end
    if asked_after ~= reviews then
      return M.refresh(session)
    end
    local listed = {}
    for _, row in ipairs(result.files or {}) do
      listed[row.path] = true
      take(session, row)
    end
    forget(session, listed)
    changed()
  end)
end

local function remember(path, text, conflicts)
  met[path] = #conflicts > 0 and { text = text, conflicts = conflicts } or nil
end

-- The server tells of the change itself when the call is over.
local function edited(edit)
  local conflicts = conflicts_in(edit.path, edit.content)
  for _, conflict in ipairs(edit.conflicts) do
    table.insert(conflicts, { from = conflict.their_line, size = #conflict.theirs })
  end
  remember(edit.path, edit.content, conflicts)
end

-- Says how far the review of a file has come: what was accepted is in `baseline`, what was rejected
-- has left `latest`.
---@param change thole.Change
---@param baseline? string
---@param latest? string
function M.review(change, baseline, latest)
  change.conflicts = conflicts_in(change.path, latest)
  remember(change.path, latest, change.conflicts)
  change.baseline, change.latest = baseline, latest
  if baseline == latest then
    files[change.path], met[change.path] = nil, nil
  end
  reviews = reviews + 1
  changed()
  local params = {
    sessionId = change.session.id,
    path = change.path,
    eventId = change.event_id,
    baseline = baseline,
    latest = latest,
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
    forget(session, {})
    changed()
  end)
end

buffers.events:on("edited", edited)

return M
