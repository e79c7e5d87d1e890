// The commands that look at sessions on disk: sessions, status, tasks, task, plan, export,
// delete. They lock nothing and work while another process runs the session.
#pragma once
#include "cli/command.hpp"

namespace thole::cli {

async::Task<int> list_sessions(Parts& parts, const Invocation& invocation);
async::Task<int> delete_session(Parts& parts, const Invocation& invocation);
// Piece by piece, as fast as it is read: a session of any size takes little memory.
async::Task<int> export_session(Parts& parts, const Invocation& invocation);
int show_status(Parts& parts, const Invocation& invocation);
// tasks, task or plan.
int show_part(Parts& parts, const Invocation& invocation);

// A list for people; one sentence when there is nothing.
std::string rows_text(const std::vector<SessionRow>& rows, const Look& look);

}  // namespace thole::cli
