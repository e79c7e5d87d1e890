-- `@file`, `@buffer`, `@selection` and `@diagnostics` in a prompt, as content blocks beside its text.
local buffers = require("thole.buffers")

local api = vim.api
local M = {}

M.words = {
  { word = "@buffer", about = "the buffer you came from, with unsaved text" },
  { word = "@selection", about = "what you selected last in it" },
  { word = "@diagnostics", about = "what the language servers say about it" },
}

local function resource(uri, text)
  return { type = "resource", resource = { uri = uri, text = text, mimeType = "text/plain" } }
end

local function uri_of(buf)
  local name = api.nvim_buf_get_name(buf)
  return name ~= "" and vim.uri_from_fname(name) or "buffer:" .. buf
end

---@class thole.Selection
---@field buf integer
---@field first integer 1-based
---@field last integer

-- What was selected last in a buffer, whole lines.
---@param buf integer
---@return thole.Selection?
function M.last_selection(buf)
  local first = api.nvim_buf_get_mark(buf, "<")[1]
  local last = api.nvim_buf_get_mark(buf, ">")[1]
  if first > 0 and last >= first then
    return { buf = buf, first = first, last = last }
  end
end

local function selection_block(selection)
  local buf = selection.buf
  local lines = api.nvim_buf_get_lines(buf, selection.first - 1, selection.last, false)
  local uri = ("%s#L%d:%d"):format(uri_of(buf), selection.first, selection.last)
  return resource(uri, table.concat(lines, "\n") .. "\n")
end

local function diagnostics_block(buf)
  local lines = {}
  for _, one in ipairs(require("thole.diagnostics").of_buffer(buf)) do
    local line = ("%s:%d:%d: %s: %s"):format(
      one.path,
      one.line,
      one.column,
      one.severity,
      one.message
    )
    table.insert(lines, line)
  end
  local text = #lines > 0 and table.concat(lines, "\n") or "There are no diagnostics."
  return resource(uri_of(buf) .. "#diagnostics", text)
end

local makers = {
  ["@buffer"] = function(context)
    local buf = context.origin
    return buf and resource(uri_of(buf), buffers.text(buf))
  end,
  ["@selection"] = function(context)
    local selection = context.selection or (context.origin and M.last_selection(context.origin))
    return selection and selection_block(selection)
  end,
  ["@diagnostics"] = function(context)
    return context.origin and diagnostics_block(context.origin)
  end,
}

local function file_block(word)
  local path = vim.fn.fnamemodify(word:sub(2), ":p")
  if vim.uv.fs_stat(path) then
    return { type = "resource_link", uri = vim.uri_from_fname(path), name = word:sub(2) }
  end
end

-- The mentions of a text: each word that begins with `@`, without punctuation after it.
---@param text string
---@return string[]
function M.find(text)
  local found, seen = {}, {}
  for word in (" " .. text):gmatch("[%s%(](@[^%s%)]+)") do
    if not vim.uv.fs_stat(vim.fn.fnamemodify(word:sub(2), ":p")) then
      word = word:gsub("[.,;:!?]+$", "")
    end
    if not seen[word] then
      seen[word] = true
      table.insert(found, word)
    end
  end
  return found
end

-- The blocks of a prompt and the text that the chat shows for it.
---@param text string
---@param context { origin?: integer, selection?: thole.Selection }
---@return thole.Text[], string
function M.blocks(text, context)
  local blocks = { { type = "text", text = text } }
  for _, word in ipairs(M.find(text)) do
    local make = makers[word] or file_block
    local block = make == file_block and file_block(word) or (make ~= file_block and make(context))
    if block then
      table.insert(blocks, block)
    end
  end
  return blocks, text
end

return M
