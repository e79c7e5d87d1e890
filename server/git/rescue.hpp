// Keeping what a tree holds before it goes, and mending one whose links to its repository are
// broken. Internal to git/. Blocking.
#pragma once
#include <stop_token>
#include <string>

#include "base/result.hpp"
#include "git/worktree.hpp"

namespace thole::git {

// Makes the tree a git worktree again: its .git file, and the repository's entry for it. Files are
// not touched. For one that is sound it does nothing. Errors: not_found, io.
Result<void> mend(const Worktree& worktree, std::stop_token stop);

// Sets refs/thole/rescue/<id> to a commit that has everything as ancestors or in its tree that was
// done in the tree and is reachable from nowhere else: commits (also those that only the reflog
// knows), changes, untracked files, included files that were changed, and the same in submodules.
// The name of the ref, or "" when there was nothing. Errors: denied (a repository of its own lies
// in it), corrupt, io.
Result<std::string> rescue(const Worktree& worktree, std::stop_token stop);

// The same for one whose folder is gone: its commits.
Result<std::string> rescue_commits(const Worktree& worktree, std::stop_token stop);

}  // namespace thole::git
