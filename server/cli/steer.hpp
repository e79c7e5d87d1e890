// One command to a session, wherever it runs: `thole cancel` and `thole compact`.
#pragma once
#include "cli/command.hpp"

namespace thole::cli {

// Ends the running turn and waits until it has ended. A process that does not answer is told to
// stop by a signal. Exit code 0, too, when nothing was running.
async::Task<int> cancel_session(Parts& parts, const Invocation& invocation);

// Summarises the conversation and says what that saved.
async::Task<int> compact_session(Parts& parts, const Invocation& invocation);

}  // namespace thole::cli
