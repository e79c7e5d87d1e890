// Watching a session from its log: `thole logs` and `thole attach` without a terminal. The log is
// all there is to it, so that it works on any session, of a process that runs or has gone, and asks
// nothing of that process. Woken by the kernel when the log grows, and once a second in case it
// cannot tell.
#pragma once
#include "cli/command.hpp"
#include "cli/render.hpp"

namespace thole::cli {

// Shows the events of a log that came since the last call.
class LogView {
public:
    LogView(Output& output, SessionFiles files, bool is_json);

    // Errors: those of read_log.
    Result<void> show_new();
    const Damage& damage() const { return damage_; }

private:
    void show(const Envelope& envelope, std::string_view line);

    Output& output_;
    SessionFiles files_;
    bool is_json_;
    Renderer renderer_;
    LogRange range_;
    Damage damage_;
};

// Prints the log; with --follow goes on until the session's process lets go of it, or a signal
// comes.
async::Task<int> show_logs(Parts& parts, const Invocation& invocation);

// At a terminal a chat with the session after all that it has done; else, or with --json, the same
// as logs --follow. A session that nobody runs is shown, with how to go on with it.
async::Task<int> attach(Parts& parts, const Invocation& invocation);

}  // namespace thole::cli
