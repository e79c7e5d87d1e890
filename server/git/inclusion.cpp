#include "git/inclusion.hpp"

#include <filesystem>

#include "base/sha256.hpp"
#include "base/text.hpp"
#include "git/beneath.hpp"
#include "git/copying.hpp"
#include "workspace/files.hpp"
#include "workspace/ignore.hpp"

namespace thole::git {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t largest_list = 1 << 20;
constexpr std::size_t largest_watched = 1 << 20;

// One line of the list, to find out whether it brought anything.
struct Pattern {
    std::string line;
    IgnoreRules rule;
    bool has_matched = false;
};

// The folders that a pattern names before its first wildcard: "" for one that may match anywhere.
std::string fixed_folders(std::string_view line) {
    line = trim(line);
    if (line.ends_with('/')) line.remove_suffix(1);
    if (line.find('/') == line.npos) return {};
    if (line.starts_with('/')) line.remove_prefix(1);
    line = line.substr(0, line.find_first_of("*?[\\"));
    return parent_of(line);
}

bool is_same_or_below(std::string_view path, std::string_view folder) {
    return path.starts_with(folder) && (path.size() == folder.size() || path[folder.size()] == '/');
}

class Choosing {
public:
    Choosing(const std::string& top, std::string_view list) : top_(top) {
        rules_ = IgnoreRules().with(top, list);
        for (std::string_view line : split_lines(list)) {
            if (trim(line).empty() || line[0] == '#' || line[0] == '!') continue;
            patterns_.push_back({std::string(trim(line)), IgnoreRules().with(top, line)});
            fixed_.push_back(fixed_folders(line));
        }
    }

    // An entry that git ignores, folders with a slash at their end.
    void look_at(std::string_view entry) {
        bool is_folder = entry.ends_with('/');
        if (is_folder) entry.remove_suffix(1);
        std::string path(entry);
        for (std::size_t slash = path.find('/'); slash != path.npos;
             slash = path.find('/', slash + 1)) {
            if (!matches(path.substr(0, slash), true)) continue;
            chosen.push_back(path);
            return;
        }
        choose(path, is_folder);
    }

    std::vector<std::string> patterns_without_match() const {
        std::vector<std::string> lines;
        for (const Pattern& pattern : patterns_) {
            if (!pattern.has_matched) lines.push_back(pattern.line);
        }
        return lines;
    }

    std::vector<std::string> chosen;
    std::vector<std::string> chosen_files;  // those of them that were matched themselves

private:
    bool matches(const std::string& path, bool is_folder) {
        std::string place = top_ + "/" + path;
        if (!rules_.ignores(place, is_folder)) return false;
        for (Pattern& pattern : patterns_) {
            pattern.has_matched |= pattern.rule.ignores(place, is_folder);
        }
        return true;
    }

    void choose(const std::string& path, bool is_folder) {
        if (matches(path, is_folder)) {
            chosen.push_back(path);
            if (!is_folder) chosen_files.push_back(path);
        } else if (is_folder && may_match_in(path)) {
            look_into(path);
        }
    }

    bool may_match_in(const std::string& folder) const {
        for (const std::string& fixed : fixed_) {
            bool may =
                fixed.empty() || is_same_or_below(folder, fixed) || is_same_or_below(fixed, folder);
            if (may) return true;
        }
        return false;
    }

    void look_into(const std::string& folder) {
        std::error_code unreadable;
        for (const fs::directory_entry& entry :
             fs::directory_iterator(top_ + "/" + folder, unreadable)) {
            std::string name = entry.path().filename().string();
            if (name == ".git") continue;
            std::error_code gone;
            bool is_folder = entry.is_directory(gone) && !entry.is_symlink(gone);
            choose(folder + "/" + name, is_folder);
        }
    }

    std::string top_;
    IgnoreRules rules_;
    std::vector<Pattern> patterns_;
    std::vector<std::string> fixed_;
};

}  // namespace

Result<Inclusion> include_ignored(const InclusionRequest& request) {
    Inclusion inclusion;
    const std::string& top = request.from.top;
    Result<std::string> list = fail(Code::not_found, "no file");
    if (!request.file.empty()) list = read_file(top + "/" + request.file, largest_list);
    if (!list && list.error().code == Code::not_found) return inclusion;
    if (!list) return list.error();
    Words words = {"ls-files", "-z", "--others", "--ignored", "--exclude-standard", "--directory"};
    Result<std::string> ignored = request.from.program(request.stop).ask(words);
    if (!ignored) return ignored.error();
    Choosing choosing(top, *list);
    for (std::string_view entry : split_at_nul(*ignored)) choosing.look_at(entry);
    CopyRequest copies{top, request.to, std::move(choosing.chosen), request.stop};
    Result<std::vector<std::string>> notes = copy_all(copies);
    if (!notes) return notes.error();
    inclusion.notes = std::move(*notes);
    for (const std::string& line : choosing.patterns_without_match()) {
        inclusion.notes.push_back(request.file + ": '" + line + "' matches no ignored file");
    }
    for (std::string& path : choosing.chosen_files) {
        Result<std::string> bytes = read_file(request.to + "/" + path, largest_watched);
        if (bytes) inclusion.files.push_back({std::move(path), sha256_hex(*bytes)});
    }
    return inclusion;
}

}  // namespace thole::git
