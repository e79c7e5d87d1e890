-- Thoughts are folded. Folds are of windows: those that show the chat get one when a thought is over,
-- others when they begin to show it.
local api = vim.api
local M = {}

local function fold_in(win, first, last)
  api.nvim_win_call(win, function()
    if vim.wo.foldmethod == "manual" then
      pcall(vim.cmd, ("silent! %d,%dfold"):format(first + 1, last + 1))
    end
  end)
end

---@param transcript thole.Transcript
---@param first integer row
---@param last integer row
function M.add(transcript, first, last)
  if last < first then
    return
  end
  local mark = api.nvim_buf_set_extmark(transcript.buf, transcript.ns, first, 0, { end_row = last })
  table.insert(transcript.folds, mark)
  for _, win in ipairs(vim.fn.win_findbuf(transcript.buf)) do
    fold_in(win, first, last)
  end
end

-- Makes the folds of all thoughts in a window that has begun to show the buffer.
---@param transcript thole.Transcript
---@param win integer
function M.all(transcript, win)
  api.nvim_win_call(win, function()
    vim.cmd("silent! normal! zE")
  end)
  for _, id in ipairs(transcript.folds) do
    local mark =
      api.nvim_buf_get_extmark_by_id(transcript.buf, transcript.ns, id, { details = true })
    if mark[1] then
      fold_in(win, mark[1], mark[3].end_row)
    end
  end
end

-- What a closed fold shows: the thought's first words and its length.
---@return string|table
function M.text()
  local first, last = vim.v.foldstart, vim.v.foldend
  local words = vim.fn.getline(first):gsub("^>%s*", "")
  local more = last > first and ("  +%d lines"):format(last - first) or ""
  local width = math.max(20, api.nvim_win_get_width(0) - 12 - #more)
  if vim.fn.strdisplaywidth(words) > width then
    words = vim.fn.strcharpart(words, 0, width - 1) .. "…"
  end
  return { { "▸ thought  ", "TholeDim" }, { words, "TholeThought" }, { more, "TholeDim" } }
end

return M
