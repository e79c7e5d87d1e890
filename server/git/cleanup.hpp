// Which trees there are, and how they go without anything getting lost: whatever is removed stays
// reachable under refs/thole/rescue/<id> of its repository. A tree in use is known by its lock and
// is never touched, nor is one that a tree in use began from. Blocking; any thread.
#pragma once
#include <cstdint>
#include <stop_token>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "git/worktree.hpp"

namespace thole::git {

enum class Condition {
    sound,
    damaged,          // its .git, or what the repository knows of it, is missing: can be repaired
    tree_gone,        // somebody has removed the folder
    repository_gone,  // or moved: nothing can be rescued, so it is kept
    unrecorded,       // its making was interrupted, or it is not ours
};
std::string_view name_of(Condition condition);  // "sound", "tree gone"

struct WorktreeState {
    Worktree worktree;  // unrecorded: id and path only
    Condition condition = Condition::sound;
    std::string fault;        // a sentence, unless it is sound
    bool is_in_use = false;   // by a process that lives
    bool is_needed = false;   // a tree in use began from it
    std::string head;         // the commit on its branch; "" when that is gone
    bool is_clean = false;    // all in it is committed or ignored
    std::uint64_t bytes = 0;  // on the disk; 0 unless asked for

    bool has_commits() const { return !head.empty() && head != worktree.base; }
    bool is_merged() const { return !head.empty() && head == worktree.merged; }
    // Nothing is in it that is not elsewhere.
    bool has_nothing() const { return is_clean && (!has_commits() || is_merged()); }
};

struct ListRequest {
    std::string folder;           // as in WorktreeRequest
    std::string common_dir = {};  // of one repository; "": all
    bool with_sizes = false;      // which costs a walk through each
    std::stop_token stop = {};
};
// In the order of their paths. Errors: not_found (no git program), cancelled.
Result<std::vector<WorktreeState>> list_worktrees(const ListRequest& request);

struct Removal {
    std::string
        rescue;  // what keeps it: a ref, or for a copy a repository's path; "": nothing to keep
};
// Any tree that is not in use, at the user's word or because its work is done. The folder is
// renamed away at once; empty_trash() deletes it. A lease that the caller holds is given along,
// else it is taken. Errors: busy (in use, or needed by one that is), not_found (the repository is
// gone), denied (a repository of its own lies in it; says where), io: then it is kept as it was.
Result<Removal> remove_worktree(const Worktree& worktree, Lease lease = {},
                                std::stop_token stop = {});

struct PruneRequest {
    std::string folder;
    std::uint64_t most_bytes = 0;  // what all may take; 0: no limit
    std::stop_token stop = {};
};
struct Pruned {
    std::string id, path, rescue;
};
struct PruneReport {
    std::vector<Pruned> removed;
    std::vector<std::string> notes;  // what could not go or could not be looked at, a sentence each
    std::uint64_t bytes = 0;         // what the rest takes; 0 without a limit
};
// Removes what has nothing in it and the remains of makings that were interrupted, forgets entries
// of ours whose folder is gone, and then, over the limit, the oldest clean trees; deletes the
// trash. What has changes that are committed nowhere stays, whatever the limit.
Result<PruneReport> prune(const PruneRequest& request);

// Deletes what was removed, until it is done or told to stop.
void empty_trash(const std::string& folder, std::stop_token stop = {});

}  // namespace thole::git
