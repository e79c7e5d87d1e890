// An agent profile: who works, and with what. The usual agent has none; others come from the
// configuration and from files (session/profiles.hpp). Values; they do not change while sessions
// are open.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "journal/state.hpp"

namespace thole {

struct Profile {
    std::string name;
    std::string description;         // for people, and for an agent that chooses a sub-agent
    std::string instruction;         // goes into the system prompt
    std::string model;               // "": the session's
    std::vector<std::string> tools;  // names, or mcp__github__*; empty: all
    bool is_read_only = false;       // whatever the mode allows
    std::string source;              // the file that it comes from; "built in"
    bool operator==(const Profile&) const = default;
};

using Profiles = std::vector<Profile>;

// Null: there is none of this name, as for the usual agent, whose name is "".
const Profile* find_profile(const Profiles& profiles, std::string_view name);

// The name of the profile that works: that of the turn, else of the session.
const std::string& working_agent(const State& state);

// Whether the agent that works in the session has the tool: by its profile and by what the command
// that began the turn leaves; and a sub-agent makes no plans of its own.
bool has_tool(const Profiles& profiles, const State& state, std::string_view tool);

// Whether it may have any tools of MCP servers.
bool has_foreign_tools(const Profiles& profiles, const State& state);

}  // namespace thole
