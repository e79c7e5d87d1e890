// Trees for sessions that work apart from the user's files: a git worktree, or, for a folder
// without git, a copy with a private repository of ours. Either begins with what the user sees
// (snapshot.hpp) on a branch of its own, and is used in the same way from then on (result.hpp,
// merge.hpp, cleanup.hpp). A Worktree is a value; what is true of it on the disk is found by those
// who ask.
//
//   <folder>/<repository>-<hash>/<id>/       the tree
//   <folder>/<repository>-<hash>/<id>.json   the Worktree
//   <folder>/<repository>-<hash>/<id>.lock   held by flock while it is in use
//   <folder>/<repository>-<hash>/<id>.git/   of a copy: its repository
//
// In the repository: the branch thole/<id>, and refs/thole/base/<id>. Blocking; any thread.
#pragma once
#include <cstdint>
#include <stop_token>
#include <string>
#include <vector>

#include "async/descriptor.hpp"
#include "base/result.hpp"
#include "git/repository.hpp"

namespace thole::git {

enum class TreeKind { worktree, copy };

// An ignored file that .worktreeinclude brought in by its own name, as it was then.
struct IncludedFile {
    std::string path;
    std::string sha256;
    bool operator==(const IncludedFile&) const = default;
};

struct Worktree {
    std::string id;
    TreeKind kind = TreeKind::worktree;
    std::string path;        // absolute: the tree
    std::string repository;  // the tree that it began from: the user's, or that of a parent
    std::string common_dir;  // the repository's, or of a copy its private one
    std::string branch;      // thole/<id>
    std::string base;        // the commit it began from
    std::string merged;      // the commit that was merged last; "" when none was
    std::string created;     // RFC 3339
    std::vector<std::string> submodules;  // paths of those that are checked out in it
    std::vector<IncludedFile> included;
    bool operator==(const Worktree&) const = default;

    // The tree, and the one it began from, as places. Errors as find_place().
    Result<Place> place(std::stop_token stop = {}) const;
    Result<Place> origin(std::stop_token stop = {}) const;

    std::string folder() const;  // that of WorktreeRequest
    std::string record_file() const { return path + ".json"; }
    std::string lock_file() const { return path + ".lock"; }
};

// Held for as long as somebody works in the tree; a crash lets go of it. Others learn from it that
// the tree is in use, and never from its age.
class Lease {
public:
    Lease() = default;
    // Errors: busy (another process, or another lease of this one), not_found, io.
    static Result<Lease> take(const Worktree& worktree);
    bool is_held() const { return lock_.is_open(); }
    void release() { lock_.reset(); }

private:
    friend class Making;
    friend Result<Lease> lease_at(const std::string& file, int flags);
    explicit Lease(async::Descriptor lock) : lock_(std::move(lock)) {}
    async::Descriptor lock_;
};

struct WorktreeRequest {
    std::string directory;  // absolute, somewhere in the repository; for a copy: all of the folder
    std::string folder;     // below which trees are kept
    std::string id;         // as a session's
    std::string include_file = ".worktreeinclude";  // at the top of the repository; "": none
    std::stop_token stop = {};
};

struct MadeWorktree {
    Worktree worktree;
    std::string cwd;  // in the tree, where request.directory is in the repository
    Lease lease;
    std::vector<std::string> notes;  // what is not there and why, a sentence each, for the user
};

// A git worktree; make_copy: a copy of a folder that is in no repository. No hook runs, nothing is
// fetched, LFS pointers stay pointers; sparse patterns, the worktree's configuration and submodules
// come along. Nothing is left behind by a failure. Errors: not_found (no git, no repository),
// invalid_argument (bare, bad id, a home directory), exists, denied, io (with what git said),
// cancelled. Each says "cannot make worktree 'id': why".
Result<MadeWorktree> make_worktree(const WorktreeRequest& request);
Result<MadeWorktree> make_copy(const WorktreeRequest& request);

// make_worktree in a repository, make_copy elsewhere.
Result<MadeWorktree> make_tree(const WorktreeRequest& request);

// The record of one. Errors: not_found, corrupt (names the file).
Result<Worktree> read_worktree(const std::string& record_file);
// The one with this id below `folder`. Errors: not_found, corrupt.
Result<Worktree> find_worktree(const std::string& folder, const std::string& id);

}  // namespace thole::git
