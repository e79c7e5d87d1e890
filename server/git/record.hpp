// Where trees, their records and their locks lie on the disk. Internal to git/.
#pragma once
#include <string>
#include <vector>

#include "git/worktree.hpp"

namespace thole::git {

// <folder>/<name>-<hash>, made private. `identity` is the path that all trees of one repository
// have in common: its common directory, or the folder that is copied.
Result<std::string> make_group(const std::string& folder, const std::string& identity);

Result<void> write_record(const Worktree& worktree);

// The paths (<folder>/<group>/<id>) of all that has a tree, a record or a lock, in order.
std::vector<std::string> paths_below(const std::string& folder);

// Opens with `flags` and takes the lock. Errors: busy, exists (with O_EXCL), not_found, io.
Result<Lease> lease_at(const std::string& file, int flags);

// Whether somebody holds the lock now.
bool is_leased(const Worktree& worktree);

}  // namespace thole::git
