// Bringing what was done in a tree back to the one it began from, as changes that are not
// committed: index, HEAD, branches and stash of the user stay as they are. A file is changed only
// where the user's is still what the tree began with; if one of them is not, nothing is changed at
// all and the report says how it stands with each. Blocking; any thread; at most one merge into a
// tree at a time.
#pragma once
#include <cstddef>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "git/result.hpp"
#include "git/worktree.hpp"

namespace thole::git {

// A file about to be changed, for whoever has it open. Bytes; nothing: the file is not there.
struct FileWrite {
    std::string path;  // absolute
    std::optional<std::string> before, after;
};
// True: it has been written. False: write it to the disk. An error undoes the whole merge, by
// calling again with before and after exchanged for what was written. On the thread of the merge.
using FileWriter = std::function<Result<bool>(const FileWrite&)>;

struct MergeRequest {
    Worktree worktree;
    std::string to = {};                         // the commit to merge; "": that of its branch
    std::size_t most_conflict_bytes = 16 << 10;  // of MergedFile::conflict
    FileWriter writer = {};
    std::stop_token stop = {};
};

enum class Verdict {
    applies,     // the user's file is what the tree began with
    same,        // the user's file already is what it would become
    both_clean,  // both changed it; the texts would merge
    conflict,    // both changed it; the texts would not, or there is no merging such files
    obstructed,  // something is in the way: `why`
};
std::string_view name_of(Verdict verdict);  // "applies", "both_clean"

struct MergedFile {
    std::string path;
    FileStatus status = FileStatus::modified;  // what the tree did to it
    Verdict verdict = Verdict::applies;
    std::string why = {};       // a sentence, unless it applies or is the same
    std::string conflict = {};  // the conflicting parts with markers
    bool operator==(const MergedFile&) const = default;
};

struct MergeReport {
    std::string from, to;           // the tree's commits: what was merged before, and its branch
    std::vector<MergedFile> files;  // all that the tree changed, by path
    bool is_applied = false;        // merge_into only: the user's files have been changed

    bool is_empty() const { return files.empty(); }
    bool can_be_applied() const;  // each file applies or is the same
};

// Errors: not_found (branch or repository gone), corrupt, denied, io, cancelled.
Result<MergeReport> merge_preview(const MergeRequest& request);

// The same, and then changes the files if all can be. What is on the branch counts: commit_all()
// comes first. Further errors: busy (a file changed in the middle; nothing has been changed).
Result<MergeReport> merge_into(const MergeRequest& request);

// A branch `name` of the user's at what the tree's branch holds. Only on the user's word. Errors:
// invalid_argument (no name for a branch; a copy has no repository), exists, not_found, io.
Result<void> merge_as_branch(const Worktree& worktree, const std::string& name,
                             std::stop_token stop = {});

}  // namespace thole::git
