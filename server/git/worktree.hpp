// Git worktrees for sessions that work apart from the user's files. A worktree begins with what the
// user sees: HEAD, and on top of it the changes that are not committed and the files that are not
// ignored. Their index, branches and files are not touched. Done by the git program; loop thread.
#pragma once
#include <string>

#include "async/loop.hpp"
#include "async/task.hpp"
#include "base/result.hpp"

namespace thole::git {

struct WorktreeRequest {
    std::string cwd;     // absolute, somewhere in the repository
    std::string name;    // of the worktree; its branch is thole/<name>
    std::string folder;  // below which worktrees are kept: <folder>/<repository>-<hash>/<name>
};

struct Worktree {
    std::string top;     // absolute
    std::string cwd;     // inside it, where request.cwd is in the repository
    std::string branch;  // thole/<name>
    std::string repository;
};

// Errors: not_found (no git, or no repository: says which), exists, io (with what git said).
async::Task<Result<Worktree>> add_worktree(async::Loop& loop, WorktreeRequest request);

// Removes one that nothing was done in, with its branch. Errors: io.
async::Task<Result<void>> drop_worktree(async::Loop& loop, Worktree worktree);

}  // namespace thole::git
