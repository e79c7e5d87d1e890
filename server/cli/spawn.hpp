// `thole spawn`: a session of a process of its own, without a terminal. The process is forked
// before anything else exists (no loop, no thread), tells its parent the session's id or what went
// wrong, and runs the prompt to its end; what needs an answer waits for somebody who attaches.
#pragma once
#include <optional>

#include "cli/command.hpp"

namespace thole::cli {

// Called by main first of all. In the parent: the exit code, when the session has begun or cannot.
// In the child: nullopt, with `invocation.report_fd` set.
std::optional<int> leave_to_background(Invocation& invocation);

// The child's work.
async::Task<int> run_in_background(Parts& parts, Invocation invocation);

}  // namespace thole::cli
