// A commit of what the user sees in a working tree: HEAD, and on top of it the index, changes that
// are not staged, untracked files that are not ignored, deletions, modes, links. Made in the object
// database only: index, refs and files stay as they are, whoever else works in the repository.
// Git's own filters are applied, so that what is kept as a pointer stays one. Blocking; any thread.
#pragma once
#include <cstdint>
#include <stop_token>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "git/repository.hpp"

namespace thole::git {

struct SnapshotRequest {
    Place place;
    std::uint64_t largest_untracked = 256 << 20;  // bytes; larger untracked files are left out
    std::vector<std::string> ignored_too = {};    // paths of ignored files to take in
    std::string keep_index_at = {};  // where to leave the index it is made from; "": nowhere
    bool is_tree_enough = false;     // make no commit
    std::stop_token stop = {};
};

struct Snapshot {
    std::string commit;               // HEAD itself when there is nothing on top of it
    std::string tree, head_tree;      // of the commit, and of HEAD
    bool is_clean = false;            // nothing is staged, changed or untracked
    std::vector<std::string> nested;  // untracked folders that are repositories of their own
    std::vector<std::string> notes;   // what was left out and why, a sentence each
};

// The same state gives the same commit id. Its parent is HEAD; in an empty repository it has none.
// Files outside of a sparse checkout count as unchanged, conflicted files are taken as they are on
// the disk, submodules are taken in the same way and recorded by their commit. Untracked
// repositories and files over the limit are left out with a note.
// Errors: invalid_argument (no working tree), denied (a file that cannot be read), io, cancelled.
Result<Snapshot> take_snapshot(const SnapshotRequest& request);

}  // namespace thole::git
