-- Before and at first use: what it costs to have the plugin, options, commands, help, health, and
-- what is said when the program is not there.
local rig = require("rig")
local it, equal, has, lacks = rig.it, rig.equal, rig.has, rig.lacks

local subcommands = {
  "agents",
  "answer",
  "approve",
  "ask",
  "attach",
  "cancel",
  "chat",
  "comment",
  "log",
  "mode",
  "model",
  "plan",
  "reject",
  "review",
  "sessions",
  "stop",
  "tasks",
}

-- What Neovim needs to start and end without anything, in ms.
local function bare_start()
  local best = math.huge
  for _ = 1, 5 do
    local from = vim.uv.hrtime()
    vim.system({ vim.v.progpath, "--clean", "--headless", "+q" }):wait()
    best = math.min(best, (vim.uv.hrtime() - from) / 1e6)
  end
  return best
end

it("starting Neovim with the plugin loads nothing and costs under a millisecond", function(t)
  t.nvim:command("lua require('thole').setup({ chat = { size = 0.5 } })")
  equal(t.nvim:lua("return vim.g.loaded_thole"), 1)
  equal(
    t.nvim:lua([[
      return vim.tbl_filter(function(name) return name:find("^thole%.") end, vim.tbl_keys(package.loaded))
    ]]),
    {}
  )
  local ms = t.nvim:lua([[
    local best = math.huge
    for _ = 1, 20 do
      vim.g.loaded_thole, package.loaded["thole"] = nil, nil
      local from = vim.uv.hrtime()
      vim.cmd.source(vim.api.nvim_get_runtime_file("plugin/thole.lua", false)[1])
      require("thole").setup({ trace = false })
      best = math.min(best, (vim.uv.hrtime() - from) / 1e6)
    end
    return best
  ]])
  local share = ms / bare_start()
  io.stdout:write(
    ("# start-up cost: %.2f ms, %.1f %% of a bare Neovim's start\n"):format(ms, share * 100)
  )
  assert(ms < 1, ("%.2f ms"):format(ms))
  assert(share < 0.05, ("%.1f %% of a bare start"):format(share * 100))
end)

it("asking for the statusline does not load the plugin", function(t)
  equal(t.nvim:lua("return require('thole').statusline()"), "")
  equal(t.nvim:lua("return package.loaded['thole.agent']"), vim.NIL)
end)

it("every subcommand is offered, and completed with its own words", function(t)
  local function complete(line)
    return t.nvim:lua("return vim.fn.getcompletion(..., 'cmdline')", line)
  end
  equal(complete("Thole "), subcommands)
  equal(complete("Thole app"), { "approve" })
  equal(complete("Thole chat "), { "new", "toggle", "close" })
  equal(complete("Thole sessions d"), { "delete" })
  equal(complete("Thole approve "), { "session" })
  equal(complete("Thole review accept-"), { "accept-all", "accept-file" })
  t.nvim:command("Thole chat")
  t.nvim:wait("require('thole.agent').current", "a session")
  equal(complete("Thole mode b"), { "bypass-permissions" })
  has(table.concat(complete("Thole model "), " "), "anthropic/claude-sonnet-4-5")
end)

it("an unknown subcommand is answered with those that there are", function(t)
  t.nvim:command("Thole fly")
  local messages = t.nvim:notices()
  has(messages, "there is no subcommand 'fly'; there are: agents, answer, approve")
end)

it("every <Plug> mapping is there", function(t)
  for _, name in ipairs({ "chat", "ask", "plan", "tasks", "agents", "sessions", "review" }) do
    has(
      t.nvim:lua("return vim.fn.maparg(..., 'n', false, true).desc", "<Plug>(thole-" .. name .. ")"),
      "thole"
    )
  end
  local more = { "next-hunk", "previous-hunk", "accept-hunk", "reject-hunk", "answer", "toggle" }
  for _, name in
    ipairs(vim.list_extend(more, { "approve", "reject", "comment", "cancel", "mode", "model" }))
  do
    has(
      t.nvim:lua("return vim.fn.maparg(..., 'n', false, true).desc", "<Plug>(thole-" .. name .. ")"),
      "thole"
    )
  end
end)

