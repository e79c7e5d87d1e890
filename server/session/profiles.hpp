// Where agent profiles come from: thole itself, the configuration, the user's folder of agents, and
// the workspace's own, which count only when the user trusts them (trust.hpp). Later ones of a name
// replace earlier ones, but a workspace replaces none of the user's. Blocking, small files.
#pragma once
#include <string>
#include <vector>

#include "agent/profile.hpp"
#include "base/result.hpp"
#include "session/trust.hpp"

namespace thole {

// "planner", which investigates and writes plans.
Profiles builtin_profiles();

// What is wrong with a list of tools that is empty.
inline constexpr const char* no_tools = "names none; leave the key out for all of them";

// Of the text of a file <name>.md: YAML head (description, model, tools, read_only), then the
// instruction. `path` names it in errors: configuration.
Result<Profile> read_profile(const std::string& name, const std::string& text,
                             const std::string& path);
// Error: configuration; what is wrong with the tools or the name of a profile.
Result<void> check_profile(const Profile& profile);

// Those of the configuration, and of the files <user_folder>/*.md. Error: configuration.
Result<Profiles> with_user_files(Profiles configured, const std::string& user_folder);

struct FoundProfiles {
    Profiles profiles;
    std::vector<std::string> complaints;  // sentences about files that do not count
};
// The same with those of the workspace that are trusted; the others are complained of.
FoundProfiles with_workspace_files(Profiles known, const std::string& workspace,
                                   const Trust& trust);

// Files of the workspace that do nothing before they are trusted: .thole/agents/*.md, and those of
// server_files().
std::vector<TrustedFile> files_to_trust(const std::string& workspace);

}  // namespace thole
