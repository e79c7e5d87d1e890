// The configuration of the process: TOML files, environment and flags, joined. Read once by main or
// a front end before the first session opens. Files:
// ${XDG_CONFIG_HOME:-~/.config}/thole/config.toml, or the one that --config names. (A workspace's
// own .thole/config.toml is inert until the user trusts the workspace.) Errors name file, line and
// key.
#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "agent/hook.hpp"
#include "agent/limits.hpp"
#include "agent/profile.hpp"
#include "base/result.hpp"
#include "model/models.hpp"
#include "policy/rules.hpp"
#include "session/mcp_config.hpp"

namespace thole {

// [plan]
struct PlanConfig {
    std::string directory;    // of plan files; "" = <state>/session_plans
    std::string export_file;  // kept in the workspace as a copy, "PLAN.md"; "" = none
    std::string agent = "planner";
    std::string executor;  // the profile that carries a plan out; "" = the one before planning
};

// Of the trees in which sub-agents and `spawn --worktree` work.
struct WorktreesConfig {
    std::string directory;                    // absolute
    std::uint64_t max_disk = 20'000'000'000;  // bytes, for `thole worktrees --prune`; 0: no limit
    std::string include_file = ".worktreeinclude";
};

// [acp] unstable: what of the protocol is not settled yet and is offered all the same.
struct UnstableConfig {
    bool fork = false;
    bool archive = false;
    bool set_title = false;
    bool status = false;
    bool v2 = false;
    bool operator==(const UnstableConfig&) const = default;
};

struct Config {
    std::string source;  // the file that was read; "" when there is none
    model::ModelsConfig models;
    Rules rules;
    Limits limits;
    ContextPolicy context;
    PlanConfig plan;
    std::vector<Hook> hooks;
    Profiles profiles;  // built in, [agents.<name>], and the files of the user's folder of agents
    bool auto_compact_on_finish = false;
    // What becomes of a running turn when its editor goes: true: it finishes, false: cancelled.
    bool finishes_alone = true;
    std::chrono::seconds approval_timeout{0};  // after which an approval is denied; 0: never
    WorktreesConfig worktrees;
    McpConfig mcp;
    UnstableConfig unstable;
    std::string mode = "default";
    std::string history_dir = ".thole/sessions";
    std::string last_session_file = ".thole/.last_session";
};

// The value of an environment variable, "" when unset.
std::string environment_variable(const char* name);

// `file` empty: the usual place, where a missing file is fine. Errors: configuration, as
// "/path/config.toml:12: [model] default: expected a string".
Result<Config> load_config(const std::string& file, const Variables& variables);

// ${XDG_STATE_HOME:-~/.local/state}/thole; without HOME the password database is asked.
std::string state_directory(const Variables& variables);
// ${XDG_CONFIG_HOME:-~/.config}/thole/config.toml.
std::string config_file(const Variables& variables);
// The folder that it is in, with the user's own agents/, commands/ and skills/.
std::string config_directory(const Variables& variables);
// Its agents/.
std::string agents_directory(const Variables& variables);
// $HOME, else what the password database says.
std::string home_directory(const Variables& variables);

}  // namespace thole
