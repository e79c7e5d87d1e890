-- The plan of a session as an ordinary Markdown buffer: edit it, comment on lines, write to send both
-- in one go, approve, reject. The next revision comes with what changed marked.
local agent = require("thole.agent")
local comments = require("thole.plan_comments")
local config = require("thole.config")
local diff = require("thole.diff")
local protocol = require("thole.protocol")
local ui = require("thole.ui")

local api = vim.api
local M = {}

local marks = api.nvim_create_namespace("thole.plan")

---@class thole.ShownPlan
---@field session thole.Session
---@field buf integer
---@field view thole.PlanView
---@field text string as it was put into the buffer

local shown = {} ---@type table<integer, thole.ShownPlan> by buffer

local function fail(text)
  ui.say(text, vim.log.levels.ERROR)
end

local function of_session(session)
  for _, plan in pairs(shown) do
    if plan.session == session then
      return plan
    end
  end
end

---@return thole.ShownPlan?
local function here()
  return shown[api.nvim_get_current_buf()]
end

-- Whether the current buffer is a plan.
---@return boolean
function M.is_here()
  return here() ~= nil
end

-- Whether the plan of the current session waits for its review.
---@return boolean
function M.waits()
  local session = agent.current
  return session ~= nil and session.plan ~= nil and session.plan.status == "in_review"
end

local function text_of(plan)
  local text = table.concat(api.nvim_buf_get_lines(plan.buf, 0, -1, false), "\n")
  return plan.text:sub(-1) == "\n" and text .. "\n" or text
end

local function lines_of(text)
  return vim.split((text:gsub("\n$", "")), "\n", { plain = true })
end

local function is_edited(plan)
  return text_of(plan) ~= plan.text
end

-- Signs beside what differs from the revision before; what went is shown above its place.
local function mark_changes(plan)
  api.nvim_buf_clear_namespace(plan.buf, marks, 0, -1)
  local before = plan.view.previous
  if not before or plan.view.status ~= "in_review" then
    return
  end
  local old = diff.lines(before)
  local count = api.nvim_buf_line_count(plan.buf)
  for _, hunk in ipairs(diff.hunks(before, plan.view.content)) do
    local group = hunk.count == 0 and "TholeAddedSign" or "TholeChangedSign"
    for row = hunk.to, math.min(hunk.to + hunk.size - 1, count) do
      api.nvim_buf_set_extmark(plan.buf, marks, row - 1, 0, {
        sign_text = "▎",
        sign_hl_group = group,
      })
    end
    local gone = {}
    for i = hunk.from, hunk.from + hunk.count - 1 do
      table.insert(gone, { { (old[i]:gsub("\n$", "")), "TholeRemoved" } })
    end
    if #gone > 0 then
      api.nvim_buf_set_extmark(plan.buf, marks, math.min(hunk.to, count) - 1, 0, {
        virt_lines = gone,
        virt_lines_above = hunk.to <= count,
      })
    end
  end
end

local function settle(plan)
  local is_open = plan.view.status == "in_review"
  vim.bo[plan.buf].modifiable = is_open or is_edited(plan)
  mark_changes(plan)
  vim.cmd("redrawstatus!")
end

-- Puts a revision into the buffer. What the user has changed and not sent stays.
local function put(plan, view)
  local mine = text_of(plan)
  local merged, conflicts = view.content, {}
  if mine ~= plan.text and plan.text ~= "" then
    merged, conflicts = diff.merge(plan.text, mine, view.content)
  end
  local was_same = view.content == plan.text
  plan.view, plan.text = view, view.content
  if not was_same or merged ~= mine then
    vim.bo[plan.buf].modifiable = true
    require("thole.buffers").put_lines(plan.buf, lines_of(merged))
  end
  vim.bo[plan.buf].modified = merged ~= view.content
  if #conflicts > 0 then
    local text = "revision %d changes lines that you have changed too; yours stay. :Thole plan diff"
    ui.say(text:format(view.revision), vim.log.levels.WARN)
  end
  settle(plan)
end

local reply_words = {
  feedback = "sent; the plan is being revised",
  approved = "the plan is approved",
  rejected = "the plan is rejected",
}

