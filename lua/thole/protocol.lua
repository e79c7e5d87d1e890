-- Mirrors server/acp/{server,params,content,projection,tool_calls,dialog_texts}.cpp, as docs/protocol.md says.
local M = {}

M.version = 1

M.codes = { not_found = -32002, invalid_params = -32602, cancelled = -32800, internal = -32603 }

-- What the client calls.
M.methods = {
  initialize = "initialize",
  new = "session/new",
  load = "session/load",
  list = "session/list",
  close = "session/close",
  delete = "session/delete",
  prompt = "session/prompt",
  cancel = "session/cancel",
  set_mode = "session/set_mode",
  set_option = "session/set_config_option",
  sync = "_thole/sync",
  search = "_thole/sessions/search",
  plan = "_thole/plan/get",
  review_plan = "_thole/plan/review",
  tasks = "_thole/tasks/get",
  agents = "_thole/agents/tree",
  cancel_agent = "_thole/agents/cancel",
  message_agent = "_thole/agents/message",
  merge_agent = "_thole/agents/merge",
  discard_agent = "_thole/agents/discard",
  changes = "_thole/changes/list",
  review_changes = "_thole/changes/review",
}

-- What the server calls.
M.calls = {
  update = "session/update",
  permission = "session/request_permission",
  question = "elicitation/create",
  read = "fs/read_text_file",
  write = "fs/write_text_file",
  withdraw = "$/cancel_request",
  plan_changed = "_thole/plan/changed",
  agents_changed = "_thole/agents/changed",
  changes_changed = "_thole/changes/changed",
  diagnostics = "_thole/editor/diagnostics",
}

---@class thole.Text a content block of kind `text`, `resource_link`, `resource` or `image`
---@field type string
---@field text? string
---@field name? string
---@field uri? string
---@field resource? { uri: string, text?: string, mimeType?: string }

---@class thole.WireCall `tool_call` and `tool_call_update`
---@field toolCallId string
---@field title? string
---@field name? string
---@field kind? string
---@field status? string
---@field content? table[]
---@field locations? { path: string, line?: integer }[]
---@field rawInput? table
---@field rawOutput? table
---@field _meta? table

---@class thole.WirePermission
---@field sessionId string
---@field toolCall thole.WireCall
---@field options { optionId: string, name: string, kind: string }[]
---@field _meta? table

---@class thole.PlanView
---@field sessionId string
---@field status "none"|"drafting"|"in_review"|"approved"|"rejected"|"done"
---@field revision integer
---@field sha256 string
---@field path string
---@field content string
---@field agent? string
---@field previous? string
---@field approvedSha256? string
---@field why? string

---@class thole.Task
---@field number integer
---@field id string
---@field content string
---@field status "pending"|"in_progress"|"completed"|"cancelled"
---@field priority string
---@field reason? string
---@field startedAt? string
---@field completedAt? string
---@field files string[]
---@field workers string[]

---@class thole.AgentNode
---@field agentId string
---@field parentId string
---@field task string
---@field agent? string
---@field state "queued"|"running"|"waiting"|"completed"|"failed"|"cancelled"
---@field background boolean
---@field branch? string
---@field worktree? string
---@field diffstat? { files: integer, insertions: integer, deletions: integer }
---@field costUsd number
---@field tokens integer
---@field toolCalls integer
---@field startedAt string
---@field endedAt? string
---@field error? string
---@field result "none"|"changes"|"merged"|"branch"|"discarded"
---@field activity string
---@field pendingApprovals integer

---@class thole.ChangedFile
---@field path string
---@field baseline? string nil: the file did not exist
---@field latest? string nil: deleted
---@field eventId integer of the session's last change; a review repeats it
---@field redacted? boolean a secret was not kept: "[redacted …]" stands in its place

-- What this client can do, for `initialize`.
---@param client_version string
---@return table
function M.initialize(client_version)
  local here = vim.empty_dict()
  return {
    protocolVersion = M.version,
    clientInfo = { name = "thole.nvim", title = "Neovim", version = client_version },
    clientCapabilities = {
      fs = { readTextFile = true, writeTextFile = true },
      elicitation = { form = here },
      session = { notices = here },
      _meta = {
        thole = {
          version = 1,
          features = {
            plan = here,
            agents = here,
            approvals = here,
            changes = here,
            diagnostics = here,
            busy = here,
          },
        },
      },
    },
  }
end

-- The thole part of `_meta`, or an empty table.
---@param holder? table
---@return table
function M.meta(holder)
  local meta = type(holder) == "table" and holder._meta
  local own = type(meta) == "table" and meta.thole
  return type(own) == "table" and own or {}
end

return M
