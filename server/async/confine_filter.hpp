// The seccomp filter of confine(): which system calls change nothing outside of the process. A list
// of what is let through, so that what a later kernel can do is refused. Internal to confine.cpp.
#pragma once
#include "async/descriptor.hpp"
#include "base/result.hpp"

namespace thole::async {

// Loads the filter for this process and gives its listener. Errors: unavailable.
Result<Descriptor> load_filter(int landlock_abi);

}  // namespace thole::async
