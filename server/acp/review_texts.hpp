// The requests that ask a person about a plan in review, and what their answers mean. Pure.
#pragma once
#include "base/json_fwd.hpp"
#include "journal/state.hpp"
#include "session/command.hpp"

namespace thole::acp {

// Params of session/request_permission: allow_once approves, allow_always (offered when edits would
// be asked about otherwise) approves and accepts edits, reject_once keeps planning.
Json review_params(const State& state, Json tool_call);
// ReviewPlan of `revision`, or Cancel when the client closed the dialog.
Command review_command(std::int64_t revision, const Result<Json>& answer);

// Params of elicitation/create: a decision and comments.
Json review_form(const State& state, const Json& tool_call);
Command form_command(std::int64_t revision, const Result<Json>& answer);

}  // namespace thole::acp
