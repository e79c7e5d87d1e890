#include "session/extensions.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <ctime>
#include <set>

#include "base/text.hpp"
#include "session/front_matter.hpp"
#include "session/hook_config.hpp"
#include "session/mcp_config.hpp"
#include "session/offered_files.hpp"
#include "session/profiles.hpp"
#include "session/slash.hpp"
#include "workspace/roots.hpp"

namespace thole {
namespace {

constexpr const char* workspace_config = ".thole/config.toml";
constexpr const char* servers_file = ".mcp.json";
constexpr const char* agents_folder = ".thole/agents";
constexpr const char* commands_folder = ".thole/commands";
constexpr const char* hooks_folder = ".thole/hooks";
constexpr std::size_t most_complaints = 20;
constexpr const char* skill_folders[] = {".thole/skills", ".claude/skills"};

// What a workspace brings beside the folders; empty when it does not.
std::vector<TrustedFile> single_files(const std::string& workspace) {
    OfferedFolder where{workspace, "", true};
    std::vector<TrustedFile> files;
    for (const char* path : {workspace_config, servers_file}) {
        if (offers(where, path)) files.push_back(read_offered(where, path));
    }
    return files;
}

class Finder {
public:
    Finder(const ExtensionPlaces& places, const Trust& trust)
        : places_(places), trust_file_(trust.file()), trusted_(trust.of(places.workspace)) {
        for (const SlashCommand& command : slash_commands()) taken_.insert(command.name);
        for (const char* word : {"exit", "quit", "q", "exit-nosave"}) taken_.insert(word);
    }

    Extensions find(const std::vector<Hook>& configured) {
        found_.hooks = configured;
        found_.places.push_back(trust_file_);
        find_commands({places_.config_directory, "commands", false});
        find_commands({places_.workspace, commands_folder, true});
        find_skills({places_.config_directory, "skills", false});
        find_skills({places_.home, ".claude/skills", false});
        for (const char* folder : skill_folders) find_skills({places_.workspace, folder, true});
        find_config();
        find_agents();
        std::sort(found_.inert.begin(), found_.inert.end());
        shorten(found_.complaints);
        return std::move(found_);
    }

private:
    // Whether it counts; what does not is noted.
    bool counts(const OfferedFolder& where, const TrustedFile& file) {
        if (!file.fault.empty()) {
            found_.complaints.push_back(where.root + "/" + file.path + ": " + file.fault);
            return false;
        }
        if (!where.is_workspaces || trusted_.holds(file)) return true;
        found_.inert.push_back(file.path);
        return false;
    }

    // What the folder offers. Where that was looked for is kept.
    std::vector<TrustedFile> read(const OfferedFolder& where, const Offered& offered) {
        found_.places.insert(found_.places.end(), offered.places.begin(), offered.places.end());
        for (const std::string& path : offered.paths) {
            found_.places.push_back(where.root + "/" + path);
        }
        found_.complaints.insert(found_.complaints.end(), offered.complaints.begin(),
                                 offered.complaints.end());
        return read_offered(where, offered);
    }

    // They are the business of profiles.hpp; here they only wait.
    void find_agents() {
        OfferedFolder where{places_.workspace, agents_folder, true};
        for (const TrustedFile& file : read(where, offered_markdown(where))) {
            bool waits = file.fault.empty() && !trusted_.holds(file);
            if (waits) found_.inert.push_back(file.path);
        }
    }

    static void shorten(std::vector<std::string>& complaints) {
        if (complaints.size() <= most_complaints) return;
        std::size_t more = complaints.size() - most_complaints;
        complaints.resize(most_complaints);
        complaints.push_back(std::to_string(more) +
                             " more files of commands, skills or hooks do not count");
    }

    // Whether a slash command of this name may be made; the one that was there first stays.
    bool takes_name(const std::string& name, const std::string& source) {
        if (taken_.insert(name).second) return true;
        found_.complaints.push_back(source + ": there is a command /" + name +
                                    " already; give it another name");
        return false;
    }

    void find_commands(const OfferedFolder& where) {
        for (const TrustedFile& file : read(where, offered_markdown(where))) {
            if (!counts(where, file)) continue;
            std::string path = where.root + "/" + file.path;
            Result<CustomCommand> command =
                read_command(offered_name(file.path), file.content, path);
            if (!command) {
                found_.complaints.push_back(command.error().message);
            } else if (takes_name(command->name, path)) {
                found_.commands.push_back(std::move(*command));
            }
        }
    }