local function send(plan, answer)
  answer.sessionId = plan.session.id
  answer.revision = plan.view.revision
  if is_edited(plan) and answer.decision ~= "rejected" then
    answer.edits = text_of(plan)
  end
  agent.request(protocol.methods.review_plan, answer, function(fault)
    if fault then
      return fail(fault.message)
    end
    comments.clear(plan.buf)
    if api.nvim_buf_is_valid(plan.buf) then
      plan.text = text_of(plan)
      vim.bo[plan.buf].modified = false
      settle(plan)
    end
    ui.say(reply_words[answer.decision])
  end)
end

local function can_review(plan)
  if plan.view.status == "in_review" then
    return true
  end
  fail(("the plan is not in review, it is %s"):format(plan.view.status:gsub("_", " ")))
  return false
end

-- Sends the edits and the comments as feedback.
---@param plan thole.ShownPlan
local function write(plan)
  if not can_review(plan) then
    return
  end
  local list = comments.list(plan.buf)
  if #list == 0 and not is_edited(plan) then
    return ui.say("nothing to send: edit the plan or comment on it (:Thole comment), or approve it")
  end
  send(plan, { decision = "feedback", comments = #list > 0 and list or nil })
end

local function current_plan()
  local plan = here() or (agent.current and of_session(agent.current))
  if plan then
    return plan
  end
  local session = agent.current
  if session and session.plan then
    return M.show(session)
  end
end

function M.approve()
  local plan = current_plan()
  if not plan or not can_review(plan) then
    return
  end
  local count = #comments.list(plan.buf)
  if count > 0 then
    local text = "%d open comments: :write sends them, :Thole comment! takes one back"
    return fail(text:format(count))
  end
  send(plan, { decision = "approved" })
end

function M.reject()
  local plan = current_plan()
  if plan and can_review(plan) then
    send(plan, { decision = "rejected" })
  end
end

-- Comments on lines of the plan; asks for the words when there are none.
---@param range? integer[]
---@param words? string
function M.comment(range, words)
  local plan = here()
  if not plan then
    return fail("comment: put the cursor into the plan first (:Thole plan)")
  end
  if not can_review(plan) then
    return
  end
  local row = api.nvim_win_get_cursor(0)[1]
  local first, last = unpack(range or { row, row })
  local function add(text)
    if text and vim.trim(text) ~= "" then
      comments.add(plan.buf, first, last, vim.trim(text))
      vim.cmd("redrawstatus!")
    end
  end
  if words and words ~= "" then
    return add(words)
  end
  vim.ui.input({ prompt = "Comment: " }, add)
end

-- Takes back the comments on these lines.
---@param range? integer[]
function M.uncomment(range)
  local plan = here()
  if not plan then
    return fail("comment!: put the cursor into the plan first (:Thole plan)")
  end
  local row = api.nvim_win_get_cursor(0)[1]
  local count = comments.remove(plan.buf, unpack(range or { row, row }))
  ui.say(count > 0 and ("%d taken back"):format(count) or "no comment on these lines")
end

-- This revision and the one before in native diff mode.
function M.diff()
  local plan = current_plan()
  if not plan or not plan.view.previous then
    return ui.say("there is no revision before this one")
  end
  local number = plan.view.revision
  local titles = { "revision " .. number - 1, "revision " .. number }
  ui.diff_tab("plan.md", plan.view.previous, plan.view.content, titles)
end

-- What can be done, in as many words as there is room for.
local function hint(plan, count, room)
  if plan.view.status ~= "in_review" then
    return ""
  end
  local comments_key = (config.get().keys.plan.comment or ":Thole comment") .. " comments"
  local ways = { ":w sends", comments_key }
  if count == 0 then
    ways = { ":Thole approve", comments_key, ":w sends edits", ":Thole reject" }
  end
  for i = #ways, 1, -1 do
    local words = table.concat(ways, " · ", 1, i) .. " "
    if vim.fn.strdisplaywidth(words) <= room then
      return words
    end
  end
  return ""
end

-- The line above the plan.
---@return string
function M.winbar()
  local win = vim.g.statusline_winid or api.nvim_get_current_win()
  local plan = shown[api.nvim_win_get_buf(win)]
  if not plan then
    return ""
  end
  local count = #comments.list(plan.buf)
  local parts = { ("revision %d"):format(plan.view.revision) }
  table.insert(parts, (plan.view.status:gsub("_", " ")))
  if count > 0 then
    table.insert(parts, ("%d comment%s"):format(count, count > 1 and "s" or ""))
  end
  local left = " Plan · " .. table.concat(parts, " · ")
  local room = api.nvim_win_get_width(win) - vim.fn.strdisplaywidth(left) - 1
  return "%#TholeWinbar#" .. left .. "%=%#TholeWinbarDim#" .. hint(plan, count, room)
end

local function map(buf)
  local keys = config.get().keys.plan
  if keys.comment then
    vim.keymap.set({ "n", "x" }, keys.comment, function()
      require("thole.command").from_key({ "comment" })
    end, { buffer = buf, nowait = true, desc = "thole: comment" })
  end
  if keys.diff then
    vim.keymap.set("n", keys.diff, M.diff, { buffer = buf, desc = "thole: compare revisions" })
  end
end

---@param session thole.Session
---@return thole.ShownPlan
local function make(session)
  local buf = api.nvim_create_buf(true, false)
  api.nvim_buf_set_name(buf, "thole://plan/" .. session.id)
  vim.bo[buf].buftype = "acwrite"
  vim.bo[buf].bufhidden = "hide"
  vim.bo[buf].swapfile = false
  vim.bo[buf].filetype = "markdown"
  pcall(vim.treesitter.start, buf, "markdown")
  local plan = { session = session, buf = buf, view = session.plan, text = "" }
  shown[buf] = plan
  map(buf)
  api.nvim_create_autocmd("BufWriteCmd", {
    buffer = buf,
    callback = function()
      write(plan)
    end,
  })
  api.nvim_create_autocmd("BufWipeout", {
    buffer = buf,
    callback = function()
      shown[buf] = nil
    end,
  })
  -- The first revision is nothing to undo.
  local levels = vim.bo[buf].undolevels
  vim.bo[buf].undolevels = -1
  put(plan, session.plan)
  vim.bo[buf].undolevels = levels
  return plan
end

-- The plan of a session, in a buffer.
---@param session thole.Session
---@return thole.ShownPlan
function M.show(session)
  return of_session(session) or make(session)
end

local function dress(win)
  local function set(name, value)
    api.nvim_set_option_value(name, value, { win = win, scope = "local" })
  end
  set("winbar", "%{%v:lua.require'thole.plan'.winbar()%}")
  set("statusline", " Plan%{&modified ? ' [+]' : ''}%=%l,%c ")
  set("signcolumn", "yes")
  set("wrap", true)
  set("linebreak", true)
end

-- Beside the user's file, so that chat and plan are seen together.
local function window_for(plan, with_cursor)
  local open = vim.fn.win_findbuf(plan.buf)
  for _, win in ipairs(open) do
    if api.nvim_win_get_tabpage(win) == api.nvim_get_current_tabpage() then
      return win
    end
  end
  local beside = ui.file_window()
  local is_wide = beside and api.nvim_win_get_width(beside) > 100
  local win = api.nvim_open_win(plan.buf, with_cursor, {
    split = beside and (is_wide and "right" or "below") or "left",
    win = beside or -1,
  })
  dress(win)
  return win
end

local function open(session, with_cursor)
  local win = window_for(M.show(session), with_cursor)
  if with_cursor then
    api.nvim_set_current_win(win)
  end
end

-- Shows the plan of the current session, with the cursor in it.
function M.open()
  local session = agent.current
  if not session then
    return
  end
  if session.plan and session.plan.status ~= "none" then
    return open(session, true)
  end
  agent.request(protocol.methods.plan, { sessionId = session.id }, function(fault, view)
    if fault then
      local is_unknown = fault.code == -32601
      return fail(is_unknown and "this thole is too old for plans" or fault.message)
    end
    if not view.status or view.status == "none" then
      return ui.say("there is no plan yet: :Thole mode plan, and ask for what you want")
    end
    session:plan_changed(view)
    open(session, true)
  end)
end

local function changed(session, view)
  local plan = of_session(session)
  if plan and api.nvim_buf_is_valid(plan.buf) then
    put(plan, view)
  end
  if view.status ~= "in_review" then
    return
  end
  if session == agent.current and config.get().plan.open and require("thole.chat").is_open() then
    open(session, false)
  end
  ui.say(("the plan is ready for your review (revision %d); :Thole plan"):format(view.revision))
end

---@param session thole.Session
function M.watch(session)
  session:on("plan", function(view)
    changed(session, view)
  end)
  session:on("closed", function()
    local plan = of_session(session)
    if plan and not vim.bo[plan.buf].modified then
      pcall(api.nvim_buf_delete, plan.buf, {})
    end
  end)
end

return M
