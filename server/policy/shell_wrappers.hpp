// The meaning half of the shell parser: which commands start other commands (env, xargs, sh -c,
// find -exec, git -C, …), and which can do more than their words say. Internal to policy.
#pragma once
#include "policy/shell.hpp"

namespace thole {

// Looks at each command, marks what is special about it, and appends the commands that it starts;
// at those it looks again.
void unwrap(ParsedCommand& parsed);

}  // namespace thole
