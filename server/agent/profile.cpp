#include "agent/profile.hpp"

#include <algorithm>

namespace thole {

const Profile* find_profile(const Profiles& profiles, std::string_view name) {
    for (const Profile& profile : profiles) {
        if (profile.name == name) return &profile;
    }
    return nullptr;
}

bool has_tool(const Profile* profile, std::string_view tool) {
    if (!profile || profile->tools.empty()) return true;
    return std::find(profile->tools.begin(), profile->tools.end(), tool) != profile->tools.end();
}

}  // namespace thole
