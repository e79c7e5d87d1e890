-- A screen of a terminal, with its colours, as an SVG picture.
local M = {}

local base = { fg = "#d4d4d8", bg = "#14161b" }
local sixteen = {
  "#14161b",
  "#e06c75",
  "#98c379",
  "#e5c07b",
  "#61afef",
  "#c678dd",
  "#56b6c2",
  "#d4d4d8",
  "#5c6370",
  "#ff7a85",
  "#b5e890",
  "#ffd787",
  "#7cc7ff",
  "#e29cf5",
  "#7fdbe6",
  "#ffffff",
}

local function indexed(n)
  if n < 16 then
    return sixteen[n + 1]
  end
  if n >= 232 then
    local grey = 8 + (n - 232) * 10
    return ("#%02x%02x%02x"):format(grey, grey, grey)
  end
  local levels = { 0, 95, 135, 175, 215, 255 }
  n = n - 16
  return ("#%02x%02x%02x"):format(
    levels[math.floor(n / 36) + 1],
    levels[math.floor(n / 6) % 6 + 1],
    levels[n % 6 + 1]
  )
end

-- The colour after 38 or 48 and how many codes it took.
local function colour(codes, i)
  if codes[i + 1] == 2 then
    return ("#%02x%02x%02x"):format(codes[i + 2], codes[i + 3], codes[i + 4]), 4
  end
  return indexed(codes[i + 2]), 2
end

local switches = {
  [1] = { "bold", true },
  [3] = { "italic", true },
  [4] = { "underline", true },
  [7] = { "reverse", true },
  [22] = { "bold", nil },
  [23] = { "italic", nil },
  [24] = { "underline", nil },
  [27] = { "reverse", nil },
  [39] = { "fg", nil },
  [49] = { "bg", nil },
}

local function apply(pen, text)
  local codes = {}
  for code in (text == "" and "0" or text):gmatch("%d+") do
    table.insert(codes, tonumber(code))
  end
  local i = 1
  while i <= #codes do
    local code = codes[i]
    if code == 0 then
      pen = {}
    elseif code == 38 or code == 48 then
      local value, used = colour(codes, i)
      pen[code == 38 and "fg" or "bg"] = value
      i = i + used
    elseif switches[code] then
      pen[switches[code][1]] = switches[code][2]
    elseif code >= 30 and code <= 37 then
      pen.fg = sixteen[code - 29]
    elseif code >= 40 and code <= 47 then
      pen.bg = sixteen[code - 39]
    elseif code >= 90 and code <= 97 then
      pen.fg = sixteen[code - 81]
    end
    i = i + 1
  end
  return pen
end

local function escaped(text)
  return (text:gsub("&", "&amp;"):gsub("<", "&lt;"))
end

local cell = { width = 7.8, height = 17 }

-- Runs of cells that look the same, as rectangles behind and text in front.
local function run_of(out, pen, text, column, row)
  local width = vim.fn.strdisplaywidth(text)
  local fg, bg = pen.fg or base.fg, pen.bg or base.bg
  if pen.reverse then
    fg, bg = bg, fg
  end
  local x, y = 12 + column * cell.width, 10 + row * cell.height
  if bg ~= base.bg then
    table.insert(
      out.behind,
      ('<rect x="%.1f" y="%d" width="%.1f" height="%d" fill="%s"/>'):format(
        x,
        y,
        width * cell.width,
        cell.height,
        bg
      )
    )
  end
  if text:find("%S") then
    local look = (pen.bold and ' font-weight="bold"' or "")
      .. (pen.italic and ' font-style="italic"' or "")
      .. (pen.underline and ' text-decoration="underline"' or "")
    local format =
      '<text x="%.1f" y="%d" textLength="%.1f" fill="%s"%s xml:space="preserve">%s</text>'
    table.insert(out.front, format:format(x, y + 13, width * cell.width, fg, look, escaped(text)))
  end
  return column + width
end

-- What `tmux capture-pane -e -p` gives, as SVG.
---@param screen string
---@return string
function M.svg(screen)
  local out = { behind = {}, front = {} }
  local pen, row, widest = {}, 0, 0
  for _, line in ipairs(vim.split((screen:gsub("\n+$", "")), "\n", { plain = true })) do
    local column, at = 0, 1
    while at <= #line do
      local from, to, codes = line:find("\27%[([%d;:]*)m", at)
      local text = line:sub(at, (from or #line + 1) - 1)
      if text ~= "" then
        column = run_of(out, pen, text, column, row)
      end
      if not from then
        break
      end
      pen = apply(pen, (codes:gsub(":", ";")))
      at = to + 1
    end
    widest, row = math.max(widest, column), row + 1
  end
  local width, height = 24 + widest * cell.width, 20 + row * cell.height
  return table.concat({
    ('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d"'):format(
      width,
      height,
      width
    )
      .. ' font-family="ui-monospace, \'DejaVu Sans Mono\', Menlo, Consolas, monospace" font-size="13">',
    ('<rect width="%d" height="%d" rx="8" fill="%s"/>'):format(width, height, base.bg),
    table.concat(out.behind, "\n"),
    table.concat(out.front, "\n"),
    "</svg>\n",
  }, "\n")
end

return M
