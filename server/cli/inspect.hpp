// The commands that look at sessions on disk: sessions, status, logs, tasks, delete. They lock
// nothing and work while another process runs the session.
#pragma once
#include "cli/command.hpp"

namespace thole::cli {

async::Task<int> list_sessions(Parts& parts, const Invocation& invocation);
async::Task<int> delete_session(Parts& parts, const Invocation& invocation);
// Prints the log; with --follow goes on until the session's process is gone or a signal comes.
async::Task<int> show_logs(Parts& parts, const Invocation& invocation);
int show_status(Parts& parts, const Invocation& invocation);
int show_tasks(Parts& parts, const Invocation& invocation);

}  // namespace thole::cli
