#include "agent/profile.hpp"

#include <algorithm>

namespace thole {

namespace {

// No names: every tool. "mcp__server__*" is all of a server.
bool lists(const std::vector<std::string>& names, std::string_view tool) {
    return names.empty() || std::any_of(names.begin(), names.end(), [&](const std::string& one) {
               bool is_family = one.starts_with("mcp__") && one.ends_with('*');
               return is_family ? tool.starts_with(one.substr(0, one.size() - 1)) : tool == one;
           });
}

bool lists_foreign(const std::vector<std::string>& names) {
    return names.empty() || std::any_of(names.begin(), names.end(), [](const std::string& one) {
               return one.starts_with("mcp__");
           });
}

}  // namespace

const Profile* find_profile(const Profiles& profiles, std::string_view name) {
    for (const Profile& profile : profiles) {
        if (profile.name == name) return &profile;
    }
    return nullptr;
}

const std::string& working_agent(const State& state) {
    return state.turn_agent.empty() ? state.agent : state.turn_agent;
}

bool has_tool(const Profiles& profiles, const State& state, std::string_view tool) {
    bool is_about_plan =
        tool == "write_session_plan" || tool == "read_session_plan" || tool == "exit_plan_mode";
    if (is_about_plan && !state.parent_session_id.empty()) return false;
    if (!lists(state.turn_tools, tool)) return false;
    const Profile* profile = find_profile(profiles, working_agent(state));
    return !profile || lists(profile->tools, tool);
}

bool has_foreign_tools(const Profiles& profiles, const State& state) {
    if (!lists_foreign(state.turn_tools)) return false;
    const Profile* profile = find_profile(profiles, working_agent(state));
    return !profile || lists_foreign(profile->tools);
}

}  // namespace thole
