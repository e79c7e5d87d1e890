-- The chat: what streams in, what is folded, what can be opened, what the prompt can do.
local rig = require("rig")
local it, equal, has = rig.it, rig.equal, rig.has

it("an answer streams into the chat below the prompt", {
  replies = { { "say", "Two **oars** and a `thole`.\n\nThat is all." } },
}, function(t)
  t.nvim:command("Thole chat")
  t.nvim:ask("what is a boat?")
  t.nvim:wait_idle()
  equal(t.nvim:chat(), "what is a boat?\n\nTwo **oars** and a `thole`.\n\nThat is all.\n")
  has(t.nvim:screen(), "❯ what is a boat?")
  has(t.nvim:screen(), "Two oars and a thole.")
end)
