// Which changes of a tree may go into the user's files, and what is in the way of the others: the
// rules of merge.hpp. Internal to git/. Blocking; reads only.
#pragma once
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "git/apply.hpp"
#include "git/merge.hpp"
#include "git/objects.hpp"

namespace thole::git {

// Both sides, compared with what the tree began with.
struct Sides {
    std::string root;                       // of the user's files
    std::vector<TreeChange> theirs;         // by path
    std::map<std::string, TreeEntry> ours;  // what the user changed: how it is now
    // What was at each changed path before the user's files were compared.
    std::map<std::string, std::optional<struct stat>> facts;
};

struct Judgement {
    std::vector<MergedFile> files;
    std::vector<FileStep> steps;  // of those that apply, without their sources
};

Result<Judgement> judge(const Sides& sides, Objects& objects, std::size_t most_conflict_bytes);

FileStatus status_of(const TreeChange& change);

}  // namespace thole::git
