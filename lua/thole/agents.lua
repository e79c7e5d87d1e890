-- The sub-agents of the current session as a tree beside, live; what one does, and what becomes of
-- its work: merged into the user's files, kept as a branch, or discarded.
local Panel = require("thole.panel")
local agent = require("thole.agent")
local config = require("thole.config")
local protocol = require("thole.protocol")
local ui = require("thole.ui")
local winbar = require("thole.chat.winbar")

local api = vim.api
local methods = protocol.methods
local M = {}

local states = {
  queued = { "○", "TholePending" },
  running = { "◐", "TholeRunning" },
  waiting = { "?", "TholeWaiting" },
  completed = { "✓", "TholeDone" },
  failed = { "✗", "TholeFailed" },
  cancelled = { "–", "TholeDim" },
}

local results = {
  changes = "changes to merge",
  merged = "merged",
  branch = "kept as a branch",
  discarded = "discarded",
}

local function figures(node)
  local parts = {}
  if node.diffstat and node.diffstat.files > 0 then
    table.insert(parts, ("+%d -%d"):format(node.diffstat.insertions, node.diffstat.deletions))
  end
  if (node.tokens or 0) > 0 then
    table.insert(parts, winbar.short(node.tokens))
  end
  if (node.costUsd or 0) > 0 then
    table.insert(parts, ("$%.2f"):format(node.costUsd))
  end
  return table.concat(parts, " · ")
end

local function add_node(lines, node, depth)
  local state = states[node.state] or states.queued
  local indent = (" "):rep(1 + depth * 2)
  local task = node.task:match("[^\n]*")
  table.insert(lines, {
    { indent .. state[1] .. " ", state[2] },
    { task, node.state == "running" and "TholeTaskActive" or "TholeTask" },
    item = node,
  })
  local detail = results[node.result]
  if node.state == "running" or node.state == "waiting" then
    detail = (node.pendingApprovals or 0) > 0 and "waits for you" or node.activity
  elseif node.error then
    detail = node.error
  end
  local below = {}
  for _, part in ipairs({ node.agent or "", detail or "", figures(node) }) do
    if part ~= "" then
      table.insert(below, part)
    end
  end
  if #below > 0 then
    local text = indent .. "  " .. table.concat(below, " · "):gsub("\n", " ")
    table.insert(lines, { { text, "TholeDim" }, item = node })
  end
end

local key_words = {
  { "open", "live" },
  { "preview", "preview" },
  { "merge", "merge" },
  { "branch", "branch" },
  { "discard", "discard" },
  { "cancel", "cancel" },
  { "message", "say" },
}

local function key_line()
  local keys, parts = config.get().keys.agents, {}
  for _, entry in ipairs(key_words) do
    if keys[entry[1]] then
      table.insert(parts, keys[entry[1]] .. " " .. entry[2])
    end
  end
  return { { " " .. table.concat(parts, " · "), "TholeHint" } }
end

