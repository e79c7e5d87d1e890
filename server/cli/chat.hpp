// The chat in a terminal: `thole`, `thole resume ID` and `thole attach ID`. One conversation at a
// time, with a session of this process or of another; the session does not care which.
#pragma once
#include "cli/command.hpp"

namespace thole::cli {

// Standard input and output are terminals.
bool is_at_terminal();

// `invocation.id` or, without one, the last session of this workspace or a new one. The exit code.
async::Task<int> run_chat(Parts& parts, const Invocation& invocation);

// The same for a session that another process runs, after showing all that it has done.
async::Task<int> run_attached(Parts& parts, const Invocation& invocation);

}  // namespace thole::cli
