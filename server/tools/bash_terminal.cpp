#include "tools/bash_terminal.hpp"

#include <utility>

#include "async/worker.hpp"
#include "tools/facts.hpp"
#include "tools/live_output.hpp"
#include "tools/shell_command.hpp"
#include "tools/terminals.hpp"

namespace thole {

namespace {

std::string ending_of(const TerminalEnd& end, std::chrono::milliseconds timeout) {
    switch (end.how) {
        case TerminalEnd::How::exited:
            return exit_line(end.exit);
        case TerminalEnd::How::timed_out:
            return timeout_line(timeout);
        case TerminalEnd::How::cancelled:
            return cancelled_line;
        case TerminalEnd::How::failed:
            break;
    }
    return "[" + end.why + "]";
}

// What the editor has not kept is said where it would stand.
std::string readable(const TerminalEnd& end) {
    std::string text = terminal_text(end.output);
    if (end.kept == 0) return text;
    return "[the editor kept only the last " + std::to_string(end.kept) + " bytes]\n" + text;
}

TerminalCommand command_for(const async::ProcessOptions& options, std::chrono::milliseconds timeout,
                            const std::string& call_id) {
    TerminalCommand command;
    command.call_id = call_id;
    command.argv = {shell_program(), "-c", options.argv.back()};
    command.directory = options.cwd;
    command.environment = options.env;
    command.unset = never_inherited();
    command.timeout = timeout;
    return command;
}

}  // namespace

bool stays_in_foreground(std::string_view command) {
    for (std::size_t at = command.find('&'); at != std::string_view::npos;
         at = command.find('&', at + 1)) {
        const char before = at > 0 ? command[at - 1] : ' ';
        const char after = at + 1 < command.size() ? command[at + 1] : ' ';
        const bool redirects = before == '>' || before == '<' || before == '|' || after == '>';
        if (after == '&') {
            ++at;  // &&
        } else if (!redirects) {
            return false;
        }
    }
    return true;
}

async::Task<std::optional<ToolOutcome>> run_in_terminal(ToolContext& context,
                                                        const async::ProcessOptions& options,
                                                        std::chrono::milliseconds timeout,
                                                        const std::string& call_id) {
    if (!context.terminals || !context.terminals->is_offered()) co_return std::nullopt;
    TerminalCommand command = command_for(options, timeout, call_id);
    Result<TerminalEnd> end = co_await context.terminals->run(std::move(command));
    if (!end) co_return std::nullopt;
    LiveOutput(context.host, call_id).add_whole(end->output);
    std::string ending = ending_of(*end, timeout);
    if (!end->lacks_output.empty()) ending = "[" + end->lacks_output + "]\n" + ending;
    const bool succeeded = end->how == TerminalEnd::How::exited && end->exit == async::Exit{};
    const bool failed = !succeeded || !end->lacks_output.empty();
    auto clean = [whole = std::move(*end)](std::stop_token) { return readable(whole); };
    std::string text = co_await async::on_worker(context.loop, std::move(clean));
    ToolOutcome outcome = long_outcome(context.host, std::move(text), ending);
    outcome.failed = failed;
    co_return outcome;
}

}  // namespace thole
