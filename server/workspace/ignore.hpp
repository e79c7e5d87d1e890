// gitignore rules on a walk through a tree. A chain of immutable levels, one per directory that has
// an ignore file; a child level points to its parent, so threads that walk different directories
// share them. Knows rules, not files of its own: the walk tells it each directory.
#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace thole {

class IgnoreRules {
public:
    IgnoreRules() = default;

    // For a walk that starts at `directory` (absolute): reads .git/info/exclude and the .gitignore
    // files from the top of the repository down to and with `directory`. Without a repository only
    // the .gitignore of `directory` itself.
    static IgnoreRules for_walk_at(const std::string& directory);

    // These rules plus the text of an ignore file that lies in `directory` (absolute, no trailing
    // slash).
    IgnoreRules with(std::string directory, std::string_view file_text) const;
    // These rules plus those of `directory`/.gitignore, if there is one.
    IgnoreRules with_directory(const std::string& directory) const;

    // Whether an entry is ignored, given that none of its parent directories is. `path` is
    // absolute.
    bool ignores(std::string_view path, bool is_directory) const;

    bool is_empty() const { return level_ == nullptr; }

private:
    struct Pattern;
    struct Level;
    std::shared_ptr<const Level> level_;
};

}  // namespace thole
