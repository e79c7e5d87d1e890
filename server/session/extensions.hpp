// What the user and a workspace add to thole by files: commands, skills, hooks, rules. Those of a
// workspace count once the user has looked at them (trust.hpp), file by file, as they are; until
// then nothing of them does anything. Found when a session opens and again when a file has changed.
// Blocking, small files; loop thread.
#pragma once
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "agent/hook.hpp"
#include "policy/rules.hpp"
#include "session/custom_commands.hpp"
#include "session/trust.hpp"
#include "tools/skills.hpp"

namespace thole {

struct Extensions {
    std::vector<CustomCommand> commands;  // names are unique, and none is a built-in command's
    std::vector<Skill> skills;            // names are unique
    std::vector<Hook> hooks;              // the user's first
    Rules narrowing;                      // of the workspace: ask, deny
    std::vector<std::string> inert;       // paths in the workspace that wait for trust, also agents
    std::vector<std::string> inert_servers;  // names of MCP servers in files that wait for trust
    std::vector<std::string> complaints;     // sentences about what does not count, and why; few
    std::vector<std::string> places;         // files and folders that were looked at
};
using ExtensionsNow = std::shared_ptr<const Extensions>;

// Where they are looked for.
struct ExtensionPlaces {
    std::string workspace;
    std::string config_directory;  // the user's: commands/ and skills/
    std::string home;              // .claude/skills/
};

Extensions find_extensions(const ExtensionPlaces& places, const Trust& trust,
                           const std::vector<Hook>& configured);

// What can be typed after a slash because of them.
std::vector<std::string> command_names(const Extensions& extensions);

// Every file of the workspace that does nothing before it is trusted: .thole/config.toml,
// .mcp.json, .thole/agents/*.md, .thole/commands/*.md, .thole/hooks/*, and all that is in
// .thole/skills/* and .claude/skills/*.
std::vector<TrustedFile> files_to_trust(const std::string& workspace);

// What to tell the user about `inert` files and the MCP servers in them; "" when there are none.
std::string trust_notice(const std::vector<std::string>& inert,
                         const std::vector<std::string>& servers = {});

// Those of each workspace, found anew when one of the files looks different.
class KnownExtensions {
public:
    KnownExtensions(std::string state_directory, std::string config_directory, std::string home,
                    const std::vector<Hook>& configured);
    ExtensionsNow of(const std::string& workspace);
    // The skills, for the tool that reads them. This must outlive it.
    SkillShelf shelf(const std::string& workspace);
    const Trust& trust() const { return trust_; }

private:
    struct Entry {
        ExtensionsNow found;
        std::string looks;        // of its places, when it was found
        bool is_settled = false;  // nothing had changed shortly before
    };
    Trust trust_;
    std::string config_directory_, home_;
    const std::vector<Hook>& configured_;
    std::map<std::string, Entry> entries_;
};

}  // namespace thole
