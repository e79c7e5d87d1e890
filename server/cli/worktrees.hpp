// `thole worktrees`: the working trees of sessions that work apart from the user's files.
#pragma once
#include "cli/command.hpp"

namespace thole::cli {

// Lists them: id, state, size, branch; with --prune removes before that what has nothing to keep,
// and over `[worktrees] max_disk` the oldest clean ones.
async::Task<int> show_worktrees(Parts& parts, const Invocation& invocation);

}  // namespace thole::cli
