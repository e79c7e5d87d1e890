// Who descends from whom, by the chain of parents in /proc. Used by the supervisor, below which an
// orphan becomes a child of the supervisor itself, so that the chain never breaks; and by thole
// when a supervisor was killed. Owned by nobody; any thread. Each look reads all of /proc (3 ms for
// 200 processes), so it is for ending things only. Not found: what /proc hides (hidepid) or lacks.
#pragma once
#include <sys/types.h>

#include <vector>

namespace thole::async {

// Everything below `ancestor`, dead ones that nobody has waited for included (a process whose first
// thread has ended looks dead too).
std::vector<pid_t> descendants(pid_t ancestor);

// Whether `pid` (or the thread of that number) is below `ancestor`. Reads of /proc only its chain
// of parents.
bool is_below(pid_t pid, pid_t ancestor);

bool is_there(pid_t pid);

// Our children that are not in `known`: orphans that came to us from a killed supervisor. Kills
// them with all below them, and waits for those that are dead. False: there were none.
bool kill_orphans(const std::vector<int>& known);

}  // namespace thole::async
