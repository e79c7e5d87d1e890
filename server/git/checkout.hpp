// Working trees made by the git program: its own checkout (several files at a time where that
// pays), sparse patterns and all. Internal to git/. Blocking.
#pragma once
#include <string>
#include <vector>

#include "base/result.hpp"
#include "git/repository.hpp"
#include "git/worktree.hpp"

namespace thole::git {

// Writes the files of HEAD into a tree without any; LFS pointers stay pointers.
Result<void> check_out(const Program& git);

// The submodules that are checked out in `from`, in the tree at `to`: each becomes a worktree of
// its own repository, so that nothing is fetched. Their paths; a note for each that cannot be had.
struct Submodules {
    std::vector<std::string> paths;
    std::vector<std::string> notes;
};
Result<Submodules> check_out_submodules(const Place& from, const std::string& to,
                                        std::stop_token stop);

}  // namespace thole::git
