-- The other end of tests/nvim/models.mjs.
local patience = require("patience")

local M = {}

local process ---@type vim.SystemObj?
local answers, partial, count = {}, "", 0

local function start()
  process = vim.system({ "node", "tests/nvim/models.mjs" }, {
    stdin = true,
    stdout = function(_, bytes)
      partial = partial .. (bytes or "")
      local stop = partial:find("\n", 1, true)
      while stop do
        local line = partial:sub(1, stop - 1)
        local answer = vim.json.decode(line, { luanil = { object = true, array = true } })
        answers[answer.id] = answer
        partial = partial:sub(stop + 1)
        stop = partial:find("\n", 1, true)
      end
    end,
    stderr = function(_, bytes)
      io.stderr:write(bytes or "")
    end,
  })
end

---@param what string
---@param fields? table
---@return table
function M.call(what, fields)
  if not process then
    start()
  end
  count = count + 1
  local id = count
  local request = vim.tbl_extend("force", { id = id, ["do"] = what }, fields or {})
  assert(process):write(vim.json.encode(request) .. "\n")
  local came = vim.wait(patience, function()
    return answers[id] ~= nil
  end, 2)
  assert(came, "tests/nvim/models.mjs does not answer " .. what)
  local answer = answers[id]
  answers[id] = nil
  assert(not answer.error, answer.error)
  return answer
end

function M.stop()
  if process then
    process:write(nil)
    process:wait(5000)
    process = nil
  end
end

return M
