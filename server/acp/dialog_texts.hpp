// The requests that ask a person something, and what their answers mean. Pure.
#pragma once
#include <string>

#include "base/json_fwd.hpp"
#include "journal/event.hpp"
#include "session/command.hpp"

namespace thole::acp {

// Params of session/request_permission. `tool_call` is the open call. Options: allow_once,
// allow_always (only when the request offers it), reject_once.
Json permission_params(const std::string& session_id, const ApprovalRequested& request,
                       Json tool_call);

// Approve, Deny, or Cancel when the client closed the dialog. Everything that is not clearly an
// approval is a denial.
Command permission_command(const std::string& call_id, bool offers_always,
                           const Result<Json>& answer);

// Params of elicitation/create: the options to choose from and a free answer.
Json question_params(const std::string& session_id, const QuestionRequested& question);

AnswerQuestion question_command(const QuestionRequested& question, const Result<Json>& answer);

// For clients that cannot show a form.
AnswerQuestion unaskable(const QuestionRequested& question);

}  // namespace thole::acp
