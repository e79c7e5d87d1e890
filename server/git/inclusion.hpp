// .worktreeinclude: which ignored files of the user's tree come along into another one. Its lines
// are patterns as in .gitignore, at the top of the repository; only what git ignores is taken, as
// everything else is part of the snapshot. Internal to git/. Blocking.
#pragma once
#include <stop_token>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "git/repository.hpp"
#include "git/worktree.hpp"

namespace thole::git {

struct InclusionRequest {
    Place from;
    std::string to;    // top of the other tree
    std::string file;  // name of the file with the patterns
    std::stop_token stop;
};

struct Inclusion {
    std::vector<IncludedFile> files;  // small ones that a pattern named by themselves
    std::vector<std::string> notes;   // patterns that matched nothing, files that were not copied
};

// Without such a file nothing is included. Errors: io, cancelled.
Result<Inclusion> include_ignored(const InclusionRequest& request);

}  // namespace thole::git
