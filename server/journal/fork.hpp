// A session that has the conversation of another one so far, in files of its own. Blocking; any
// thread.
#pragma once
#include "journal/journal.hpp"

namespace thole {

// What the fold makes of a SessionStarted with forked_from: the conversation, the plan and the
// tasks stay; sub-agents, their worktrees, what was granted, paid for and not yet reviewed are the
// other session's.
void become_a_fork(State& state, const SessionStarted& started);

// Copies log and blobs of `source`, which may be running and is not changed, to `target`, and ends
// the copy with `started`, whose session_id is the target's and whose forked_from is set here. What
// runs in the source is cancelled in the copy, and its calls without a result are interrupted
// there. Damage is copied as it is. `target` is there in whole or not at all. Errors: not_found (no
// such source), corrupt (nothing in it can be read), exists (the target), denied, io.
Result<void> fork_session(const SessionFiles& source, const SessionFiles& target,
                          SessionStarted started, TimePoint now, const Secrets& secrets);

}  // namespace thole
