-- For 'statusline': short, and cheap enough for every redraw.
local agent = require("thole.agent")
local asks = require("thole.asks")

local M = {}

---@return string
function M.text()
  local session = agent.current
  if not session then
    return agent.state == "ready" and "thole" or ""
  end
  local parts = { "thole" }
  if session.mode and session.mode ~= "default" then
    table.insert(parts, session.mode)
  end
  if session:is_busy() then
    table.insert(parts, "●")
  end
  local done, all = 0, 0
  for _, task in ipairs(session.tasks) do
    if task.status ~= "cancelled" then
      all = all + 1
      done = done + (task.status == "completed" and 1 or 0)
    end
  end
  if all > 0 and done < all then
    table.insert(parts, ("%d/%d"):format(done, all))
  end
  if #asks.list > 0 then
    table.insert(parts, ("?%d"):format(#asks.list))
  end
  return table.concat(parts, " ")
end

return M
