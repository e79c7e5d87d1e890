-- Hunk by hunk through what the agent changed, across files: signs, next and previous, accept, reject.
local buffers = require("thole.buffers")
local changes = require("thole.changes")
local config = require("thole.config")
local hunks = require("thole.hunks")
local ui = require("thole.ui")

local api = vim.api
local M = {}

local ns = api.nvim_create_namespace("thole.review")
local mapped = {} ---@type table<integer, string[]> buffer -> keys that are mapped for the review

local function text_now(path)
  local buf = buffers.of(path)
  if buf then
    return buffers.text(buf), buf
  end
  return buffers.disk(path)
end

---@param change thole.Change
---@return thole.ReviewHunk[]
local function hunks_of(change)
  local now = text_now(change.path)
  if now == nil or change.latest == nil then
    return {}
  end
  return hunks.list(change, now)
end

-- Every hunk of every file; a file that was deleted, or is, counts as one of its own.
---@return thole.ReviewHunk[]
function M.all()
  local all = {}
  for _, change in ipairs(changes.list()) do
    local list = hunks_of(change)
    if #list == 0 then
      list = { { path = change.path, from = 1, size = 0, is_whole = true } }
    end
    vim.list_extend(all, list)
  end
  return all
end

local function label(hunk, index, count)
  local keys = config.get().keys.review
  local parts = { ("%d/%d"):format(index, count) }
  if keys.accept then
    table.insert(parts, keys.accept .. (hunk.is_conflict and " take theirs" or " accept"))
  end
  if keys.reject then
    table.insert(parts, keys.reject .. (hunk.is_conflict and " keep yours" or " reject"))
  end
  return { { table.concat(parts, " · "), "TholeHint" } }
end

local function virtual(lines, group, sign)
  return vim.tbl_map(function(line)
    return { { sign .. (line:gsub("[\r\n]+$", "")), group } }
  end, lines)
end

local function sign_of(hunk)
  if hunk.is_conflict then
    return "!", "TholeConflictSign"
  elseif #hunk.new == 0 then
    return "▁", "TholeRemovedSign"
  elseif #hunk.old == 0 then
    return "┃", "TholeAddedSign"
  end
  return "┃", "TholeChangedSign"
end

-- What stands above a hunk: its keys, and what was there before or what the agent would have there.
local function lines_above(hunk, head)
  local lines = virtual(hunk.old, "TholeRemoved", "")
  if hunk.is_conflict then
    lines = virtual(hunk.new, "TholeChanged", "  ")
    local words = "you both changed this; yours stands, the agent wrote:"
    table.insert(lines, 1, { { words, "TholeConflictSign" } })
  end
  if head then
    table.insert(lines, 1, head)
  end
  return lines
end

-- Nothing above the first line of a file is seen before one scrolls there: its keys are beside it.
local function draw_hunk(buf, hunk, index, count)
  local last = api.nvim_buf_line_count(buf)
  local row = math.max(1, math.min(hunk.from, last)) - 1
  local head = label(hunk, index, count)
  local sign, group = sign_of(hunk)
  for at = row, math.min(row + math.max(hunk.size, 1), last) - 1 do
    api.nvim_buf_set_extmark(buf, ns, at, 0, {
      sign_text = sign,
      sign_hl_group = group,
      line_hl_group = not hunk.is_conflict and hunk.size > 0 and "TholeAdded" or nil,
      priority = 20,
    })
  end
  api.nvim_buf_set_extmark(buf, ns, row, 0, {
    virt_text = row == 0 and { { " " }, unpack(head) } or nil,
    virt_text_pos = "eol",
    virt_lines = lines_above(hunk, row > 0 and head or nil),
    virt_lines_above = hunk.from <= last,
  })
end

local function unmap(buf)
  for _, lhs in ipairs(mapped[buf] or {}) do
    pcall(vim.keymap.del, "n", lhs, { buffer = buf })
  end
  mapped[buf] = nil
end

local verbs = { next = "next", previous = "previous", accept = "accept", reject = "reject" }

-- The keys of the review, as long as there is something to review, where the user has none.
local function map(buf)
  if mapped[buf] then
    return
  end
  mapped[buf] = {}
  for name, verb in pairs(verbs) do
    local lhs = config.get().keys.review[name]
    if lhs and vim.fn.maparg(lhs, "n") == "" then
      vim.keymap.set("n", lhs, function()
        M.run(verb)
      end, { buffer = buf, desc = "thole: " .. verb .. " hunk" })
      table.insert(mapped[buf], lhs)
    end
  end
