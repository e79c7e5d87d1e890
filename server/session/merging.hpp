// Bringing home the work of a sub-agent and waiting for what comes of it: what the front ends
// share.
#pragma once
#include "session/child_work.hpp"
#include "session/sessions.hpp"

namespace thole {

// What merging would do now. Errors: not_found (there is no such tree any more), and git's.
async::Task<Result<MergeOutcome>> preview_child(Sessions& sessions, std::string child_id);

// Submits MergeChild or DiscardChild to the session that started the sub-agent. A refusal is a
// WorktreeMerged with the result "refused". Errors: those of the command; cancelled.
async::Task<Result<WorktreeMerged>> merge_child_now(async::Loop& loop, Session& session,
                                                    MergeChild command);
async::Task<Result<WorktreeMerged>> discard_child_now(async::Loop& loop, Session& session,
                                                      DiscardChild command);

// The same with CancelChild: how it has ended.
async::Task<Result<ChildSessionCompleted>> cancel_child_now(async::Loop& loop, Session& session,
                                                            CancelChild command);

}  // namespace thole
