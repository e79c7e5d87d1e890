-- What the language servers of this editor say, for the agent and for `@diagnostics`.
local M = {}

local names = { "error", "warning", "info", "hint" }

local function converted(one)
  return {
    path = vim.api.nvim_buf_get_name(one.bufnr),
    line = one.lnum + 1,
    column = one.col + 1,
    endLine = one.end_lnum and one.end_lnum + 1 or nil,
    endColumn = one.end_col and one.end_col + 1 or nil,
    severity = names[one.severity] or "info",
    message = one.message,
    source = one.source,
    code = one.code and tostring(one.code) or nil,
  }
end

---@param buf? integer nil: of all buffers
---@return table[]
function M.of_buffer(buf)
  local found = vim.tbl_map(converted, vim.diagnostic.get(buf))
  return vim.tbl_filter(function(one)
    return one.path ~= ""
  end, found)
end

---@param path? string nil: of the whole workspace
---@return table[]
function M.list(path)
  if not path then
    return M.of_buffer(nil)
  end
  local buf = require("thole.buffers").of(path)
  return buf and M.of_buffer(buf) or {}
end

return M
