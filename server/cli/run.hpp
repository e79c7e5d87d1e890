// `thole run` and `thole resume`: one prompt, nobody to ask, an exit code. What needs an approval
// is refused with an event. SIGINT, SIGTERM and SIGHUP cancel; a second one leaves at once.
#pragma once
#include "cli/command.hpp"

namespace thole::cli {

// A new session, or that of `invocation.id`, gets the prompt. Gives the exit code.
async::Task<int> run_prompt(Parts& parts, Invocation invocation);

}  // namespace thole::cli
