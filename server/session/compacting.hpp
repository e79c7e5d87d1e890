// Asking for a compaction and waiting for its end: what /compact and `thole compact` share.
#pragma once
#include "session/session.hpp"

namespace thole {

// Queued behind a running turn. Errors: those of Compact; what made it fail; cancelled (a Cancel, a
// stop of the caller, the end of the session).
async::Task<Result<ContextCompaction>> compact_now(async::Loop& loop, Session& session);

}  // namespace thole
