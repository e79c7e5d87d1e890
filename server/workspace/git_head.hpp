// The branch that a directory is on, read from .git without git and without libgit2; for prompts
// and the environment facts, where a stale answer does no harm.
#pragma once
#include <string>

namespace thole {

// "main", "(detached abc1234)", or "" outside a repository. Looks upwards from `directory`, also
// through the ".git" file of a worktree.
std::string current_branch(const std::string& directory);

// The directory that holds .git, upwards from `directory`; "" when there is none.
std::string repository_root(const std::string& directory);

// The .git directory that the repository at `top` shares with its worktrees: where info/exclude is.
std::string common_git_directory(const std::string& top);

}  // namespace thole
