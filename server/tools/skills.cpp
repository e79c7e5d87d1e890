#include "tools/skills.hpp"

#include <algorithm>
#include <filesystem>

#include "base/text.hpp"
#include "workspace/files.hpp"
#include "workspace/roots.hpp"

namespace thole {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t index_limit = 8 * 1024;
constexpr std::size_t description_limit = 300;
constexpr std::size_t file_limit = 256 * 1024;
constexpr std::size_t most_files = 100;
constexpr std::size_t most_entries = 2000;
constexpr int deepest = 4;

// Without the head; one that is broken was complained of when the skill was found.
std::string without_head(const std::string& text) {
    std::vector<std::string_view> lines = split_lines(text);
    if (lines.empty() || lines[0] != "---") return text;
    std::size_t end = 1;
    while (end < lines.size() && lines[end] != "---") ++end;
    if (end == lines.size()) return text;
    auto offset = static_cast<std::size_t>(lines[end].data() - text.data());
    return std::string(trim(std::string_view(text).substr(offset + 3)));
}

Error refused(const Skill& skill, const std::string& file, const std::string& why) {
    return fail(Code::invalid_argument,
                "'" + one_line(file, 200) + "' of skill '" + skill.name + "': " + why);
}

}  // namespace

std::string skill_index(const std::vector<Skill>& skills) {
    std::string index;
    std::size_t shown = 0;
    for (const Skill& skill : skills) {
        std::string line =
            "- " + skill.name + ": " + one_line(skill.description, description_limit) + "\n";
        if (index.size() + line.size() > index_limit) break;
        index += line;
        ++shown;
    }
    if (shown < skills.size()) {
        index += "(" + std::to_string(skills.size() - shown) +
                 " more are not listed here; the user can start them by name)\n";
    }
    return index;
}

Result<std::string> read_skill_file(const SkillShelf& shelf, const Skill& skill,
                                    const std::string& file) {
    if (file.empty() || file.front() == '/') {
        return refused(skill, file, "name a file by its path within the skill's folder");
    }
    Result<std::string> path = resolve_path(skill.folder, skill.folder + "/" + file);
    if (!path) return path.error();
    if (!is_below(*path, skill.folder)) return refused(skill, file, "it leads outside the folder");
    Result<std::string> text = read_file(*path, file_limit);
    if (!text) return text.error();
    std::string relative = path->substr(std::min(path->size(), skill.folder.size() + 1));
    bool is_workspaces = !skill.of_workspace.empty();
    bool is_trusted =
        !is_workspaces ||
        (shelf.is_trusted && shelf.is_trusted(skill.of_workspace + "/" + relative, *text));
    if (!is_trusted) {
        return fail(Code::denied, "'" + skill.of_workspace + "/" + relative +
                                      "' has changed since the user trusted it, or was never "
                                      "looked at; the user can do so with /trust or thole trust");
    }
    if (looks_binary(*text) || !is_valid_utf8(*text)) {
        return refused(skill, file, "it is no UTF-8 text");
    }
    return text;
}

Result<std::string> skill_instructions(const SkillShelf& shelf, const Skill& skill) {
    Result<std::string> text = read_skill_file(shelf, skill, skill_file);
    if (!text) return text;
    std::string all = without_head(*text);
    std::string others;
    for (const std::string& file : skill_files(skill.folder)) {
        if (file != skill_file) others += "- " + file + "\n";
    }
    all += "\n\n[skill '" + skill.name + "', folder " + skill.folder;
    return all + (others.empty() ? "]\n" : "; other files in it:]\n" + others);
}

std::vector<std::string> skill_files(const std::string& folder) {
    std::vector<std::string> files;
    std::error_code failed;
    std::size_t seen = 0;
    fs::recursive_directory_iterator at(folder, fs::directory_options::skip_permission_denied,
                                        failed);
    for (fs::recursive_directory_iterator end; !failed && at != end; at.increment(failed)) {
        if (++seen > most_entries || files.size() == most_files) break;
        bool is_hidden = at->path().filename().string().starts_with('.');
        std::error_code unknown;
        fs::file_status status = at->symlink_status(unknown);
        if (fs::is_directory(status) && (is_hidden || at.depth() + 1 >= deepest)) {
            at.disable_recursion_pending();
        }
        if (!is_hidden && fs::is_regular_file(status)) {
            files.push_back(at->path().lexically_relative(folder).string());
        }
    }
    std::sort(files.begin(), files.end());
    return files;
}

}  // namespace thole
