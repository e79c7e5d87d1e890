// `thole login`: asks for a provider and its key, which is not shown, and puts the key away for the
// next start of thole. Also what editors run as login method. With --remove it forgets the key.
#pragma once
#include "cli/command.hpp"

namespace thole::cli {

int log_in(Parts& parts, const Invocation& invocation);

}  // namespace thole::cli
