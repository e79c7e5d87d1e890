#include "session/profiles.hpp"

#include <algorithm>
#include <filesystem>

#include "base/text.hpp"
#include "session/front_matter.hpp"
#include "session/offered_files.hpp"
#include "tools/skills.hpp"
#include "tools/tool.hpp"

namespace thole {
namespace {

namespace fs = std::filesystem;

constexpr const char* workspace_folder = ".thole/agents";
constexpr const char* builtin_source = "built in";

constexpr const char* planner_instruction =
    "You plan; somebody else carries it out. Investigate the user's request in the code, ask with "
    "ask_user what only the user can decide, and write a plan that another engineer could follow "
    "without asking: what is to be reached, the steps in order, which files each touches, how the "
    "result is verified. Keep it as short as it can be. Then call exit_plan_mode.";

Error wrong(const std::string& path, const std::string& what) {
    return fail(Code::configuration, path + ": " + what);
}

Result<bool> read_flag(const std::vector<std::string>& values) {
    if (values.size() == 1 && values[0] == "true") return true;
    if (values.size() == 1 && values[0] == "false") return false;
    return fail(Code::invalid_argument, "must be true or false");
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
    std::string fault = fault_of_name(profile.name);
    if (!fault.empty()) return fail(Code::configuration, fault);
    return check_tool_names(profile.tools);
}

Result<void> check_tool_names(const std::vector<std::string>& tools) {
    ToolSet known = standard_tools();
    for (const std::string& tool : tools) {
        bool is_known = known.find(tool) || tool == skill_tool_name || tool.starts_with("mcp__");
        if (is_known) continue;
        std::vector<std::string> names;
        for (const ToolFacts* facts : known.facts()) names.push_back(facts->name);
        names.emplace_back(skill_tool_name);
        return fail(Code::configuration,
                    "there is no tool '" + tool + "'; the tools are " + one_text(names));
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
            profile.description = one_line(one_text(values), 500);
        } else if (key == "model") {
            profile.model = one_text(values);
        } else if (key == "tools") {
            profile.tools = names_in(values);
            if (profile.tools.empty()) return wrong(path, "tools " + std::string(no_tools));
        } else if (key == "read_only") {
            Result<bool> flag = read_flag(values);
            if (!flag) return wrong(path, "read_only " + flag.error().message);
            profile.is_read_only = *flag;
        } else if (key == "name") {
            if (one_text(values) != name) return wrong(path, "name must be that of the file");
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
    OfferedFolder folder{user_folder, "", false};
    for (const TrustedFile& file : read_offered(folder, offered_markdown(folder))) {
        Result<Profile> profile = profile_of(file, user_folder);
        if (!profile) return profile.error();
        replace(configured, std::move(*profile));
    }
    return configured;
}

FoundProfiles with_workspace_files(Profiles known, const std::string& workspace,
                                   const Trust& trust) {
    FoundProfiles found{std::move(known), {}, {}};
    std::vector<TrustedFile> files = agent_files(workspace);
    TrustedHashes trusted = files.empty() ? TrustedHashes() : trust.of(workspace);
    for (const TrustedFile& file : files) {
        if (file.fault.empty() && !trusted.holds(file)) {
            found.inert.push_back(file.path);
            continue;
        }
        Result<Profile> profile = profile_of(file, workspace);
        if (!profile) found.complaints.push_back(profile.error().message);
        if (!profile) continue;
        const Profile* known_one = find_profile(found.profiles, profile->name);
        bool is_users = known_one && known_one->source != builtin_source;
        if (!is_users) replace(found.profiles, std::move(*profile));
    }
    return found;
}

std::vector<TrustedFile> agent_files(const std::string& workspace) {
    OfferedFolder folder{workspace, workspace_folder, true};
    return read_offered(folder, offered_markdown(folder));
}

}  // namespace thole
