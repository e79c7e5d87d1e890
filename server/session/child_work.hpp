// What is done on the disk for sub-agents: their trees, their results, merging. Blocking; called on
// a worker, with values. The words of git/ for the rest of session/.
#pragma once
#include <string>
#include <vector>

#include "git/cleanup.hpp"
#include "git/merge.hpp"
#include "git/result.hpp"
#include "git/worktree.hpp"
#include "tools/subagents.hpp"

namespace thole {

// The tree that a process before this one has made, or a new one. Errors: of git::make_tree; busy.
Result<git::MadeWorktree> retake_tree(const git::WorktreeRequest& request);

// Only the one that is there. Errors: not_found, busy (somebody works in it).
Result<git::MadeWorktree> held_tree(const git::WorktreeRequest& request);

// What a sub-agent left.
struct ChildResult {
    std::string branch;
    std::vector<git::FileChange> files;
    std::size_t insertions = 0, deletions = 0;
    std::string diff;          // for people; cut at 256 KiB
    bool has_nothing = false;  // the tree is gone again
    std::vector<std::string> notes;
};

// Commits what is in the tree; when there is nothing, the tree goes. The lease is given up.
Result<ChildResult> finish_tree(const git::Worktree& tree, git::Lease lease,
                                const std::string& message, std::stop_token stop);

struct MergeOutcome {
    std::string status;  // clean conflict overlap nothing
    bool is_applied = false;
    std::vector<git::MergedFile> files;
    std::vector<git::FileChange> changes;
    std::string diff;
    std::vector<FileDiff> diffs;  // of text files: from the user's file to what it becomes
    std::string root;             // of the user's files
    std::string text() const;     // what is in the way, for people and models; "" when clean
};

// Changes no ref, no index and no file, of the user's or of the tree.
Result<MergeOutcome> preview_merge(const git::Worktree& tree, std::stop_token stop);
// Puts the changes into the user's files. A tree that has nothing more goes.
Result<MergeOutcome> merge_tree(const git::Worktree& tree, std::stop_token stop);
// Only makes the branch the user's own; the tree goes.
Result<void> keep_branch(const git::Worktree& tree, const std::string& name, std::stop_token stop);
// Gives the ref that keeps what was there; "" when there was nothing.
Result<std::string> discard_tree(const git::Worktree& tree, std::stop_token stop);

// "fix the parser" → "Fix the parser" with the task and its session below.
std::string commit_message(const std::string& task, const std::string& id);

}  // namespace thole
