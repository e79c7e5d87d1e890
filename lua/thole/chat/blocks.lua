-- Cuts a streaming Markdown text into blocks: what stands between empty lines, a fence with what is in
-- it being one. Knows rows and lines, no buffer.

---@class thole.Blocks
---@field row integer row of the line that is being written
---@field from integer row where the open block begins
---@field size integer bytes of the open block
---@field tail string the line that is being written
---@field fence? string that is open
local Blocks = {}
Blocks.__index = Blocks

---@param row integer where the text begins
---@return thole.Blocks
function Blocks.new(row)
  return setmetatable({ row = row, from = row, size = 0, tail = "" }, Blocks)
end

---@private
function Blocks:look_for_fence(line)
  local mark = line:match("^%s*(```+)") or line:match("^%s*(~~~+)")
  if not mark then
    return
  end
  if not self.fence then
    self.fence = mark
  elseif mark:sub(1, #self.fence) == self.fence and line:match("^%s*[`~]+%s*$") then
    self.fence = nil
  end
end

-- Takes lines as they were added, the first to the line that is being written; gives the blocks that
-- are complete now.
---@param lines string[]
---@return { [1]: integer, [2]: integer }[] rows, first and last
function Blocks:add(lines)
  local done = {}
  for i, piece in ipairs(lines) do
    self.tail = i == 1 and self.tail .. piece or piece
    self.size = self.size + #piece + 1
    if i < #lines then
      self:look_for_fence(self.tail)
      if not self.fence and not self.tail:find("%S") then
        if self.row > self.from then
          table.insert(done, { self.from, self.row - 1 })
        end
        self.from, self.size = self.row + 1, 0
      end
      self.row = self.row + 1
    end
  end
  return done
end

-- The text is over. Gives the last block, and the fence that it left open.
---@return { [1]: integer, [2]: integer }, string?
function Blocks:finish()
  self:look_for_fence(self.tail)
  return { self.from, self.row }, self.fence
end

-- Lines were put in or taken out above.
---@param by integer
function Blocks:shift(by)
  self.row, self.from = self.row + by, self.from + by
end

return Blocks
