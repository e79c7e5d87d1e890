// `thole run` and `thole resume`: one prompt, nobody to ask, an exit code. What needs an approval
// is refused with an event. SIGINT, SIGTERM and SIGHUP cancel; a second one leaves at once.
#pragma once
#include "cli/command.hpp"

namespace thole::cli {

// A new session, or that of `invocation.id`, gets the prompt. Gives the exit code.
async::Task<int> run_prompt(Parts& parts, Invocation invocation);

// Sends `invocation.prompt` to the session, waits for its end and, in the background, for that of
// what others have sent; closes the session and says how it went.
async::Task<int> run_in_session(Parts& parts, Session& session, Invocation invocation);

// What to ask: --prompt, or standard input. Errors: invalid_argument.
Result<std::string> prompt_of(const Invocation& invocation);

}  // namespace thole::cli
