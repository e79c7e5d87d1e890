-- The prompts of the past, the newest last; kept between runs of Neovim.
local M = {}

local most = 200
local entries ---@type string[]?

local function place()
  return vim.fs.joinpath(vim.fn.stdpath("state"), "thole", "history.json")
end

---@return string[]
function M.all()
  if not entries then
    entries = {}
    local file = io.open(place(), "r")
    if file then
      local fine, list = pcall(vim.json.decode, file:read("*a"))
      file:close()
      entries = fine and vim.islist(list) and list or {}
    end
  end
  return entries
end

local function keep()
  vim.fn.mkdir(vim.fs.dirname(place()), "p", "0700")
  local file = io.open(place(), "w")
  if file then
    file:write(vim.json.encode(entries))
    file:close()
    vim.uv.fs_chmod(place(), 384)
  end
end

---@param text string
function M.add(text)
  local list = vim.tbl_filter(function(other)
    return other ~= text
  end, M.all())
  table.insert(list, text)
  entries = vim.list_slice(list, math.max(1, #list - most + 1))
  keep()
end

-- Going through the past from a prompt that is being written.
---@class thole.Walk
---@field at integer
---@field draft string

---@return thole.Walk
function M.walk()
  return { at = #M.all() + 1, draft = "" }
end

-- The text one step older (-1) or newer (1), nil at either end.
---@param walk thole.Walk
---@param by integer
---@param current string what stands in the prompt
---@return string?
function M.step(walk, by, current)
  local list = M.all()
  local at = walk.at + by
  if at < 1 or at > #list + 1 then
    return nil
  end
  if walk.at == #list + 1 then
    walk.draft = current
  end
  walk.at = at
  return list[at] or walk.draft
end

return M