    void find_skills(const OfferedFolder& where) {
        bool is_users_own =
            where.is_workspaces && where.root == places_.home && where.folder == skill_folders[1];
        if (where.root.empty() || is_users_own) return;
        for (const TrustedFile& file : read(where, offered_skills(where))) {
            if (counts(where, file)) add_skill(where, file);
        }
    }

    void add_skill(const OfferedFolder& where, const TrustedFile& file) {
        std::string path = where.root + "/" + file.path;
        Result<Skill> skill = read_skill(file);
        if (!skill) return found_.complaints.push_back(path + ": " + skill.error().message);
        auto is_same = [&](const Skill& one) { return one.name == skill->name; };
        if (std::any_of(found_.skills.begin(), found_.skills.end(), is_same)) {
            return found_.complaints.push_back(path + ": there is a skill '" + skill->name +
                                               "' already; give it another name");
        }
        std::string folder = path.substr(0, path.rfind('/'));
        skill->folder = resolve_path("/", folder).value_or(folder);
        if (where.is_workspaces) skill->of_workspace = file.path.substr(0, file.path.rfind('/'));
        if (!takes_name(skill->name, path)) skill->is_command = false;
        found_.skills.push_back(std::move(*skill));
    }

    // Heads of skills are written for other programs too: what is unknown is left alone.
    static Result<Skill> read_skill(const TrustedFile& file) {
        Skill skill;
        skill.name = offered_name(file.path);
        std::string fault = fault_of_name(skill.name);
        if (!fault.empty()) return fail(Code::configuration, fault);
        Result<FrontMatter> matter = read_front_matter(file.content, true);
        if (!matter) return matter.error();
        auto description = matter->values.find("description");
        if (description != matter->values.end()) {
            skill.description = one_line(one_text(description->second), 1000);
        }
        if (skill.description.empty()) {
            return fail(Code::configuration,
                        "its head has no description, by which the model "
                        "would know when to read it");
        }
        return skill;
    }

    // Its hooks count only together with all their scripts.
    void find_config() {
        OfferedFolder scripts{places_.workspace, hooks_folder, true};
        Offered offered = offered_files(scripts);
        bool is_whole = offered.complaints.empty();
        for (const TrustedFile& file : read(scripts, offered)) {
            bool is_good = counts(scripts, file);
            is_whole = is_whole && is_good;
        }
        for (const char* path : {workspace_config, servers_file}) {
            found_.places.push_back(places_.workspace + "/" + path);
        }
        for (const TrustedFile& file : single_files(places_.workspace)) {
            bool is_good = counts(scripts, file);
            if (is_good && file.path == workspace_config) take_config(file, is_whole);
            bool waits = !is_good && file.fault.empty();
            if (!waits) continue;
            for (std::string& name : servers_named_in(file)) {
                found_.inert_servers.push_back(std::move(name));
            }
        }
    }

    void take_config(const TrustedFile& file, bool with_hooks) {
        Result<WorkspaceConfig> config = read_workspace_config(file.content, places_.workspace);
        if (!config) return found_.complaints.push_back(config.error().message);
        found_.narrowing = std::move(config->narrowing);
        for (Hook& hook : config->hooks) {
            if (with_hooks) found_.hooks.push_back(std::move(hook));
        }
        if (!with_hooks && !config->hooks.empty()) {
            found_.complaints.push_back(places_.workspace + "/" + workspace_config +
                                        ": its hooks do not run, because not all of " +
                                        hooks_folder + " is trusted");
        }
    }

