// What kind of place a directory is to git, found by the git program, so that the answer is git's
// own whatever the repository's format. A Place is a value and goes stale as the user works: find
// it again for each piece of work. Blocking; any thread.
#pragma once
#include <stop_token>
#include <string>

#include "base/result.hpp"
#include "git/program.hpp"

namespace thole::git {

enum class PlaceKind {
    none,    // in no repository
    bare,    // in a bare repository, or inside a .git directory: there is no working tree
    empty,   // in a working tree, and HEAD has no commit yet
    normal,  // in a working tree
};

struct Place {
    PlaceKind kind = PlaceKind::none;
    std::string top;         // of the working tree, absolute and resolved; none: the directory
    std::string inside;      // where in it: "" or "deep/er"
    std::string git_dir;     // of this working tree
    std::string common_dir;  // shared by all working trees of the repository
    std::string index;       // the index file of this working tree
    std::string head;        // commit id; "" when empty
    std::string branch;      // "main"; "" when HEAD is detached
    std::string object_format = "sha1";
    bool is_linked_worktree = false;
    bool is_submodule = false;
    // A repository of ours for a folder that has none: git_dir is not found by looking upwards.
    bool is_private = false;

    bool has_working_tree() const { return kind == PlaceKind::empty || kind == PlaceKind::normal; }
    // The git program at the top.
    Program program(std::stop_token stop = {}) const;
};

// `directory` is absolute. Errors: not_found (no git program, no such directory), denied (git does
// not trust the owner; says how to), corrupt (a .git that leads nowhere), io.
Result<Place> find_place(const std::string& directory, std::stop_token stop = {});

// The place as seen through a private repository whose working tree is `top`.
Result<Place> private_place(const std::string& git_dir, const std::string& top,
                            std::stop_token stop = {});

}  // namespace thole::git
