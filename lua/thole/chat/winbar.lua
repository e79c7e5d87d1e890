-- The line above the conversation: title, mode, model, context, cost, and for how long it has worked.
local M = {}

local Transcript = require("thole.chat.transcript")
local asks = require("thole.asks")

local function escaped(text)
  return (text:gsub("%%", "%%%%"))
end

---@param count integer
---@return string
function M.short(count)
  if count >= 1e6 then
    return ("%.1fM"):format(count / 1e6)
  end
  return count >= 1000 and ("%.0fk"):format(count / 1000) or tostring(count)
end

---@param session thole.Session
---@return string? how much of the context is used
function M.context(session)
  local usage = session.usage
  if usage and usage.size and usage.size > 0 then
    local share = math.floor(100 * usage.used / usage.size + 0.5)
    return ("%s/%s %d%%"):format(M.short(usage.used), M.short(usage.size), share)
  end
end

---@param session thole.Session
---@return string?
function M.cost(session)
  local cost = session.usage and session.usage.cost
  if cost and cost.amount > 0 then
    return ("$%.2f"):format(cost.amount)
  end
end

local function working(session)
  if #asks.list > 0 then
    return "%#TholeWaiting#? waits for you "
  elseif session:is_busy() then
    local seconds = math.floor((vim.uv.hrtime() - (session.began or 0)) / 1e9)
    local queued = #session.waiting > 0 and (" +%d queued"):format(#session.waiting) or ""
    return ("%%#TholeRunning#● %d s%s "):format(seconds, queued)
  end
  return ""
end

-- A text that fits into `width` cells.
local function fitted(text, width)
  if vim.fn.strdisplaywidth(text) <= width then
    return text
  end
  return vim.fn.strcharpart(text, 0, math.max(0, width - 1)) .. "…"
end

-- From all that could be said to the least; the first that leaves room for a title is taken.
local function rights(session)
  local model = session:model():gsub("^.*/", "")
  local context, cost = M.context(session), M.cost(session)
  local share = context and context:match("%S+$")
  local function line(...)
    local parts = {}
    for i = 1, select("#", ...) do
      local part = select(i, ...)
      if part and part ~= "" then
        table.insert(parts, escaped(part))
      end
    end
    local mode = "%#TholeWinbarMode#" .. escaped(session.mode or "") .. "%#TholeWinbarDim#"
    local more = #parts > 0 and " · " .. table.concat(parts, " · ") or ""
    return working(session) .. mode .. more .. " "
  end
  return { line(model, context, cost), line(context, cost), line(share, cost), line(share) }
end

---@return string
function M.text()
  local win = vim.g.statusline_winid or 0
  local buf = vim.api.nvim_win_get_buf(win)
  local transcript = Transcript.of(buf) or Transcript.of(vim.api.nvim_get_current_buf())
  if not transcript then
    return ""
  end
  local session = transcript.session
  local title = session.title or "new session"
  local width = vim.api.nvim_win_get_width(win)
  local wanted = math.min(vim.fn.strdisplaywidth(title), 14)
  local right, room
  for _, candidate in ipairs(rights(session)) do
    right = candidate
    local shown = vim.api.nvim_eval_statusline(right, { use_winbar = true, winid = win })
    room = width - shown.width - 2
    if room >= wanted then
      break
    end
  end
  return "%#TholeWinbar# " .. escaped(fitted(title, room)) .. "%=" .. right
end

local ticking

-- Redraws each second while something is worked on.
---@param session thole.Session
function M.tick(session)
  if ticking then
    return
  end
  ticking = assert(vim.uv.new_timer())
  ticking:start(
    1000,
    1000,
    vim.schedule_wrap(function()
      vim.cmd("redrawstatus!")
      if not session:is_busy() and ticking then
        ticking:close()
        ticking = nil
      end
    end)
  )
end

---@param session thole.Session
function M.watch(session)
  local function redraw()
    vim.cmd("redrawstatus!")
  end
  for _, name in ipairs({ "usage", "title", "options" }) do
    session:on(name, redraw)
  end
  session:on("turn", function(turn)
    redraw()
    if turn.busy then
      M.tick(session)
    end
  end)
end

return M
