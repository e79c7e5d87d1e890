#include "agent/profile.hpp"

#include <algorithm>

namespace thole {

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
    const std::vector<std::string>& left = state.turn_tools;
    bool is_left = left.empty() || std::find(left.begin(), left.end(), tool) != left.end();
    if (!is_left) return false;
    const Profile* profile = find_profile(profiles, working_agent(state));
    if (!profile || profile->tools.empty()) return true;
    return std::any_of(profile->tools.begin(), profile->tools.end(), [&](const std::string& one) {
        bool is_family = one.starts_with("mcp__") && one.ends_with('*');
        return is_family ? tool.starts_with(one.substr(0, one.size() - 1)) : tool == one;
    });
}

bool has_foreign_tools(const Profiles& profiles, const State& state) {
    const Profile* profile = find_profile(profiles, state.agent);
    if (!profile || profile->tools.empty()) return true;
    return std::any_of(profile->tools.begin(), profile->tools.end(),
                       [](const std::string& one) { return one.starts_with("mcp__"); });
}

}  // namespace thole
