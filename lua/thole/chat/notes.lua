-- What the chat says besides the conversation: notes, how a turn ended, what became of the plan.
local config = require("thole.config")

local api = vim.api
local M = {}

local groups = { error = "TholeError", warning = "TholeWarning", info = "TholeNote" }

---@param transcript thole.Transcript
---@param level "error"|"warning"|"info"
---@param text string
function M.write(transcript, level, text)
  local lines = vim.split(text, "\n", { plain = true })
  local row = transcript:append_item("note", lines)
  api.nvim_buf_set_extmark(transcript.buf, transcript.ns, row, 0, {
    end_row = row + #lines - 1,
    end_col = #lines[#lines],
    hl_group = groups[level] or "TholeNote",
    priority = 150,
  })
end

local reasons = {
  cancelled = "cancelled",
  max_tokens = "the answer reached the model's limit",
  max_turn_requests = "a limit was reached",
  refusal = "the model refused",
}

local function stamp(turn)
  local parts = {}
  if reasons[turn.reason] then
    table.insert(parts, reasons[turn.reason])
  end
  if turn.seconds then
    table.insert(parts, ("%.1f s"):format(turn.seconds))
  end
  if turn.cost and turn.cost > 0 then
    table.insert(parts, ("$%.3f"):format(turn.cost))
  end
  return table.concat(parts, " · ")
end

-- How a turn ended, below its last line.
---@param transcript thole.Transcript
---@param turn table
function M.turn(transcript, turn)
  if turn.fault then
    return M.write(transcript, "error", turn.fault.message)
  end
  if not turn.reason then
    return
  end
  local row = transcript:end_turn()
  local is_odd = reasons[turn.reason] ~= nil
  if is_odd or config.get().chat.stamps then
    api.nvim_buf_set_extmark(transcript.buf, transcript.ns, row, 0, {
      virt_lines = { { { stamp(turn), is_odd and "TholeWarning" or "TholeDim" } } },
    })
  end
end

local plan_words = {
  in_review = "The plan is ready (revision %d). :Thole plan",
  approved = "The plan is approved (revision %d).",
  rejected = "The plan is rejected.",
}

---@param transcript thole.Transcript
---@param view thole.PlanView
function M.plan(transcript, view)
  local words = plan_words[view.status]
  local key = view.status .. view.revision
  if words and key ~= transcript.plan_key then
    transcript.plan_key = key
    local text = words:format(view.revision)
    M.write(transcript, "info", view.why and text .. "\n" .. view.why or text)
  end
end

return M
