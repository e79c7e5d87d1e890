#include "session/profiles.hpp"

#include <algorithm>
#include <filesystem>

#include "base/text.hpp"
#include "session/front_matter.hpp"
#include "session/mcp_config.hpp"
#include "tools/tool.hpp"
#include "workspace/files.hpp"

namespace thole {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t file_limit = 256 * 1024;
constexpr std::size_t most_files = 200;
constexpr const char* workspace_folder = ".thole/agents";
constexpr const char* builtin_source = "built in";

constexpr const char* planner_instruction =
    "You plan; somebody else carries it out. Investigate the user's request in the code, ask with "
    "ask_user what only the user can decide, and write a plan that another engineer could follow "
    "without asking: what is to be reached, the steps in order, which files each touches, how the "
    "result is verified. Keep it as short as it can be. Then call exit_plan_mode.";

std::string joined(const std::vector<std::string>& texts) {
    std::string list;
    for (const std::string& text : texts) list += (list.empty() ? "" : ", ") + text;
    return list;
}

// "a, b" and lists of such.
std::vector<std::string> names_in(const std::vector<std::string>& texts) {
    std::vector<std::string> names;
    for (const std::string& text : texts) {
        for (std::size_t begin = 0; begin <= text.size();) {
            std::size_t end = std::min(text.find(',', begin), text.size());
            std::string name(trim(std::string_view(text).substr(begin, end - begin)));
            if (!name.empty()) names.push_back(std::move(name));
            begin = end + 1;
        }
    }
    return names;
}

Error wrong(const std::string& path, const std::string& what) {
    return fail(Code::configuration, path + ": " + what);
}

Result<bool> read_flag(const std::vector<std::string>& values) {
    if (values.size() == 1 && values[0] == "true") return true;
    if (values.size() == 1 && values[0] == "false") return false;
    return fail(Code::invalid_argument, "must be true or false");
}

// Name and text of each *.md, by name.
std::vector<TrustedFile> markdown_files(const std::string& root, const std::string& folder) {
    std::vector<TrustedFile> files;
    std::error_code failed;
    for (fs::directory_iterator at(fs::path(root) / folder, failed), end; !failed && at != end;
         at.increment(failed)) {
        if (at->path().extension() != ".md" || files.size() == most_files) continue;
        std::string name = at->path().filename().string();
        std::string path = folder.empty() ? name : folder + "/" + name;
        Result<std::string> text = read_file(at->path().string(), file_limit);
        files.push_back({path, text.value_or(""), text ? "" : text.error().message});
    }
    std::sort(files.begin(), files.end(),
              [](const TrustedFile& a, const TrustedFile& b) { return a.path < b.path; });
    return files;
}

void replace(Profiles& profiles, Profile fresh) {
    std::erase_if(profiles, [&](const Profile& one) { return one.name == fresh.name; });
    profiles.push_back(std::move(fresh));
}

Result<Profile> profile_of(const TrustedFile& file, const std::string& root) {
    std::string path = root + "/" + file.path;
    if (!file.fault.empty()) return wrong(path, file.fault);
    return read_profile(fs::path(file.path).stem().string(), file.content, path);
}

}  // namespace

Profiles builtin_profiles() {
    Profile planner;
    planner.name = "planner";
    planner.description = "Investigates and writes plans for review.";
    planner.instruction = planner_instruction;
    planner.source = builtin_source;
    return {planner};
}

Result<void> check_profile(const Profile& profile) {
    constexpr std::string_view legal = "abcdefghijklmnopqrstuvwxyz0123456789-_";
    bool is_good = !profile.name.empty() && profile.name.size() <= 64 &&
                   profile.name.find_first_not_of(legal) == std::string::npos;
    if (!is_good) {
        return fail(Code::configuration,
                    "the name '" + profile.name + "' must be lower-case letters, digits, - and _");
    }
    ToolSet known = standard_tools();
    for (const std::string& tool : profile.tools) {
        bool is_known = known.find(tool) || tool.starts_with("mcp__");
        if (is_known) continue;
        std::vector<std::string> names;
        for (const ToolFacts* facts : known.facts()) names.push_back(facts->name);
        return fail(Code::configuration,
                    "there is no tool '" + tool + "'; the tools are " + joined(names));
    }
    return {};
}

Result<Profile> read_profile(const std::string& name, const std::string& text,
                             const std::string& path) {
    if (!is_valid_utf8(text)) return wrong(path, "it is not UTF-8");
    Result<FrontMatter> matter = read_front_matter(text);
    if (!matter) return wrong(path, matter.error().message);
    Profile profile;
    profile.name = name;
    profile.source = path;
    profile.instruction = matter->body;
    for (const auto& [key, values] : matter->values) {
        if (key == "description") {
            profile.description = one_line(joined(values), 500);
        } else if (key == "model") {
            profile.model = joined(values);
        } else if (key == "tools") {
            profile.tools = names_in(values);
            if (profile.tools.empty()) return wrong(path, "tools " + std::string(no_tools));
        } else if (key == "read_only") {
            Result<bool> flag = read_flag(values);
            if (!flag) return wrong(path, "read_only " + flag.error().message);
            profile.is_read_only = *flag;
        } else if (key == "name") {
            if (joined(values) != name) return wrong(path, "name must be that of the file");
        } else if (key != "color") {
            return wrong(
                path, "unknown key '" + key + "'; known are description, model, tools, read_only");
        }
    }
    Result<void> good = check_profile(profile);
    if (!good) return wrong(path, good.error().message);
    return profile;
}

Result<Profiles> with_user_files(Profiles configured, const std::string& user_folder) {
    for (const TrustedFile& file : markdown_files(user_folder, "")) {
        Result<Profile> profile = profile_of(file, user_folder);
        if (!profile) return profile.error();
        replace(configured, std::move(*profile));
    }
    return configured;
}

FoundProfiles with_workspace_files(Profiles known, const std::string& workspace,
                                   const Trust& trust) {
    FoundProfiles found{std::move(known), {}};
    std::vector<std::string> inert;
    for (const TrustedFile& file : markdown_files(workspace, workspace_folder)) {
        if (file.fault.empty() && !trust.holds(workspace, file)) {
            inert.push_back(file.path);
            continue;
        }
        Result<Profile> profile = profile_of(file, workspace);
        if (!profile) found.complaints.push_back(profile.error().message);
        if (!profile) continue;
        const Profile* known_one = find_profile(found.profiles, profile->name);
        bool is_users = known_one && known_one->source != builtin_source;
        if (!is_users) replace(found.profiles, std::move(*profile));
    }
    if (!inert.empty()) {
        found.complaints.push_back("this workspace brings agents that you have not looked at (" +
                                   joined(inert) + "); they do nothing until you say: thole trust");
    }
    return found;
}

std::vector<TrustedFile> files_to_trust(const std::string& workspace) {
    std::vector<TrustedFile> files = markdown_files(workspace, workspace_folder);
    for (TrustedFile& file : server_files(workspace)) files.push_back(std::move(file));
    return files;
}

}  // namespace thole
