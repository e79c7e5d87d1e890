#include "cli/worktrees.hpp"

#include <algorithm>
#include <filesystem>

#include "base/text.hpp"
#include "cli/exit_code.hpp"

namespace thole::cli {
namespace {

namespace fs = std::filesystem;

// <state>/worktrees/<repository>-<hash>/<id>, in order.
std::vector<fs::path> trees_below(const fs::path& top) {
    std::vector<fs::path> trees;
    std::error_code failed;
    for (const fs::directory_entry& group : fs::directory_iterator(top, failed)) {
        std::error_code unreadable;
        if (!group.is_directory(unreadable) || group.is_symlink(unreadable)) continue;
        for (const fs::directory_entry& tree : fs::directory_iterator(group.path(), unreadable)) {
            if (!tree.is_symlink(unreadable)) trees.push_back(tree.path());
        }
    }
    std::sort(trees.begin(), trees.end());
    return trees;
}

// Only a folder without anything in it goes: rmdir, never more.
bool remove_empty(const fs::path& directory) {
    std::error_code failed;
    bool is_empty = fs::is_directory(directory, failed) && fs::is_empty(directory, failed);
    return is_empty && fs::remove(directory, failed);
}

}  // namespace

async::Task<int> show_worktrees(Parts& parts, const Invocation& invocation) {
    fs::path top = fs::path(parts.state_directory) / "worktrees";
    std::string text;
    for (const fs::path& tree : trees_below(top)) {
        bool goes = invocation.prune && remove_empty(tree);
        text += (goes ? "removed " : "") + tree.string() + "\n";
        if (goes) remove_empty(tree.parent_path());
    }
    if (text.empty()) text = "There are no working trees.\n";
    parts.output.answer(printable(text));
    co_return exit_done;
}

}  // namespace thole::cli
