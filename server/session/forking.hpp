// A session that goes on from where another one is, by itself. Loop thread.
#pragma once
#include <string>

#include "session/sessions.hpp"

namespace thole {

// Opens a new session with the conversation, title, mode, model, plan and tasks of session `id`,
// which goes on undisturbed, whoever has it open. `options`: of the new one, but for id; its cwd is
// in the workspace of the source. Sub-agents, worktrees, grants and costs stay with the source;
// what runs there is interrupted here. Errors: not_found, corrupt, denied, io.
async::Task<Result<Session*>> fork_session(Sessions& sessions, std::string id, OpenSession options);

}  // namespace thole
