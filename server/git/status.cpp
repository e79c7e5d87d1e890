#include "git/status.hpp"

#include <sys/stat.h>

#include <cctype>
#include <string_view>

#include "git/library.hpp"

namespace thole::git {
namespace {

// The text behind the `fields` first words of a line.
std::string_view behind(std::string_view line, int fields) {
    for (; fields > 0; --fields) {
        std::size_t space = line.find(' ');
        if (space == line.npos) return {};
        line.remove_prefix(space + 1);
    }
    return line;
}

// "1 XY sub mH mI mW hH hI path" and "u XY sub m1 m2 m3 mW h1 h2 h3 path".
ChangedEntry entry_of(std::string_view line) {
    bool is_unmerged = line.front() == 'u';
    ChangedEntry entry;
    entry.path = behind(line, is_unmerged ? 10 : 8);
    std::string_view state = behind(line, 1), submodule = behind(line, 2);
    entry.in_index = is_unmerged ? 'U' : state[0];
    entry.on_disk = is_unmerged ? 'U' : state[1];
    entry.is_submodule = submodule.front() == 'S';
    entry.has_moved = entry.is_submodule && submodule[1] == 'C';
    entry.has_changes = entry.is_submodule && submodule.substr(2, 2) != "..";
    return entry;
}

constexpr std::string_view head_line = "# branch.oid ";

std::string head_of(std::string_view text) {
    return text == "(initial)" ? std::string() : std::string(text);
}

bool is_there(const std::string& path) {
    struct stat found {};
    return ::lstat(path.c_str(), &found) == 0;
}

struct Flags {
    bool is_assumed = false, is_skipped = false;
};

void add_unwatched(const std::string& top, const std::string& path, Flags flags,
                   std::vector<std::string>& paths) {
    bool matters = flags.is_skipped ? is_there(top + "/" + path) : flags.is_assumed;
    if (matters) paths.push_back(path);
}

// False for what libgit2 cannot read: split and sparse ones.
bool read_by_library(const std::string& top, const std::string& file,
                     std::vector<std::string>& paths) {
    Library library;
    Handle<git_index, git_index_free> index;
    if (git_index_open(index.out(), file.c_str()) != 0) return false;
    if (git_index_read(index.raw(), 1) != 0) return false;
    for (std::size_t i = 0; i < git_index_entrycount(index.raw()); ++i) {
        const git_index_entry* entry = git_index_get_byindex(index.raw(), i);
        Flags flags{(entry->flags & GIT_INDEX_ENTRY_VALID) != 0,
                    (entry->flags_extended & GIT_INDEX_ENTRY_SKIP_WORKTREE) != 0};
        if (flags.is_assumed || flags.is_skipped) add_unwatched(top, entry->path, flags, paths);
    }
    return true;
}

}  // namespace

Result<Status> read_status(const Program& git) {
    Words words = {"status",       "--porcelain=v2",          "-z",
                   "--branch",     "--no-ahead-behind",       "--untracked-files=all",
                   "--no-renames", "--ignore-submodules=none"};
    Result<std::string> text = git.ask(words);
    if (!text) return text.error();
    Status status;
    for (std::string_view line : split_at_nul(*text)) {
        if (line.size() < 3) continue;
        if (line.front() == '1' || line.front() == 'u') status.changed.push_back(entry_of(line));
        if (line.starts_with(head_line)) status.head = head_of(line.substr(head_line.size()));
        if (line.front() != '?') continue;
        bool is_nested = line.ends_with('/');
        if (is_nested) line.remove_suffix(1);
        (is_nested ? status.nested : status.untracked).emplace_back(line.substr(2));
    }
    return status;
}

Result<std::vector<std::string>> unwatched_entries(const Place& place, const std::string& index,
                                                   std::stop_token stop) {
    std::vector<std::string> paths;
    bool is_for_library = place.object_format == "sha1";
    if (is_for_library && read_by_library(place.top, index, paths)) return paths;
    paths.clear();
    Program git = place.program(std::move(stop)).with_index(index);
    Result<std::string> text = git.ask({"ls-files", "-v", "-z"});
    if (!text) return text.error();
    for (std::string_view line : split_at_nul(*text)) {
        if (line.size() < 3) continue;
        bool is_assumed = std::islower(static_cast<unsigned char>(line[0])) != 0;
        bool is_skipped = line[0] == 'S' || line[0] == 's';
        add_unwatched(place.top, std::string(line.substr(2)), {is_assumed, is_skipped}, paths);
    }
    return paths;
}

}  // namespace thole::git
