// `thole trust`: shows what a workspace brings of its own that would change how agents work, and
// lets it count from now on, as it is now.
#pragma once
#include "cli/command.hpp"

namespace thole::cli {

int trust_workspace(Parts& parts, const Invocation& invocation);

}  // namespace thole::cli