it("highlight groups link to standard ones and leave those of a colour scheme alone", function(t)
  t.nvim:command("highlight TholeCall guifg=#123456")
  t.nvim:lua("require('thole.ui')")
  equal(t.nvim:lua("return vim.api.nvim_get_hl(0, { name = 'TholeCall' }).fg"), 0x123456)
  local groups = t.nvim:lua("return require('thole.ui').groups()")
  for name, target in pairs(groups) do
    if name ~= "TholeCall" then
      equal(t.nvim:lua("return vim.api.nvim_get_hl(0, { name = ... }).link", name), target, name)
    end
    equal(t.nvim:lua("return vim.fn.hlexists(...)", target), 1, target)
  end
end)

it("a missing program is named, with what to do", {
  config = { cmd = { "thole-that-is-not-there", "--stdio" } },
}, function(t)
  t.nvim:command("Thole chat")
  local messages = t.nvim:notices()
  has(messages, "cannot run 'thole-that-is-not-there': there is no such program on PATH")
  has(messages, "./dev build program")
  has(messages, ":help thole.cmd")
  equal(#t.nvim:lua("return vim.api.nvim_list_wins()"), 1)
end)

it("a program that ends at once is reported with its last words", {
  config = { cmd = { "sh", "-c", "echo no licence >&2; exit 3" } },
}, function(t)
  t.nvim:command("Thole chat")
  t.nvim:wait_notice("ended with code 3 before it answered: no licence")
end)

it("wrong options are named, and the defaults hold", {
  config = { chat = { position = "up", sise = 3 } },
}, function(t)
  t.nvim:lua("require('thole.config').get()")
  local messages = t.nvim:notices()
  has(messages, "chat.position: expected right|left|bottom|tab, got 'up'")
  has(messages, "chat.sise: no such option; see :help thole-options")
  equal(t.nvim:lua("return require('thole.config').get().chat.position"), "right")
end)

it("setup() after first use holds too", function(t)
  t.nvim:lua("require('thole.config').get()")
  t.nvim:lua("require('thole').setup({ chat = { size = 33 } })")
  equal(t.nvim:lua("return require('thole.config').get().chat.size"), 33)
end)

it("checkhealth says what is well and what is not", function(t)
  t.nvim:command("checkhealth thole")
  local report =
    t.nvim:lua("return table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, false), '\\n')")
  has(report, "treesitter has a parser for Markdown")
  has(report, "thole 0.1.0")
  lacks(report, "ERROR")
end)

it("checkhealth names wrong options", { config = { trace = 7 } }, function(t)
  t.nvim:command("checkhealth thole")
  local report =
    t.nvim:lua("return table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, false), '\\n')")
  has(report, "trace: expected boolean, got number")
end)

it("checkhealth names a missing program", { config = { cmd = { "/nowhere/thole" } } }, function(t)
  t.nvim:command("checkhealth thole")
  local report =
    t.nvim:lua("return table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, false), '\\n')")
  has(report, "cannot run '/nowhere/thole'")
end)

-- Errors of :helptags, links that lead nowhere, options and subcommands that it does not name.
it("the help is whole", { editor = false }, function(t)
  local folder = t.root .. "/doc"
  vim.fn.mkdir(folder, "p")
  vim.uv.fs_copyfile(vim.fn.getcwd() .. "/doc/thole.txt", folder .. "/thole.txt")
  vim.cmd.helptags(folder)
  local tags = {}
  for _, file in ipairs({ folder .. "/tags", vim.env.VIMRUNTIME .. "/doc/tags" }) do
    for line in io.lines(file) do
      tags[line:match("^[^\t]+")] = true
    end
  end
  local text = t:read("doc/thole.txt")
  for link in text:gmatch("|([^%s|]+)|") do
    assert(tags[link], "a link to nowhere: " .. link)
  end
  for _, name in ipairs(subcommands) do
    assert(tags[":Thole-" .. name], "no help for :Thole " .. name)
  end
  has(text, table.concat(require("thole.config").help(), "\n"))
  for name in pairs(require("thole.ui").groups()) do
    has(text, name)
  end
end)
