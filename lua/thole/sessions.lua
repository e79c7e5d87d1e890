-- Sessions of the past and those that run elsewhere: listed, searched, opened, deleted. The list is
-- shown by vim.ui.select, and so by whatever picker the user has.
local agent = require("thole.agent")
local protocol = require("thole.protocol")
local ui = require("thole.ui")

local methods = protocol.methods
local M = {}

local most = 200 -- listed

local function failed(fault)
  ui.say(fault.message, vim.log.levels.ERROR)
end

local function add_page(rows, params, done)
  agent.request(methods.list, params, function(fault, result)
    if fault then
      return failed(fault)
    end
    vim.list_extend(rows, result.sessions or {})
    if result.nextCursor and #rows < most then
      local more = vim.tbl_extend("force", params, { cursor = result.nextCursor })
      return add_page(rows, more, done)
    end
    done(rows)
  end)
end

---@param done fun(rows: table[])
function M.list(done)
  add_page({}, { cwd = vim.fn.getcwd() }, done)
end

---@param text string
---@param done fun(rows: table[])
function M.search(text, done)
  local params = { text = text, cwd = vim.fn.getcwd(), limit = 50 }
  agent.request(methods.search, params, function(fault, result)
    if fault then
      return failed(fault)
    end
    done(result.sessions or {})
  end)
end

local units = { { 86400, "d" }, { 3600, "h" }, { 60, "min" } }

-- How long ago an RFC 3339 time in UTC was.
---@param stamp string
---@return string
function M.age(stamp)
  local year, month, day, hour, min, sec = stamp:match("(%d+)-(%d+)-(%d+)T(%d+):(%d+):(%d+)")
  if not year then
    return ""
  end
  local then_utc = os.time({
    year = year,
    month = month,
    day = day,
    hour = hour,
    min = min,
    sec = sec,
    isdst = false,
  })
  local now = os.time(os.date("!*t") --[[@as osdateparam]])
  local seconds = math.max(0, now - then_utc)
  for _, unit in ipairs(units) do
    if seconds >= unit[1] then
      return ("%d %s ago"):format(math.floor(seconds / unit[1]), unit[2])
    end
  end
  return "just now"
end

local marks = { running = "●", failed = "✗", cancelled = "–", completed = " " }

---@param row table
---@return string
function M.format(row)
  local about = protocol.meta(row)
  local parts = { row.title or "(no title)", M.age(row.updatedAt or "") }
  if about.model then
    table.insert(parts, (about.model:gsub("^.*/", "")))
  end
  if about.state == "running" then
    table.insert(parts, "running")
  end
  local hit = about.hits and about.hits[1]
  if hit and hit.snippet then
    table.insert(parts, "“" .. vim.trim(hit.snippet:gsub("%s+", " ")):sub(1, 80) .. "”")
  end
  local mark = agent.current and agent.current.id == row.sessionId and "▸"
    or marks[about.state]
    or " "
  return mark .. " " .. table.concat(parts, " · ")
end

---@param id string
---@param cwd string
---@param done? fun(session: thole.Session)
function M.open(id, cwd, done)
  agent.load(id, cwd, function(fault, session)
    if fault or not session then
      return failed(fault or { message = "no such session" })
    end
    agent.choose(session)
    require("thole.chat").open(done)
  end)
end

---@param row table
---@param done? fun()
function M.delete(row, done)
  local session = agent.sessions[row.sessionId]
  if session then
    agent.forget(session)
  end
  agent.request(methods.delete, { sessionId = row.sessionId }, function(fault)
    if fault then
      return failed(fault)
    end
    ui.say(("deleted: %s"):format(row.title or row.sessionId))
    if done then
      done()
    end
  end)
end

local function choose(rows, prompt, act)
  if #rows == 0 then
    return ui.say("no sessions here yet")
  end
  local options = { prompt = prompt, format_item = M.format, kind = "thole_session" }
  vim.ui.select(rows, options, function(row)
    if row then
      act(row)
    end
  end)
end

local function open_row(row)
  M.open(row.sessionId, row.cwd)
end

-- Lets the user pick one to go on with. `text`: only those that hold these words.
---@param text? string
function M.pick(text)
  local is_search = text ~= nil and text ~= ""
  local function show(rows)
    choose(rows, is_search and "Sessions with " .. text or "Sessions", open_row)
  end
  if is_search then
    M.search(text, show)
  else
    M.list(show)
  end
end

-- Those that another process runs right now.
---@param done fun(rows: table[])
function M.running(done)
  M.list(function(rows)
    done(vim.tbl_filter(function(row)
      return protocol.meta(row).state == "running" and not agent.sessions[row.sessionId]
    end, rows))
  end)
end

-- Attaches to a session that runs elsewhere: the one of `id`, else the only one, else a picked one.
---@param id? string
function M.attach(id)
  if id then
    return M.with_prefix(id, open_row)
  end
  M.running(function(rows)
    if #rows == 0 then
      ui.say("no session of this workspace runs elsewhere")
    elseif #rows == 1 then
      open_row(rows[1])
    else
      choose(rows, "Attach to", open_row)
    end
  end)
end

-- The session whose id begins so; it is an error when there are none or several.
---@param prefix string
---@param act fun(row: table)
function M.with_prefix(prefix, act)
  M.list(function(rows)
    local found = vim.tbl_filter(function(row)
      return vim.startswith(row.sessionId, prefix)
    end, rows)
    if #found == 1 then
      return act(found[1])
    end
    local why = #found == 0 and "no session" or "several sessions"
    ui.say(("%s of this workspace with an id that begins with '%s'"):format(why, prefix), 4)
  end)
end

local function confirm_delete(row)
  local text = ("Delete %s for good?"):format(row.title or row.sessionId)
  if vim.fn.confirm(text, "&Delete\n&Keep", 2) == 1 then
    M.delete(row)
  end
end

-- Deletes for good, after a question.
---@param id? string
function M.ask_delete(id)
  if id then
    return M.with_prefix(id, confirm_delete)
  end
  M.list(function(rows)
    choose(rows, "Delete", confirm_delete)
  end)
end

return M
