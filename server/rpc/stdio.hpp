// Standard input and output as a private channel: children and stray prints of libraries must reach
// neither. Called once, by main, before anything else starts.
#pragma once
#include "base/result.hpp"

namespace thole::rpc {

struct StdioFds {
    int in = -1;   // what was fd 0
    int out = -1;  // what was fd 1
};

// Moves fds 0 and 1 to fresh close-on-exec descriptors, opens /dev/null as fd 0, makes fd 1 the
// same as fd 2, and ignores SIGPIPE. Errors: io.
Result<StdioFds> take_stdio();

}  // namespace thole::rpc
