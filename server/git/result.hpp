// What was done in a tree: its commit, the list of files, the diff. Blocking; any thread.
#pragma once
#include <cstddef>
#include <cstdint>
#include <stop_token>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "git/worktree.hpp"

namespace thole::git {

// Commits all that the tree holds and git does not ignore on the tree's branch, whatever HEAD is
// on: what is on another branch or on none by then becomes the branch's, and nothing that was on it
// gets lost. Changes inside of submodules are committed there. Nothing to commit is no error. HEAD
// and the tree's index are on the branch afterwards. Gives the branch's commit. Errors: corrupt (no
// worktree any more), denied, io, cancelled.
struct CommitRequest {
    Worktree worktree;
    std::string message;
    std::stop_token stop = {};
};
Result<std::string> commit_all(const CommitRequest& request);

enum class FileStatus { added, modified, deleted, renamed, mode_changed, type_changed };
std::string_view name_of(FileStatus status);  // "added", "mode"

struct FileChange {
    std::string path;
    std::string old_path = {};  // of a renamed one
    FileStatus status = FileStatus::modified;
    std::size_t insertions = 0, deletions = 0;  // lines; 0 in binary files
    bool is_binary = false;                     // or over 4 MB, or a submodule
    bool operator==(const FileChange&) const = default;
};

struct Changes {
    std::vector<FileChange> files;
    std::size_t insertions = 0, deletions = 0;
    std::string diff;          // unified, as `git diff` writes it
    bool is_diff_cut = false;  // at a file's end, at most DiffRequest::most_bytes
};

struct DiffRequest {
    Place place;                         // any working tree of the repository
    std::string from, to;                // commits or branches
    std::size_t most_bytes = 256 << 10;  // of the diff's text; 0: none is made
    std::stop_token stop = {};
};
Result<Changes> read_changes(const DiffRequest& request);

// From the base of the tree to the commit on its branch, or to `to`.
Result<Changes> changes_of(const Worktree& worktree, std::size_t most_bytes,
                           std::stop_token stop = {}, const std::string& to = {});

// The commit on the branch. Errors: not_found (the branch is gone).
Result<std::string> head_of(const Worktree& worktree, std::stop_token stop = {});

}  // namespace thole::git
