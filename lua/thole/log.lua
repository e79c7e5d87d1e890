-- The log of this Neovim: what the program wrote to standard error, faults of the plugin and, with
-- `trace`, every message. Kept in memory, the last lines only.
local M = {}

local most = 5000
local lines = {}

local function add(kind, text)
  for line in tostring(text):gmatch("[^\n]+") do
    table.insert(lines, ("%s %s %s"):format(os.date("%H:%M:%S"), kind, line))
  end
  if #lines > most * 1.2 then
    lines = vim.list_slice(lines, #lines - most)
  end
end

-- What the program wrote to standard error.
---@param text string
function M.program(text)
  add("thole", text)
end

---@param text string
function M.note(text)
  add("note ", text)
end

---@param direction "->"|"<-"
---@param text string
function M.message(direction, text)
  add(direction .. "   ", #text > 2000 and text:sub(1, 2000) .. "…" or text)
end

-- A fault of the plugin itself: written down, and shown.
---@param text string
function M.fault(text)
  add("FAULT", text)
  vim.schedule(function()
    local first = tostring(text):match("[^\n]*")
    vim.notify("thole: " .. first .. " (:Thole log has more)", vim.log.levels.ERROR)
  end)
end

---@return string[]
function M.lines()
  return vim.list_slice(lines)
end

-- The last line from the program, if any.
---@return string?
function M.last_words()
  for i = #lines, 1, -1 do
    local words = lines[i]:match("^%S+ thole (.+)")
    if words then
      return words
    end
  end
end

function M.open()
  local buf = vim.api.nvim_create_buf(false, true)
  vim.bo[buf].bufhidden = "wipe"
  vim.bo[buf].filetype = "thole-log"
  vim.api.nvim_buf_set_lines(buf, 0, -1, false, #lines > 0 and lines or { "The log is empty." })
  vim.bo[buf].modifiable = false
  vim.cmd("botright 12split")
  vim.api.nvim_win_set_buf(0, buf)
  vim.cmd("normal! G")
end

return M
