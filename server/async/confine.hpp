// Gives up, for this process and all that it will ever start, every way to change something outside
// of itself: files and their metadata, the network, other processes, the machine. Reading, running
// programs, pipes, memory, /dev/null, /dev/zero and /dev/full stay.
// Landlock refuses what goes through the file system, whatever a path turns out to be. A seccomp
// filter lets through what changes nothing and gives all other system calls to a listener, the
// Warden (warden.hpp), which refuses and tells. Once it is gone they fail with ENOSYS.
// Called by the supervisor's child before it becomes the program (one thread); owns nothing.
#pragma once
#include <string>

#include "async/descriptor.hpp"
#include "base/result.hpp"

namespace thole::async {

// Which Landlock this kernel has. Error: unavailable, says why there is none.
Result<int> landlock_abi();

// "Landlock ABI 7 and seccomp".
std::string confinement_name(int abi);

// Since this ABI Landlock keeps signals inside; before it the Warden has to.
inline constexpr int landlock_scopes_signals = 6;
// Since this ABI Landlock knows O_RDONLY | O_TRUNC for a write.
inline constexpr int landlock_knows_truncation = 3;

// Takes `abi` for what the kernel has (which may be more). Gives the listener. There is no way
// back: after an error the process must not go on. Errors: unavailable, names what is missing.
Result<Descriptor> confine(int abi);

}  // namespace thole::async
