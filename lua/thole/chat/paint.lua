-- The colours of Markdown, block by block. A parser over the whole conversation would begin anew with
-- each piece that streams in; a block (what stands between empty lines) is small, is parsed when it
-- is complete, and never again.
local api = vim.api
local M = {}

local ns = api.nvim_create_namespace("thole.markdown")
local largest = 32768 -- bytes of a block that gets colours

local markup = "[*_`#>%[~|<%-+%d\\]" -- without any of these a text is plain

local is_there

-- Whether Neovim has a parser of Markdown.
---@return boolean
function M.is_possible()
  if is_there == nil then
    is_there = pcall(vim.treesitter.language.inspect, "markdown")
  end
  return is_there
end

local queries = {} ---@type table<string, vim.treesitter.Query|false>

local function highlights(lang)
  if queries[lang] == nil then
    queries[lang] = vim.treesitter.query.get(lang, "highlights") or false
  end
  return queries[lang]
end

local is_warm, is_warming = false, false

local warm_ups = {
  function()
    highlights("markdown")
  end,
  function()
    highlights("markdown_inline")
  end,
  function()
    vim.treesitter.get_string_parser("*a*\n", "markdown"):parse(true)
  end,
}

-- Reads the queries, which takes its time, one at a stretch; calls back when all is there.
---@param done fun()
function M.warm_up(done)
  if is_warm or is_warming or not M.is_possible() then
    return
  end
  is_warming = true
  local function step(i)
    if not warm_ups[i] then
      is_warm = true
      return done()
    end
    pcall(warm_ups[i])
    vim.defer_fn(function()
      step(i + 1)
    end, 5)
  end
  vim.defer_fn(function()
    step(1)
  end, 5)
end

-- Whether blocks can be painted now.
---@return boolean
function M.is_ready()
  return is_warm
end

local function put(buf, from, range, options)
  options.end_row, options.end_col = from + range[3], range[4]
  options.strict = false
  pcall(api.nvim_buf_set_extmark, buf, ns, from + range[1], range[2], options)
end

local function paint_tree(buf, from, text, tree, lang)
  local query = highlights(lang)
  if not query then
    return
  end
  for id, node, metadata in query:iter_captures(tree:root(), text, 0, -1) do
    local name = query.captures[id]
    if name:sub(1, 1) ~= "_" and name ~= "spell" and name ~= "nospell" then
      local own = metadata[id] or {}
      put(buf, from, { node:range() }, {
        hl_group = ("@%s.%s"):format(name, lang),
        conceal = metadata.conceal or own.conceal,
        priority = tonumber(metadata.priority or own.priority) or 100,
      })
    end
  end
end

-- Paints rows [from, to] of a buffer, which are a block.
---@param buf integer
---@param from integer 0-based
---@param to integer
function M.block(buf, from, to)
  if to < from or not is_warm then
    return
  end
  api.nvim_buf_clear_namespace(buf, ns, from, to + 1)
  local text = table.concat(api.nvim_buf_get_lines(buf, from, to + 1, false), "\n") .. "\n"
  if #text > largest or not text:find(markup) then
    return
  end
  local fine, parser = pcall(vim.treesitter.get_string_parser, text, "markdown")
  if not fine or not pcall(parser.parse, parser, true) then
    return
  end
  parser:for_each_tree(function(tree, of)
    paint_tree(buf, from, text, tree, of:lang())
  end)
end

---@param buf integer
function M.clear(buf)
  api.nvim_buf_clear_namespace(buf, ns, 0, -1)
end

return M
