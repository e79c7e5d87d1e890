// `thole demo`: the demo model does its job in a scratch directory, while a person watches. It goes
// the way of every other session; only the approvals are given by this script, visibly.
#pragma once
#include "cli/command.hpp"

namespace thole::cli {

// Exit code 0 only when the model says that the tests pass and they do.
async::Task<int> run_demo(Parts& parts, const Invocation& invocation);

}  // namespace thole::cli
