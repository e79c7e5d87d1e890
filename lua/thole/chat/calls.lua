-- Tool calls in the chat: one line each, its state beside it in virtual text, so that a change of
-- state changes no text; on request what it did below it.
local diff = require("thole.diff")
local ui = require("thole.ui")

local api = vim.api
local M = {}

local most_lines = 400 -- of an output that is shown

---@class thole.ShownCall
---@field call thole.Call
---@field mark? integer extmark on its line
---@field body? integer extmark over what is shown below it

local states = {
  pending = { "○ ", "TholePending" },
  in_progress = { "◐ ", "TholeRunning" },
  completed = { "✓ ", "TholeDone" },
  failed = { "✗ ", "TholeFailed" },
}

-- The line in the buffer: the title without its backquotes.
---@param call thole.Call
---@return string
function M.line(call)
  local title = call.title:gsub("[`\r\n]", "")
  return title == "" and call.name or title
end

-- Parts of a title that stand in backquotes, as columns of the line.
local function details(title)
  local parts, column, is_code = {}, 0, false
  for piece in (title:gsub("[\r\n]", "") .. "`"):gmatch("([^`]*)`") do
    if is_code and piece ~= "" then
      table.insert(parts, { column, column + #piece })
    end
    column, is_code = column + #piece, not is_code
  end
  return parts
end

local outcomes = { denied = "not allowed", cancelled = "cancelled", interrupted = "interrupted" }

local function change_words(call)
  local added, removed = 0, 0
  for _, change in ipairs(call.diffs) do
    local plus, minus = diff.count(change.old or "", change.new)
    added, removed = added + plus, removed + minus
  end
  return ("+%d -%d"):format(added, removed)
end

local function suffix(call)
  local parts = {}
  if call.is_waiting then
    table.insert(parts, { " waits for you", "TholeWaiting" })
  end
  if outcomes[call.outcome] then
    table.insert(parts, { " " .. outcomes[call.outcome], "TholeFailed" })
  end
  if #call.diffs > 0 then
    call.changes = call.changes or change_words(call)
    table.insert(parts, { " " .. call.changes, "TholeDim" })
  end
  if call.duration and call.duration >= 1000 then
    table.insert(parts, { (" %.1f s"):format(call.duration / 1000), "TholeDim" })
  end
  return parts
end

-- Rows of the line and of the end of what is shown below it.
---@param transcript thole.Transcript
---@param shown thole.ShownCall
---@return integer?, integer?
function M.rows(transcript, shown)
  if not shown.mark then
    return
  end
  local at = api.nvim_buf_get_extmark_by_id(transcript.buf, transcript.ns, shown.mark, {})
  local row = at[1]
  if not row then
    return
  end
  return row, row + (shown.height or 0)
end

local function mark_line(transcript, shown, row)
  local call = shown.call
  local line = M.line(call)
  local buf, ns = transcript.buf, transcript.ns
  if api.nvim_buf_get_lines(buf, row, row + 1, false)[1] ~= line then
    local old = api.nvim_buf_get_lines(buf, row, row + 1, false)[1] or ""
    api.nvim_buf_set_text(buf, row, 0, row, #old, { line })
  end
  local state = call.is_waiting and { "? ", "TholeWaiting" } or states[call.status]
  shown.mark = api.nvim_buf_set_extmark(buf, ns, row, 0, {
    id = shown.mark,
    end_col = #line,
    hl_group = "TholeCall",
    hl_mode = "combine",
    priority = 150,
    virt_text = { state or states.pending },
    virt_text_pos = "inline",
  })
  shown.suffix = api.nvim_buf_set_extmark(buf, ns, row, 0, {
    id = shown.suffix,
    virt_text = suffix(call),
    virt_text_pos = "eol",
  })
  if shown.title ~= call.title then
    shown.title = call.title
    for _, part in ipairs(details(call.title)) do
      api.nvim_buf_set_extmark(buf, ns, row, math.min(part[1], #line), {
        end_col = math.min(part[2], #line),
        hl_group = "TholeCallDetail",
        priority = 160,
      })
    end
  end
end

local function add(lines, text)
  local all = vim.split((text:gsub("\r", ""):gsub("\n$", "")), "\n", { plain = true })
  local from = 1
  if #all > most_lines then
    from = #all - most_lines + 1
    table.insert(lines, ("(%d earlier lines)"):format(from - 1))
  end
  vim.list_extend(lines, all, from)
end

local function shown_text(call)
  local lines = {}
  if type(call.input.command) == "string" then
    add(lines, "$ " .. call.input.command)
  end
  for _, change in ipairs(call.diffs) do
    table.insert(lines, "--- " .. vim.fn.fnamemodify(change.path, ":~:."))
    vim.list_extend(lines, diff.unified(change.old or "", change.new))
  end
  if call.text ~= "" and not (#call.diffs > 0 and call.status == "completed") then
    add(lines, call.text)
  end
  if #lines == 0 then
    add(lines, next(call.input) and vim.inspect(call.input) or "(nothing to show yet)")
  end
  return lines
end

local function paint(transcript, shown, row, lines)
  local is_diff = #shown.call.diffs > 0
  for i, line in ipairs(lines) do
    local group = is_diff and ui.diff_highlight(line) or "TholeOutput"
    if is_diff and line:sub(1, 4) == "--- " then
      group = "TholePath"
    end
    if group then
      api.nvim_buf_set_extmark(transcript.buf, transcript.ns, row + i, 0, {
        line_hl_group = group,
        priority = 150,
      })
    end
  end
end

local function put_body(transcript, shown, row, lines)
  local old = shown.height or 0
  api.nvim_buf_clear_namespace(transcript.buf, transcript.ns, row + 1, row + 1 + old)
  api.nvim_buf_set_lines(transcript.buf, row + 1, row + 1 + old, true, lines)
  shown.height = #lines
  transcript:moved(row, #lines - old)
end

local function draw_body(transcript, shown, row)
  local lines = shown_text(shown.call)
  local indented = vim.tbl_map(function(line)
    return "  " .. line
  end, lines)
  put_body(transcript, shown, row, indented)
  paint(transcript, shown, row, lines)
end

-- Draws a call as it is now.
---@param transcript thole.Transcript
---@param shown thole.ShownCall
function M.draw(transcript, shown)
  local row = M.rows(transcript, shown)
  if not row then
    return
  end
  mark_line(transcript, shown, row)
  if shown.is_expanded then
    draw_body(transcript, shown, row)
  end
end

---@param transcript thole.Transcript
---@param shown thole.ShownCall
function M.toggle(transcript, shown)
  local row = M.rows(transcript, shown)
  if not row then
    return
  end
  shown.is_expanded = not shown.is_expanded
  if shown.is_expanded then
    draw_body(transcript, shown, row)
  else
    put_body(transcript, shown, row, {})
  end
end

return M
