#include "workspace/git_head.hpp"

#include <sys/stat.h>

#include "base/text.hpp"
#include "workspace/files.hpp"
#include "workspace/roots.hpp"

namespace thole {

namespace {

constexpr std::size_t most_bytes = 4096;

bool exists(const std::string& path) {
    struct stat found {};
    return ::stat(path.c_str(), &found) == 0;
}

std::string small_file(const std::string& path) {
    Result<std::string> text = read_file(path, most_bytes);
    return text ? std::string(trim(*text)) : std::string();
}

// .git is a directory, or in a worktree a file that says "gitdir: <path>".
std::string git_directory(const std::string& top) {
    std::string place = top + "/.git";
    std::string text = small_file(place);
    constexpr std::string_view key = "gitdir:";
    if (!text.starts_with(key)) return place;
    std::string target(trim(std::string_view(text).substr(key.size())));
    return resolve_path(top, target).value_or(place);
}

bool is_hash(std::string_view text) {
    return text.size() >= 40 && text.find_first_not_of("0123456789abcdef") == text.npos;
}

}  // namespace

std::string repository_root(const std::string& directory) {
    std::string at = directory;
    while (!exists(at + "/.git")) {
        if (at.empty()) return "";
        at.resize(at.find_last_of('/') == at.npos ? 0 : at.find_last_of('/'));
    }
    return at.empty() ? "/" : at;
}

std::string common_git_directory(const std::string& top) {
    std::string own = git_directory(top);
    std::string common = small_file(own + "/commondir");
    return common.empty() ? own : resolve_path(own, common).value_or(own);
}

std::string current_branch(const std::string& directory) {
    std::string top = repository_root(directory);
    if (top.empty()) return "";
    std::string head = small_file(git_directory(top) + "/HEAD");
    constexpr std::string_view reference = "ref: refs/heads/";
    if (head.starts_with(reference)) return head.substr(reference.size());
    return is_hash(head) ? "(detached " + head.substr(0, 7) + ")" : "";
}

}  // namespace thole
