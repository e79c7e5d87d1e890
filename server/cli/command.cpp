#include "cli/command.hpp"

#include "cli/demo.hpp"
#include "cli/doctor.hpp"
#include "cli/exit_code.hpp"
#include "cli/inspect.hpp"
#include "cli/run.hpp"

namespace thole::cli {

async::Task<int> run_command(Parts& parts, const Invocation& invocation) {
    switch (invocation.action) {
        case Action::run:
        case Action::resume:
            co_return co_await run_prompt(parts, invocation);
        case Action::demo:
            co_return co_await run_demo(parts, invocation);
        case Action::sessions:
            co_return co_await list_sessions(parts, invocation);
        case Action::logs:
            co_return co_await show_logs(parts, invocation);
        case Action::remove:
            co_return co_await delete_session(parts, invocation);
        case Action::doctor:
            co_return co_await run_doctor(parts);
        case Action::status:
            co_return show_status(parts, invocation);
        case Action::tasks:
            co_return show_tasks(parts, invocation);
        case Action::config:
            co_return show_config(parts, invocation);
        default:
            break;
    }
    co_return exit_internal;
}

}  // namespace thole::cli
