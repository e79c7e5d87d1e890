// The directories that a session may work in, and the one place where a path that a model or a
// person gave becomes a real, absolute one. Owned by the session; immutable after open, so any
// thread may use it. It decides nothing: policy asks it where a path lies.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace thole {

class Roots {
public:
    // The first directory is the working directory. Duplicates and directories inside others are
    // kept. Errors: invalid_argument (none, not absolute, not a directory), not_found, io.
    static Result<Roots> open(std::vector<std::string> directories);

    const std::string& cwd() const { return directories_.front(); }
    const std::vector<std::string>& directories() const { return directories_; }

    // The absolute path with ".", ".." and every symbolic link resolved, also when the last
    // components do not exist yet. Relative paths start at cwd(). It may lie outside the roots.
    // Errors: invalid_argument (empty, NUL, "~", too long, a circle of links), denied, io.
    Result<std::string> resolve(std::string_view path) const;

    // Whether a resolved path is one of the roots or below one.
    bool contains(std::string_view resolved) const;

    // Inside a root, but only to be written after asking: .git and all below it at any depth,
    // .thole/config.toml, .thole/agents, .thole/commands, .thole/skills, .thole/hooks.
    bool is_protected(std::string_view resolved) const;

    // The path relative to cwd() when it is below it, else as it is. "." for cwd() itself.
    std::string shown(std::string_view resolved) const;

    // Opens a resolved path without following any symbolic link, so that what was decided on is
    // what is opened. `flags` and `mode` as for open(2); O_CLOEXEC is added. Gives the descriptor.
    // Errors: denied (outside the roots, or a link has appeared), not_found, exists, io.
    Result<int> open_inside(const std::string& resolved, int flags, unsigned mode = 0666) const;

private:
    std::vector<std::string> directories_;
};

// As Roots::resolve, with `base` (absolute) instead of a root.
Result<std::string> resolve_path(std::string_view base, std::string_view path);

// Whether `path` is `directory` or below it; both absolute and resolved.
bool is_below(std::string_view path, std::string_view directory);

}  // namespace thole
