-- nvim --clean -l tests/nvim/help.lua: writes what doc/thole.txt says about options and highlight groups
-- anew from lua/thole/config.lua and lua/thole/ui.lua.
vim.opt.rtp:prepend(vim.fn.getcwd())

-- Lines in place of what stands between a line that ends so and the next section.
local function below(text, head, lines)
  local _, start = text:find(head .. "\n", 1, true)
  local stop = text:find("\n====", assert(start, head), true)
  return text:sub(1, start) .. "\n" .. table.concat(lines, "\n") .. "\n" .. text:sub(stop)
end

local function groups()
  local lines = {}
  local names = vim.tbl_keys(require("thole.ui").groups())
  table.sort(names)
  for _, name in ipairs(names) do
    table.insert(lines, ("    %-22s %s"):format(name, require("thole.ui").groups()[name]))
  end
  return lines
end

local file = assert(io.open("doc/thole.txt", "rb"))
local text = file:read("*a")
file:close()
text = below(text, "*g:thole*", require("thole.config").help())
text = below(text, "unless the colour scheme has it.", groups())
file = assert(io.open("doc/thole.txt", "wb"))
file:write(text)
file:close()
