// `thole doctor` and `thole config`: what thole finds on this machine, and what to do about what is
// missing. They show the names of keys, never a key.
#pragma once
#include "cli/command.hpp"

namespace thole::cli {

// Exit code 1 when something that thole needs is missing.
async::Task<int> run_doctor(Parts& parts);
int show_config(Parts& parts, const Invocation& invocation);

}  // namespace thole::cli
