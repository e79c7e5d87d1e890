// Which narrow rules to offer as "allow always", and what they cover in words. Internal to policy.
#pragma once
#include <string>
#include <vector>

#include "policy/decide.hpp"
#include "policy/shell.hpp"

namespace thole {

// For a command: what no rule covers of it. Offers nothing when a part cannot be said in a rule.
void suggest_for_command(Decision& decision, const std::vector<const SimpleCommand*>& commands,
                         const std::vector<std::string>& written_paths, const Roots& roots);

// For a call of another tool.
void suggest_for_call(Decision& decision, const Call& call, const Roots& roots);

}  // namespace thole
