-- Names only: nothing is loaded before first use.
if vim.g.loaded_thole then
  return
end
vim.g.loaded_thole = 1

vim.api.nvim_create_user_command("Thole", function(given)
  require("thole.command").execute(given)
end, {
  nargs = "*",
  range = true,
  bang = true,
  desc = "thole: chat, plan, tasks, approvals, review",
  complete = function(...)
    return require("thole.command").complete(...)
  end,
})

local function plug(name, words, modes)
  vim.keymap.set(modes or "n", ("<Plug>(thole-%s)"):format(name), function()
    require("thole.command").from_key(words)
  end, { desc = "thole: " .. table.concat(words, " ") })
end

plug("chat", { "chat" })
plug("toggle", { "chat", "toggle" })
plug("ask", { "ask" }, { "n", "x" })
plug("plan", { "plan" })
plug("tasks", { "tasks" })
plug("agents", { "agents" })
plug("sessions", { "sessions" })
plug("review", { "review" })
plug("next-hunk", { "review", "next" })
plug("previous-hunk", { "review", "previous" })
plug("accept-hunk", { "review", "accept" })
plug("reject-hunk", { "review", "reject" })
plug("answer", { "answer" })
plug("approve", { "approve" })
plug("reject", { "reject" })
plug("comment", { "comment" }, { "n", "x" })
plug("cancel", { "cancel" })
plug("mode", { "mode" })
plug("model", { "model" })
