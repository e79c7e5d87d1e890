// The system prompt: what the agent is, where it runs, and what the project's own AGENTS.md and
// CLAUDE.md files say. Read anew at each turn; blocking, small files only.
#pragma once
#include <string>
#include <string_view>

namespace thole {

struct Surroundings {
    std::string workspace, cwd;  // absolute; workspace is cwd or above it
    std::string branch;          // "" outside git
    std::string date;            // YYYY-MM-DD
    std::string platform;        // "Linux 6.1 x86_64"
    std::string mode;
    std::string instruction;  // of the profile that works
    bool is_subagent = false;
    std::string inherited;  // of the conversation that started it
    std::string skills{};   // names and descriptions, a line each
    std::string worktree;   // "" when it works in the user's files
};

// The files of the folders from the workspace down to cwd, outermost first; in each folder
// AGENTS.md, or CLAUDE.md when there is no AGENTS.md. Cut at 64 KiB in all.
std::string project_instructions(const std::string& workspace, const std::string& cwd);

std::string system_prompt(const Surroundings& surroundings);

std::string platform_name();

}  // namespace thole
