// What `git status` says of a working tree, read from its porcelain format v2, and the index
// entries that it keeps quiet about. Internal to git/. Blocking; reads only, and takes no lock.
#pragma once
#include <string>
#include <vector>

#include "base/result.hpp"
#include "git/repository.hpp"

namespace thole::git {

struct ChangedEntry {
    std::string path;
    char in_index = '.';  // against HEAD: one of ".MTADU"
    char on_disk = '.';   // against the index: the same
    bool is_submodule = false;
    bool has_moved = false;    // a submodule with another commit checked out
    bool has_changes = false;  // a submodule with changes or untracked files of its own
};

struct Status {
    std::string head;  // commit id; "" when there is none yet
    std::vector<ChangedEntry> changed;
    std::vector<std::string> untracked;  // files and links, not ignored
    std::vector<std::string> nested;     // untracked folders that are repositories of their own

    bool is_clean() const { return changed.empty() && untracked.empty() && nested.empty(); }
};

// At the top of a working tree.
Result<Status> read_status(const Program& git);

// Entries of an index file that status does not compare with the disk (assume-unchanged,
// skip-worktree) although it may matter: all of the first kind, and of the second those whose file
// is there.
Result<std::vector<std::string>> unwatched_entries(const Place& place, const std::string& index,
                                                   std::stop_token stop);

}  // namespace thole::git
