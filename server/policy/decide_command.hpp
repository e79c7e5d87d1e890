// decide() for shell commands, and what it shares with the rest. Internal to policy.
#pragma once
#include <string>

#include "policy/decide.hpp"

namespace thole {

Decision decide_command(const Call& call, const Policy& policy);
bool may_concern_command(const Rule& rule, const Call& call);

Decision allowed(std::string why, std::string rule = {});
Decision denied(std::string why, std::string rule = {});
// To be asked; denied when the mode or the situation has nobody to ask.
Decision asked(const Policy& policy, std::string why, std::string rule = {});

// The first rule of a list that is about `tool` and covers the path; null when there is none.
const Rule* rule_for_path(const std::vector<Rule>& rules, const std::string& tool,
                          const std::string& path, const Roots& roots, bool any_root);

// Whether an allow rule that names a place outside the roots covers this path there.
const Rule* allow_rule_for_path(const Policy& policy, const std::string& tool,
                                const std::string& path);

}  // namespace thole
