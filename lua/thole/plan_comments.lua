-- Comments on lines of a plan: a sign and the words below the lines; they move with the text.
local api = vim.api
local M = {}

local ns = api.nvim_create_namespace("thole.comments")
local words_of = {} ---@type table<integer, table<integer, string>> buffer -> extmark -> words

local function number_of(buf)
  return buf == 0 and api.nvim_get_current_buf() or buf
end

local function lines_for(text)
  local lines = {}
  for line in vim.gsplit(text, "\n", { plain = true }) do
    table.insert(lines, { { "  ┃ ", "TholeCommentSign" }, { line, "TholeComment" } })
  end
  return lines
end

---@param buf integer
---@param first integer 1-based
---@param last integer
---@param text string
function M.add(buf, first, last, text)
  buf = number_of(buf)
  local id = api.nvim_buf_set_extmark(buf, ns, first - 1, 0, {
    end_row = last - 1,
    end_col = 0,
    sign_text = "┃",
    sign_hl_group = "TholeCommentSign",
    right_gravity = false,
  })
  local below = api.nvim_buf_set_extmark(buf, ns, last - 1, 0, { virt_lines = lines_for(text) })
  words_of[buf] = words_of[buf] or {}
  words_of[buf][id] = { text = text, below = below }
end

local function place(buf, id)
  local mark = api.nvim_buf_get_extmark_by_id(buf, ns, id, { details = true })
  if mark[1] then
    return mark[1] + 1, math.max(mark[1], mark[3].end_row) + 1
  end
end

-- All comments in the order of their lines, as the server takes them.
---@param buf integer
---@return { startLine: integer, endLine: integer, text: string }[]
function M.list(buf)
  buf = number_of(buf)
  local list = {}
  local count = api.nvim_buf_line_count(buf)
  for id, comment in pairs(words_of[buf] or {}) do
    local first, last = place(buf, id)
    if first then
      table.insert(list, {
        startLine = math.min(first, count),
        endLine = math.min(last, count),
        text = comment.text,
      })
    end
  end
  table.sort(list, function(a, b)
    return a.startLine < b.startLine or (a.startLine == b.startLine and a.text < b.text)
  end)
  return list
end

---@param buf integer
---@param first integer
---@param last integer
---@return integer removed
function M.remove(buf, first, last)
  buf = number_of(buf)
  local count = 0
  for id, comment in pairs(words_of[buf] or {}) do
    local from, to = place(buf, id)
    if from and from <= last and to >= first then
      api.nvim_buf_del_extmark(buf, ns, id)
      api.nvim_buf_del_extmark(buf, ns, comment.below)
      words_of[buf][id] = nil
      count = count + 1
    end
  end
  return count
end

---@param buf integer
function M.clear(buf)
  if api.nvim_buf_is_valid(buf) then
    api.nvim_buf_clear_namespace(buf, ns, 0, -1)
  end
  words_of[buf] = nil
end

return M
