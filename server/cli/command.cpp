#include "cli/command.hpp"

#include "cli/agents.hpp"
#include "cli/chat.hpp"
#include "cli/demo.hpp"
#include "cli/doctor.hpp"
#include "cli/exit_code.hpp"
#include "cli/follow.hpp"
#include "cli/inspect.hpp"
#include "cli/login.hpp"
#include "cli/models.hpp"
#include "cli/run.hpp"
#include "cli/spawn.hpp"
#include "cli/steer.hpp"
#include "cli/trust.hpp"
#include "cli/worktrees.hpp"

namespace thole::cli {
namespace {

// A chat where somebody sits at a terminal; else the prompt comes from standard input.
async::Task<int> talk(Parts& parts, const Invocation& invocation) {
    bool chats = invocation.prompt.empty() && !invocation.json &&
                 invocation.streaming == Streaming::human && is_at_terminal();
    if (chats) co_return co_await run_chat(parts, invocation);
    Invocation headless = invocation;
    bool goes_on = headless.resuming == Invocation::Resuming::always;
    if (goes_on && headless.id.empty()) headless.id = "latest";
    co_return co_await run_prompt(parts, std::move(headless));
}

}  // namespace

async::Task<int> run_command(Parts& parts, const Invocation& invocation) {
    switch (invocation.action) {
        case Action::chat:
        case Action::resume:
            co_return co_await talk(parts, invocation);
        case Action::run:
            co_return co_await run_prompt(parts, invocation);
        case Action::spawn:
            co_return co_await run_in_background(parts, invocation);
        case Action::demo:
            co_return co_await run_demo(parts, invocation);
        case Action::sessions:
            co_return co_await list_sessions(parts, invocation);
        case Action::logs:
            co_return co_await show_logs(parts, invocation);
        case Action::attach:
            co_return co_await attach(parts, invocation);
        case Action::cancel:
            co_return co_await cancel_session(parts, invocation);
        case Action::compact:
            co_return co_await compact_session(parts, invocation);
        case Action::agents:
            co_return co_await show_agents(parts, invocation);
        case Action::export_:
            co_return co_await export_session(parts, invocation);
        case Action::remove:
            co_return co_await delete_session(parts, invocation);
        case Action::worktrees:
            co_return co_await show_worktrees(parts, invocation);
        case Action::models:
            co_return co_await show_models(parts, invocation);
        case Action::doctor:
            co_return co_await run_doctor(parts);
        case Action::status:
            co_return show_status(parts, invocation);
        case Action::tasks:
        case Action::task:
        case Action::plan:
            co_return show_part(parts, invocation);
        case Action::config:
            co_return show_config(parts, invocation);
        case Action::trust:
            co_return trust_workspace(parts, invocation);
        case Action::login:
            co_return log_in(parts, invocation);
        case Action::serve:
        case Action::say:
            break;
    }
    co_return exit_internal;
}

}  // namespace thole::cli
