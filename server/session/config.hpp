// The configuration of the process: TOML files, environment and flags, joined. Read once by main or a
// front end before the first session opens. Files: ${XDG_CONFIG_HOME:-~/.config}/thole/config.toml,
// or the one that --config names. (A workspace's own .thole/config.toml is inert until the user
// trusts the workspace.) Errors name file, line and key.
#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "model/models.hpp"
#include "policy/rules.hpp"

namespace thole {

struct Limits {
    std::int64_t max_turns_per_run = 128;         // model round trips per prompt
    std::int64_t max_tool_calls_per_turn = 200;   // per model round trip
    std::int64_t max_tool_calls = 200;            // per run of `thole run`; 0: none (chat, editors)
    std::int64_t max_tokens_total = 0;            // 0: none
    double max_cost = 0;                          // USD, 0: none
    std::int64_t checkpoint_interval = 5;
};

struct Config {
    std::string source;  // the file that was read; "" when there is none
    model::ModelsConfig models;
    Rules rules;
    Limits limits;
    std::string mode = "default";
    std::string history_dir = ".thole/sessions";
    std::string last_session_file = ".thole/.last_session";
    std::string on_disconnect = "finish";  // or "cancel"
};

// Gives the value of an environment variable, "" when unset.
using Variables = std::function<std::string(const char*)>;
std::string environment_variable(const char* name);

// `file` empty: the usual place, where a missing file is fine. Errors: configuration, as
// "/path/config.toml:12: [model] default: expected a string".
Result<Config> load_config(const std::string& file, const Variables& variables);

// ${XDG_STATE_HOME:-~/.local/state}/thole; without HOME the password database is asked.
std::string state_directory(const Variables& variables);

}  // namespace thole
