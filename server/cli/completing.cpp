#include "cli/completing.hpp"

#include <algorithm>
#include <filesystem>

namespace thole::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t most_paths = 200;

bool begins_with(std::string_view text, std::string_view start) {
    return text.substr(0, start.size()) == start;
}

Completion among(const std::vector<std::string>& words, std::string_view start,
                 const std::string& mark = {}) {
    Completion found{start.size() + mark.size(), {}};
    for (const std::string& word : words) {
        if (begins_with(word, start)) found.candidates.push_back(mark + word);
    }
    std::sort(found.candidates.begin(), found.candidates.end());
    if (found.candidates.size() == 1) found.candidates[0] += ' ';
    return found;
}

// Files and folders below `cwd`; a folder ends in a slash so that Tab goes on into it.
Completion paths(std::string_view start, const std::string& cwd) {
    std::size_t slash = start.rfind('/');
    std::string folder(slash == std::string_view::npos ? "" : start.substr(0, slash + 1));
    std::string_view name = start.substr(folder.size());
    Completion found{start.size() + 1, {}};
    std::error_code failed;
    fs::directory_iterator entries(fs::path(cwd) / folder,
                                   fs::directory_options::skip_permission_denied, failed);
    for (; !failed && entries != fs::directory_iterator(); entries.increment(failed)) {
        std::string one = entries->path().filename().string();
        bool is_hidden = one[0] == '.' && (name.empty() || name[0] != '.');
        if (is_hidden || !begins_with(one, name)) continue;
        std::error_code unknown;
        if (entries->is_directory(unknown)) one += '/';
        found.candidates.push_back("@" + folder + one);
        if (found.candidates.size() == most_paths) break;
    }
    std::sort(found.candidates.begin(), found.candidates.end());
    bool is_file = found.candidates.size() == 1 && found.candidates[0].back() != '/';
    if (is_file) found.candidates[0] += ' ';
    return found;
}

}  // namespace

Completion complete(std::string_view before, const Vocabulary& vocabulary) {
    std::size_t space = before.find_last_of(" \t\n");
    std::string_view last = space == std::string_view::npos ? before : before.substr(space + 1);
    if (!last.empty() && last[0] == '@') return paths(last.substr(1), vocabulary.cwd);
    bool is_first = space == std::string_view::npos;
    if (is_first && !last.empty() && last[0] == '/') {
        return among(vocabulary.commands, last.substr(1), "/");
    }
    std::string_view head = before.substr(0, before.find_first_of(" \t\n"));
    bool is_second = !is_first && head.size() + 1 == before.size() - last.size();
    if (!is_second) return {};
    if (head == "/mode") return among(vocabulary.modes, last);
    if (head == "/model") return among(vocabulary.models, last);
    if (head == "/resume" || head == "resume") return among(vocabulary.session_ids, last);
    return {};
}

}  // namespace thole::cli
