// Taking a tree away with all that belongs to it: its administrative entry and those of its
// submodules, its branch, its refs, record and lock. Only what is ours. Internal to git/: whether a
// tree may go is for cleanup.hpp to say. Blocking.
#pragma once
#include <stop_token>
#include <string>

#include "base/result.hpp"
#include "git/worktree.hpp"

namespace thole::git {

// Quick for trees of any size: they are renamed into <folder>/.trash. Goes on after a failure, and
// gives the first. What is not there is no failure.
Result<void> erase_worktree(const Worktree& worktree);

// Where git keeps what it knows of the working tree at `path`, if it is one of the repository with
// this common directory: <common_dir>/worktrees/<name>. "" when there is none.
std::string admin_entry_of(const std::string& common_dir, const std::string& path);

// Forgets the entry, as `git worktree prune` would, which does it for other people's too.
Result<void> remove_admin_entry(const std::string& common_dir, const std::string& path);

}  // namespace thole::git