end

local function draw(buf, change)
  api.nvim_buf_clear_namespace(buf, ns, 0, -1)
  local list = change and config.get().edits.review and hunks_of(change) or {}
  if #list == 0 then
    return unmap(buf)
  end
  for i, hunk in ipairs(list) do
    draw_hunk(buf, hunk, i, #list)
  end
  map(buf)
end

local drawn = {} ---@type table<integer, boolean>

-- Draws the hunks of all buffers anew.
function M.refresh()
  local now = {}
  for _, change in ipairs(changes.list()) do
    local buf = buffers.of(change.path)
    if buf then
      now[buf] = true
      draw(buf, change)
    end
  end
  for buf in pairs(drawn) do
    if not now[buf] and api.nvim_buf_is_valid(buf) then
      draw(buf, nil)
    end
  end
  drawn = now
end

local function refresh_buffer(buf)
  local change = changes.of(api.nvim_buf_get_name(buf))
  if change and api.nvim_buf_is_loaded(buf) then
    drawn[buf] = true
    draw(buf, change)
  end
end

local function open(path)
  ui.go_to_file_window()
  if buffers.of(path) ~= api.nvim_get_current_buf() then
    vim.cmd.edit(vim.fn.fnameescape(path))
  end
end

-- Where the cursor stood when a step came to a file that it cannot go into.
local passed ---@type { path: string, buf: integer, line: integer }?

local function go_to(hunk)
  if hunk.is_whole then
    local words = "%s was deleted by the agent; :Thole review accept, reject"
    if vim.uv.fs_stat(hunk.path) then
      open(hunk.path)
      words = "%s is empty; :Thole review accept, reject"
    end
    local line = api.nvim_win_get_cursor(0)[1]
    passed = { path = hunk.path, buf = api.nvim_get_current_buf(), line = line }
    return ui.say(words:format(vim.fn.fnamemodify(hunk.path, ":~:.")))
  end
  open(hunk.path)
  local last = api.nvim_buf_line_count(0)
  api.nvim_win_set_cursor(0, { math.max(1, math.min(hunk.from, last)), 0 })
  vim.cmd("normal! zv")
  if hunk.from <= 1 then
    vim.fn.winrestview({ topline = 1, topfill = #lines_above(hunk) })
  end
end

-- Where the cursor is in the order of all hunks: file, then line.
local function is_after(hunk, path, line)
  if hunk.path ~= path then
    return hunk.path > path
  end
  return hunk.from > line
end

local function current_path()
  local name = api.nvim_buf_get_name(0)
  local change = changes.of(name)
  return change and change.path or name
end

local function position()
  local buf, line = api.nvim_get_current_buf(), api.nvim_win_get_cursor(0)[1]
  if passed and passed.buf == buf and passed.line == line then
    return passed.path, 1
  end
  passed = nil
  return current_path(), line
end

local function step(by)
  local all = M.all()
  if #all == 0 then
    return ui.say("nothing is left to review")
  end
  local path, line = position()
  local target
  for _, hunk in ipairs(all) do
    local is_same = hunk.path == path and hunk.from == line
    if by > 0 and not target and is_after(hunk, path, line) then
      target = hunk
    elseif by < 0 and not is_same and not is_after(hunk, path, line) then
      target = hunk
    end
  end
  go_to(target or (by > 0 and all[1] or all[#all]))
end

-- The file and the hunk that are meant; no hunk: the file is meant as a whole.
---@return thole.Change?, thole.ReviewHunk?
local function here()
  local path, line = position()
  local change = changes.of(path)
  if not change then
    return nil, ui.say("nothing to review in this file; :Thole review goes to the next")
  end
  local list = hunks_of(change)
  if passed or #list == 0 then
    return change
  end
  local last = api.nvim_buf_line_count(0)
  for _, hunk in ipairs(list) do
    local first = math.max(1, math.min(hunk.from, last))
    if line >= first and line < first + math.max(hunk.size, 1) then
      return change, hunk
    end
  end
  return nil, ui.say("there is no hunk under the cursor")
end

local function remove(path, buf)
  local gone, why = vim.uv.fs_unlink(path)
  if gone and buf then
    api.nvim_buf_delete(buf, { force = true })
  end
  return not gone and vim.uv.fs_stat(path) and why or nil
end

-- Gives a file this text, in its buffer when it has one, exactly; nil takes the file away. What cannot
-- be done is said, and the review stays as it was.
local function put(change, text)
  local path = change.path
  local buf = buffers.of(path)
  if change.is_redacted then
    local words = "%s held a secret, which thole does not keep: take the change back by hand, then"
      .. " :Thole review accept-file"
    ui.say(words:format(vim.fn.fnamemodify(path, ":~:.")), vim.log.levels.WARN)
    return false
  end
  local fault
  if text == nil then
    fault = remove(path, buf)
  elseif buf then
    buffers.put_and_save(buf, text)
  else
    fault = buffers.write_file(path, text)
  end
  if fault then
    ui.say(("cannot write %s: %s"):format(path, fault), vim.log.levels.ERROR)
  end
  return not fault
end

-- Takes what is left of a file without what was rejected: nothing, when the agent had made the file.
local function put_rejected(change, latest, text)
  local is_gone = change.baseline == nil and text == ""
  if is_gone then
    latest, text = nil, nil
  end
  if put(change, text) then
    changes.review(change, change.baseline, latest)
  end
end

local function accept_file(change)
  changes.review(change, change.latest, change.latest)
end

local function reject_file(change)
  local now, text = text_now(change.path), change.baseline
  if now and change.latest and now ~= change.latest then
    text = require("thole.diff").merge(change.latest, now, change.baseline or "")
  end
  put_rejected(change, change.baseline, text)
end

local function accept()
  local change, hunk = here()
  if change and not hunk then
    accept_file(change)
  elseif change and hunk then
    local now = text_now(change.path) --[[@as string]]
    local baseline, text = hunks.accept(change, hunk, now)
    if text == now or put(change, text) then
      changes.review(change, baseline, change.latest)
    end
  end
end

local function reject()
  local change, hunk = here()
  if change and not hunk then
    reject_file(change)
  elseif change and hunk then
    local now = text_now(change.path) --[[@as string]]
    put_rejected(change, hunks.reject(change, hunk, now))
  end
end

local function with_file(act)
  return function(name)
    local path = name and vim.fn.fnamemodify(name, ":p") or (position())
    local change = changes.of(path)
    if not change then
      return ui.say("nothing to review in " .. vim.fn.fnamemodify(path, ":~:."))
    end
    act(change)
  end
end

local function for_all(act)
  return function()
    for _, change in ipairs(changes.list()) do
      act(change)
    end
  end
end

local function to_quickfix()
  local items = {}
  for _, hunk in ipairs(M.all()) do
    local first = hunk.new and (hunk.new[1] or hunk.old[1]) or "(the whole file)"
    table.insert(items, {
      filename = hunk.path,
      lnum = hunk.from,
      text = (first:gsub("[\r\n]+$", "")),
      type = hunk.is_conflict and "W" or "I",
    })
  end
  vim.fn.setqflist({}, " ", { title = "thole: to review", items = items })
  if #items == 0 then
    return ui.say("nothing is left to review")
  end
  vim.cmd("botright copen")
end

local function diff(change)
  local now = text_now(change.path) or ""
  ui.diff_tab(change.path, change.baseline or "", now, { "reviewed", "now" })
end

local acts = {
  next = function()
    step(1)
  end,
  previous = function()
    step(-1)
  end,
  accept = accept,
  reject = reject,
  ["accept-file"] = with_file(accept_file),
  ["reject-file"] = with_file(reject_file),
  ["accept-all"] = for_all(accept_file),
  ["reject-all"] = for_all(reject_file),
  list = to_quickfix,
  diff = with_file(diff),
}

---@return string[]
function M.verbs()
  local names = vim.tbl_keys(acts)
  table.sort(names)
  return names
end

---@param verb? string nothing: the next hunk
---@param name? string a file
function M.run(verb, name)
  local act = acts[verb or "next"]
  if not act then
    local text = "review: there is no '%s'; there are: %s"
    return ui.say(text:format(verb, table.concat(M.verbs(), ", ")), vim.log.levels.ERROR)
  end
  act(name)
end

local function listen()
  changes.events:on("changed", M.refresh)
  local group = api.nvim_create_augroup("thole.review", {})
  api.nvim_create_autocmd({ "BufReadPost", "TextChanged", "InsertLeave" }, {
    group = group,
    callback = function(given)
      refresh_buffer(given.buf)
    end,
  })
  api.nvim_create_autocmd("BufWipeout", {
    group = group,
    callback = function(given)
      mapped[given.buf], drawn[given.buf] = nil, nil
    end,
  })
end

listen()

return M