local function draw()
  local session = agent.current
  local nodes = session and session.agents or {}
  local children, running = {}, 0
  for _, node in ipairs(nodes) do
    children[node.parentId] = children[node.parentId] or {}
    table.insert(children[node.parentId], node)
    running = running + ((node.state == "running" or node.state == "waiting") and 1 or 0)
  end
  local lines = {
    { { "Agents", "TholeTitle" }, { ("  %d running of %d"):format(running, #nodes), "TholeDim" } },
  }
  local function add(parent, depth)
    for _, node in ipairs(children[parent] or {}) do
      add_node(lines, node, depth)
      add(node.agentId, depth + 1)
    end
  end
  if session then
    add(session.id, 0)
  end
  if #nodes == 0 then
    table.insert(lines, { { " no sub-agents", "TholeDim" } })
  else
    table.insert(lines, { { "", "TholeDim" } })
    table.insert(lines, key_line())
  end
  return lines
end

local panel ---@type thole.Panel

local function fail(fault)
  local is_unknown = fault.code == -32601
  ui.say(is_unknown and "this thole is too old for that" or fault.message, vim.log.levels.ERROR)
end

-- Acts on the node under the cursor.
local function with_node(act)
  return function()
    local node = panel:item()
    if node then
      act(node)
    end
  end
end

local function request(method, node, more, done)
  local params = { sessionId = agent.current.id, agentId = node.agentId }
  agent.request(method, vim.tbl_extend("force", params, more), function(fault, result)
    if fault then
      return fail(fault)
    end
    done(result)
  end)
end

local function show_child(session, node)
  local chat = require("thole.chat")
  session.title = node.task:match("[^\n]*")
  local transcript = chat.transcript(session)
  local beside = ui.file_window()
  local win = api.nvim_open_win(transcript.buf, true, {
    split = beside and "below" or "right",
    win = beside or -1,
  })
  chat.dress_chat(win)
  transcript:schedule()
  require("thole.chat.folds").all(transcript, win)
  api.nvim_create_autocmd("BufHidden", {
    buffer = transcript.buf,
    once = true,
    callback = function()
      vim.schedule(function()
        agent.close(session)
      end)
    end,
  })
end

-- What a child does, live: its session is opened as long as its buffer is shown.
local function open(node)
  local parent = agent.current
  agent.load(node.agentId, parent.cwd, function(fault, session)
    if fault or not session then
      return fail(fault)
    end
    show_child(session, node)
  end, parent.id)
end

local outcomes = {
  clean = "%s can be merged without a conflict",
  conflict = "%s conflicts with your files; nothing was touched",
  overlap = "%s changes files that you have changed too; nothing was touched",
  nothing = "%s has changed nothing",
}

local function outcome_lines(node, result)
  local name = ("“%s”"):format(node.task:match("[^\n]*"))
  local lines = { "# " .. (outcomes[result.status] or "%s"):format(name) }
  if result.why then
    table.insert(lines, "# " .. result.why:gsub("\n", " "))
  end
  table.insert(lines, "#")
  for _, file in ipairs(result.files or {}) do
    local text = ("#  %s %s  +%d -%d"):format(
      file.status,
      file.path,
      file.insertions or 0,
      file.deletions or 0
    )
    table.insert(lines, text)
    for line in (file.conflict or file.why or ""):gmatch("[^\n]+") do
      table.insert(lines, "#    " .. line)
    end
  end
  table.insert(lines, "")
  return vim.list_extend(lines, vim.split(result.diff or "", "\n", { plain = true }))
end

local function show(node, result)
  local buf = ui.scratch({ filetype = "diff", wipe = true })
  pcall(api.nvim_buf_set_name, buf, "thole://merge/" .. node.agentId)
  ui.set_lines(buf, outcome_lines(node, result))
  local beside = ui.file_window()
  api.nvim_open_win(buf, true, { split = beside and "below" or "right", win = beside or -1 })
  vim.keymap.set("n", "q", "<Cmd>close<CR>", { buffer = buf, desc = "thole: close" })
end

local function preview(node)
  request(methods.merge_agent, node, { preview = true }, function(result)
    show(node, result)
  end)
end

-- Says what came of a merge; `branch` when it was to become one.
local function merged(node, result, branch)
  if not result.applied then
    return show(node, result)
  end
  require("thole.buffers").check_disk()
  local where = branch and "kept as the branch " .. (result.branch or branch)
    or ("merged: %d files"):format(#(result.files or {}))
  ui.say(where)
end

local function merge(node)
  request(methods.merge_agent, node, { as = "changes" }, function(result)
    merged(node, result)
  end)
end

local function keep(node)
  local slug =
    node.task:match("[^\n]*"):lower():gsub("[^%w]+", "-"):sub(1, 40):gsub("^-+", ""):gsub("-+$", "")
  vim.ui.input({ prompt = "Branch: ", default = slug }, function(name)
    if name and name ~= "" then
      request(methods.merge_agent, node, { as = "branch", branch = name }, function(result)
        merged(node, result, name)
      end)
    end
  end)
end

local function discard(node)
  local text = ("Discard the work of “%s”?"):format(node.task:match("[^\n]*"))
  if vim.fn.confirm(text, "&Discard\n&Keep", 2) == 1 then
    request(methods.discard_agent, node, {}, function(result)
      local rescue = result.rescue and "; it can be found again as " .. result.rescue or ""
      ui.say("discarded" .. rescue)
    end)
  end
end

local function cancel(node)
  request(methods.cancel_agent, node, {}, function()
    ui.say("cancelled")
  end)
end

local function message(node)
  vim.ui.input({ prompt = "Say to the agent: " }, function(words)
    if words and words ~= "" then
      request(methods.message_agent, node, { text = words }, function()
        ui.say("said")
      end)
    end
  end)
end

panel = Panel.new("agents", draw, function(buf)
  local keys = config.get().keys.agents
  local acts = {
    open = { open, "show what it does" },
    preview = { preview, "show what a merge would change" },
    merge = { merge, "merge into your files" },
    branch = { keep, "keep as a branch" },
    discard = { discard, "discard" },
    cancel = { cancel, "cancel" },
    message = { message, "say something" },
  }
  for name, act in pairs(acts) do
    if keys[name] then
      vim.keymap.set("n", keys[name], with_node(act[1]), {
        buffer = buf,
        nowait = true,
        desc = "thole: " .. act[2],
      })
    end
  end
end)

-- Asks for the whole tree.
---@param session thole.Session
local function refresh(session)
  if agent.features.agents then
    agent.request(methods.agents, { sessionId = session.id }, function(fault, result)
      if not fault then
        session.agents = {}
        session:agents_changed(result.agents or {})
      end
    end)
  end
end

function M.toggle()
  if not agent.features.agents then
    ui.say("this thole has no sub-agents yet", vim.log.levels.WARN)
  end
  panel:toggle()
  refresh(agent.current)
end

---@param session thole.Session
function M.watch(session)
  session:on("agents", function()
    panel:refresh()
  end)
  session:on("loaded", function()
    refresh(session)
  end)
end

agent.events:on("session", function()
  panel:refresh()
end)

return M
