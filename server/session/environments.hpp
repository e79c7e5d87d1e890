// What the programs that thole starts inherit of its environment. Pure; KEY=VALUE lists.
#pragma once
#include <string>
#include <vector>

#include "session/config.hpp"

namespace thole {

// The names of the model providers' keys.
std::vector<std::string> key_variables(const Config& config);

// Of commands: everything but the keys of the model providers and, in a worktree of ours
// (`is_apart`), what would lead git elsewhere.
std::vector<std::string> command_environment(const Config& config,
                                             const std::vector<std::string>& environment,
                                             bool is_apart);

// Of hooks: what commands get, without anything whose name says that it is a secret.
std::vector<std::string> hook_environment(std::vector<std::string> of_commands);

}  // namespace thole
