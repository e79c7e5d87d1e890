-- Who hears whom: the one place where the parts of the plugin are put together.
local agent = require("thole.agent")
local asks = require("thole.asks")

asks.events:on("changed", function()
  require("thole.approvals").on_change()
end)

agent.events:on("opened", function(session)
  require("thole.chat").transcript(session)
  require("thole.chat.winbar").watch(session)
  require("thole.buffers").watch(session)
  require("thole.plan").watch(session)
  require("thole.tasks").watch(session)
  require("thole.agents").watch(session)
  require("thole.changes").watch(session)
end)

return true