    const ExtensionPlaces& places_;
    const std::string& trust_file_;
    TrustedHashes trusted_;
    std::set<std::string> taken_;  // names of slash commands
    Extensions found_;
};

std::int64_t nanoseconds(const timespec& time) {
    return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

struct Looks {
    std::string text;
    std::int64_t newest = 0;  // change, ns
};

// A file that is replaced, written, renamed or made looks different afterwards, but for changes
// within the same tick of the clock.
Looks looks_of(const std::vector<std::string>& places) {
    Looks looks;
    for (const std::string& place : places) {
        struct stat found {};
        if (::stat(place.c_str(), &found) != 0) {
            looks.text += "-\n";
            continue;
        }
        std::int64_t changed = nanoseconds(found.st_ctim);
        looks.newest = std::max(looks.newest, changed);
        looks.text += std::to_string(found.st_dev) + ":" + std::to_string(found.st_ino) + ":" +
                      std::to_string(found.st_size) + ":" + std::to_string(changed) + "\n";
    }
    return looks;
}

std::string listed(const std::vector<std::string>& words) {
    std::string text;
    for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
    return text;
}

std::string kind_of(const std::string& path) {
    if (path == workspace_config) return "configuration";
    if (path == servers_file) return "MCP servers";
    for (const char* kind : {"agents", "commands", "hooks", "skills"}) {
        if (path.find(std::string("/") + kind + "/") != std::string::npos) return kind;
    }
    return "settings";
}

}  // namespace

Extensions find_extensions(const ExtensionPlaces& places, const Trust& trust,
                           const std::vector<Hook>& configured) {
    return Finder(places, trust).find(configured);
}

std::vector<std::string> command_names(const Extensions& extensions) {
    std::vector<std::string> names;
    for (const CustomCommand& command : extensions.commands) names.push_back(command.name);
    for (const Skill& skill : extensions.skills) {
        if (skill.is_command) names.push_back(skill.name);
    }
    return names;
}

std::vector<TrustedFile> files_to_trust(const std::string& workspace) {
    std::vector<TrustedFile> files = single_files(workspace);
    auto add = [&](const std::vector<TrustedFile>& more) {
        files.insert(files.end(), more.begin(), more.end());
    };
    add(agent_files(workspace));
    OfferedFolder commands{workspace, commands_folder, true};
    add(read_offered(commands, offered_markdown(commands)));
    OfferedFolder hooks{workspace, hooks_folder, true};
    add(read_offered(hooks, offered_files(hooks)));
    for (const char* name : skill_folders) {
        OfferedFolder folder{workspace, name, true};
        for (const std::string& path : offered_skills(folder).paths) {
            std::string skill = path.substr(0, path.rfind('/'));
            TrustedFile head = read_offered(folder, path);
            bool is_readable = head.fault.empty();
            files.push_back(std::move(head));
            Offered others;
            std::vector<std::string> within;
            if (is_readable) within = skill_files(workspace + "/" + skill);
            for (const std::string& file : within) {
                if (file != skill_file) others.paths.push_back(skill + "/" + file);
            }
            add(read_offered(folder, others));
        }
    }
    return files;
}

std::string trust_notice(const std::vector<std::string>& inert,
                         const std::vector<std::string>& servers) {
    if (inert.empty()) return "";
    constexpr std::size_t most_named = 8;
    std::set<std::string> kinds;
    for (const std::string& path : inert) kinds.insert(kind_of(path));
    if (!servers.empty()) kinds.insert("MCP servers");
    std::vector<std::string> named(
        inert.begin(),
        inert.begin() + static_cast<std::ptrdiff_t>(std::min(inert.size(), most_named)));
    std::string notice = "this workspace brings " + listed({kinds.begin(), kinds.end()}) +
                         " that you have not looked at (" + listed(named);
    if (inert.size() > most_named) {
        notice += " and " + std::to_string(inert.size() - most_named) + " more";
    }
    if (!servers.empty()) notice += "; MCP servers: " + listed(servers);
    return notice +
           "); they do nothing until you review and trust them: /trust here, or in a terminal: "
           "thole trust";
}

KnownExtensions::KnownExtensions(std::string state_directory, std::string config_directory,
                                 std::string home, const std::vector<Hook>& configured)
    : trust_(std::move(state_directory)),
      config_directory_(std::move(config_directory)),
      home_(std::move(home)),
      configured_(configured) {}

ExtensionsNow KnownExtensions::of(const std::string& workspace) {
    constexpr std::int64_t settling = 50'000'000;  // ns
    Entry& entry = entries_[workspace];
    if (entry.is_settled && looks_of(entry.found->places).text == entry.looks) return entry.found;
    timespec now{};
    ::clock_gettime(CLOCK_REALTIME, &now);
    ExtensionPlaces places{workspace, config_directory_, home_};
    entry.found = std::make_shared<const Extensions>(find_extensions(places, trust_, configured_));
    Looks looks = looks_of(entry.found->places);
    entry.looks = std::move(looks.text);
    entry.is_settled = looks.newest + settling < nanoseconds(now);
    return entry.found;
}

SkillShelf KnownExtensions::shelf(const std::string& workspace) {
    SkillShelf shelf;
    shelf.current = [this, workspace] {
        ExtensionsNow now = of(workspace);
        return SkillList(now, &now->skills);
    };
    shelf.is_trusted = [trust = trust_, workspace](const std::string& path,
                                                   const std::string& content) {
        return trust.holds(workspace, {path, content, ""});
    };
    return shelf;
}

}  // namespace thole
