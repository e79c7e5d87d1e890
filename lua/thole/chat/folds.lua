-- What a closed fold of the chat shows: the thought's first words and its length.
local M = {}

---@return string|table
function M.text()
  local first, last = vim.v.foldstart, vim.v.foldend
  local words = vim.fn.getline(first):gsub("^>%s*", "")
  local more = last > first and ("  +%d lines"):format(last - first) or ""
  local width = math.max(20, vim.api.nvim_win_get_width(0) - 12 - #more)
  if vim.fn.strdisplaywidth(words) > width then
    words = vim.fn.strcharpart(words, 0, width - 1) .. "…"
  end
  return { { "▸ thought  ", "TholeDim" }, { words, "TholeThought" }, { more, "TholeDim" } }
end

return M
