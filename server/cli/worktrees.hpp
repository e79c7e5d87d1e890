// `thole worktrees`: the working trees below <state>/worktrees, where sessions work apart from the
// user's files.
#pragma once
#include "cli/command.hpp"

namespace thole::cli {

// Lists them; with --prune removes the folders that have nothing in them.
async::Task<int> show_worktrees(Parts& parts, const Invocation& invocation);

}  // namespace thole::cli
