// What the process says when it ends. The numbers are part of the interface (docs: README.md).
// Pure.
#pragma once
#include "base/result.hpp"

namespace thole::cli {

enum ExitCode : int {
    exit_done = 0,
    exit_internal = 1,
    exit_usage = 2,
    exit_configuration = 3,
    exit_authentication = 4,
    exit_provider = 5,
    exit_refused = 10,
    exit_limit = 11,
    exit_unapproved = 13,
    exit_plan_rejected = 14,
    exit_no_session = 15,
    exit_busy = 16,
    exit_cancelled = 130,
};

int exit_code(Code code);

}  // namespace thole::cli
