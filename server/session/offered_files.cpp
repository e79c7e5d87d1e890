#include "session/offered_files.hpp"

#include <algorithm>
#include <filesystem>
#include <functional>

#include "base/text.hpp"
#include "tools/skills.hpp"
#include "workspace/files.hpp"
#include "workspace/roots.hpp"

namespace thole {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t file_limit = 256 * 1024;
constexpr std::size_t total_limit = 4 * 1024 * 1024;
constexpr std::size_t most_markdown = 200;
constexpr std::size_t most_skills = 100;
constexpr std::size_t most_files = 100;
constexpr std::size_t most_names = 20'000;

std::string joined(const std::string& folder, const std::string& name) {
    return folder.empty() ? name : folder + "/" + name;
}

// The real place of a path of the folder's root. Error: it leads out of a workspace.
Result<std::string> place_of(const OfferedFolder& where, const std::string& path) {
    std::string whole = joined(where.root, path);
    if (!where.is_workspaces) return whole;
    Result<std::string> root = resolve_path(where.root, where.root);
    if (!root) return root.error();
    Result<std::string> place = resolve_path(*root, *root + "/" + path);
    if (!place) return place.error();
    if (is_below(*place, *root)) return place;
    return fail(Code::denied, "'" + whole + "' leads out of the workspace; it is not read");
}

// Names in the folder that fit, sorted. A folder that is not there has none.
std::vector<std::string> names_in(const std::string& place,
                                  const std::function<bool(const fs::directory_entry&)>& fits) {
    std::vector<std::string> names;
    std::error_code failed;
    std::size_t seen = 0;
    for (fs::directory_iterator at(place, failed), end; !failed && at != end;
         at.increment(failed)) {
        if (++seen > most_names) break;
        if (fits(*at)) names.push_back(at->path().filename().string());
    }
    std::sort(names.begin(), names.end());
    return names;
}

// What the folder offers under names that fit, each followed by `rest`.
Offered offered(const OfferedFolder& where, std::size_t most, const std::string& rest,
                const std::function<bool(const fs::directory_entry&)>& fits) {
    Offered all;
    std::string whole = joined(where.root, where.folder);
    std::error_code unknown;
    all.places.push_back(whole);
    if (!fs::exists(fs::symlink_status(whole, unknown))) return all;
    Result<std::string> place = place_of(where, where.folder);
    if (!place) {
        all.complaints.push_back(place.error().message);
        return all;
    }
    std::vector<std::string> names = names_in(*place, fits);
    if (names.size() > most) {
        all.complaints.push_back("'" + whole + "' holds " + std::to_string(names.size()) +
                                 " files; only the first " + std::to_string(most) +
                                 " by name are read");
        names.resize(most);
    }
    for (const std::string& name : names) {
        all.paths.push_back(joined(where.folder, name + rest));
        if (!rest.empty()) all.places.push_back(whole + "/" + name);
    }
    return all;
}

}  // namespace

Offered offered_markdown(const OfferedFolder& where) {
    return offered(where, most_markdown, "", [](const fs::directory_entry& entry) {
        return entry.path().extension() == ".md";
    });
}

Offered offered_skills(const OfferedFolder& where) {
    return offered(where, most_skills, std::string("/") + skill_file,
                   [](const fs::directory_entry& entry) {
                       std::error_code unknown;
                       fs::path file = entry.path() / skill_file;
                       return fs::exists(fs::symlink_status(file, unknown));
                   });
}

Offered offered_files(const OfferedFolder& where) {
    return offered(where, most_files, "", [](const fs::directory_entry& entry) {
        std::error_code unknown;
        return !fs::is_directory(entry.symlink_status(unknown));
    });
}

bool offers(const OfferedFolder& where, const std::string& path) {
    std::error_code unknown;
    return fs::exists(fs::symlink_status(joined(where.root, path), unknown));
}

TrustedFile read_offered(const OfferedFolder& where, const std::string& path) {
    TrustedFile file{path, "", ""};
    Result<std::string> place = place_of(where, path);
    if (!place) {
        file.fault = place.error().message;
        return file;
    }
    Result<std::string> text = read_file(*place, file_limit);
    if (!text) {
        file.fault = text.error().message;
    } else if (!is_valid_utf8(*text)) {
        file.fault = "'" + *place + "' is not UTF-8";
    } else {
        file.content = std::move(*text);
    }
    return file;
}

std::vector<TrustedFile> read_offered(const OfferedFolder& where, const Offered& offered) {
    std::vector<TrustedFile> files;
    std::size_t total = 0;
    for (const std::string& path : offered.paths) {
        if (total > total_limit) {
            files.push_back({path, "", "not read: the files of the folder are over 4 MiB"});
            continue;
        }
        files.push_back(read_offered(where, path));
        total += files.back().content.size();
    }
    return files;
}

std::string offered_name(const std::string& path) {
    fs::path file(path);
    bool is_skill = file.filename() == skill_file;
    return is_skill ? file.parent_path().filename().string() : file.stem().string();
}

std::string fault_of_name(const std::string& name) {
    constexpr std::string_view legal = "abcdefghijklmnopqrstuvwxyz0123456789-_";
    bool is_good =
        !name.empty() && name.size() <= 64 && name.find_first_not_of(legal) == std::string::npos;
    if (is_good) return "";
    return "the name '" + one_line(to_valid_utf8(name), 80) +
           "' must be lower-case letters, digits, - and _";
}

}  // namespace thole
