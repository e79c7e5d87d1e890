// [[hooks]] of a configuration file, and the configuration that a workspace may bring: hooks, and
// rules that narrow what may be done. Pure.
#pragma once
#include <string>
#include <vector>

#include "agent/hook.hpp"
#include "policy/rules.hpp"
#include "session/toml_reader.hpp"

namespace thole {

// Reads event, match, command, timeout and on_failure of each. `source` names the file; the hooks
// run in `directory` ("": that of the session). Faults show in the reader.
void read_hooks(TomlReader& root, const std::string& source, const std::string& directory,
                std::vector<Hook>& hooks);

struct WorkspaceConfig {
    std::vector<Hook> hooks;
    Rules narrowing;  // ask and deny only
};
// Of the text of <workspace>/.thole/config.toml. Error: configuration, with file and line; an
// `allow` rule or a mode is one: a workspace cannot widen what may be done.
Result<WorkspaceConfig> read_workspace_config(const std::string& text,
                                              const std::string& workspace);

}  // namespace thole
