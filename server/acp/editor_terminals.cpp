#include "acp/editor_terminals.hpp"

#include "async/one_shot.hpp"
#include "async/poll.hpp"
#include "async/shield.hpp"
#include "base/json.hpp"
#include "base/text.hpp"
#include "session/secret_values.hpp"
#include "tools/shell_command.hpp"

namespace thole::acp {

namespace {

constexpr char perhaps_ran[] =
    "; the command may have been started, so look at what it has done before it is run again";

constexpr char unsaid_end[] = "the editor did not say how the command ended";

// What the editor's own environment may have and a command of ours does not. The editor's shell
// reads no input, which would make a command wait that asks for something.
std::string script_for(std::vector<std::string> unset, const std::vector<std::string>& withheld) {
    unset.insert(unset.end(), withheld.begin(), withheld.end());
    std::string script = "exec \"$0\" \"$@\" </dev/null 2>&1";
    std::string names;
    for (const std::string& name : unset) names += " " + name;
    return names.empty() ? script : "unset" + names + "; " + script;
}

// Editors write what they are sent into logs: nothing goes there that looks like a secret. Who
// started us has it in its own environment anyway.
Json variables_of(const std::vector<std::string>& environment) {
    Json variables = Json::array();
    for (const std::string& variable : environment) {
        const std::size_t equals = variable.find('=');
        if (equals == 0 || equals == std::string::npos || !is_valid_utf8(variable)) continue;
        const std::string name = variable.substr(0, equals);
        if (is_secret_name(name)) continue;
        variables.push_back({{"name", name}, {"value", variable.substr(equals + 1)}});
    }
    return variables;
}

// exitCode and signal, as wait_for_exit and exitStatus have them.
void take_exit(const Json& status, TerminalEnd& end) {
    const std::string signal = text_member(status, "signal");
    const Json& code = member(status, "exitCode");
    end.exit = {};
    end.how = TerminalEnd::How::exited;
    if (!signal.empty()) {
        end.exit.signal = signal_of(signal);
        if (end.exit.signal > 0) return;
        end.why = "killed by signal '" + one_line(signal, 40) + "'";
    } else if (code.is_number_integer()) {
        end.exit.code = static_cast<int>(code.get<std::int64_t>());
        return;
    } else {
        end.why = unsaid_end;
    }
    end.how = TerminalEnd::How::failed;
}

TerminalEnd end_of(const Result<Json>& exit, bool is_stopped) {
    TerminalEnd end;
    if (exit) {
        take_exit(*exit, end);
    } else if (is_stopped) {
        end.how = TerminalEnd::How::cancelled;
    } else if (exit.error().code == Code::timed_out) {
        end.how = TerminalEnd::How::timed_out;
    } else if (exit.error().code == Code::cancelled) {
        end.how = TerminalEnd::How::failed;
        end.why =
            "the editor went away while the command ran in its terminal; what became of it "
            "is not known";
    } else {
        end.how = TerminalEnd::How::failed;
        end.why = "the editor could not say how the command ended: " +
                  one_line(exit.error().message, 300) + "; it was killed";
    }
    return end;
}

void take_output(const Result<Json>& answer, TerminalEnd& end) {
    const bool is_told = end.how != TerminalEnd::How::failed;  // else that tells it
    if (!answer) {
        const bool is_gone = answer.error().code == Code::cancelled;
        const std::string why =
            is_gone ? std::string("it went away") : one_line(answer.error().message, 300);
        if (is_told) end.lacks_output = "the editor did not give the output: " + why;
        return;
    }
    const Json& output = member(*answer, "output");
    const Json& truncated = member(*answer, "truncated");
    const Json& status = member(*answer, "exitStatus");
    if (output.is_string()) {
        end.output = output.get<std::string>();
    } else {
        end.lacks_output = "the editor's answer held no output";
    }
    if (truncated.is_boolean() && truncated.get<bool>()) end.kept = end.output.size();
    if (end.why == unsaid_end && status.is_object()) take_exit(status, end);
}

}  // namespace

// Shared by who waits for the terminal and who waits for the answer, which may come later.
struct EditorTerminals::Creation {
    explicit Creation(async::Loop& loop) : answer(loop) {}
    async::OneShot<Result<Json>> answer;
    bool is_given_up = false;
};

EditorTerminals::EditorTerminals(async::Loop& loop, rpc::Connection& connection,
                                 std::string session_id, std::vector<std::string> withheld)
    : loop_(loop),
      connection_(connection),
      session_id_(std::move(session_id)),
      withheld_(std::move(withheld)) {}

std::string EditorTerminals::create_params(const TerminalCommand& command) const {
    Json arguments = Json::array({"-c", script_for(command.unset, withheld_)});
    for (const std::string& one : command.argv) arguments.push_back(one);
    return dump_json(Json{{"sessionId", session_id_},
                          {"command", "/bin/sh"},
                          {"args", std::move(arguments)},
                          {"cwd", command.directory},
                          {"env", variables_of(command.environment)},
                          {"outputByteLimit", output_limit}});
}

std::string EditorTerminals::params(const std::string& terminal_id) const {
    return dump_json(Json{{"sessionId", session_id_}, {"terminalId", terminal_id}});
}

void EditorTerminals::release(const std::string& terminal_id) {
    connection_.post("terminal/release", params(terminal_id));
}

async::Task<Result<Json>> EditorTerminals::ask(std::string method, const std::string& terminal_id,
                                               std::chrono::milliseconds limit) {
    std::string text = params(terminal_id);
    co_return co_await connection_.call(std::move(method), std::move(text), limit);
}

// For as long as it takes: the command of a terminal that comes too late must not go on.
async::Task<void> EditorTerminals::await_creation(std::int64_t id,
                                                  std::shared_ptr<Creation> creation) {
    Result<Json> answer = co_await connection_.answer(id, std::chrono::milliseconds(0));
    const std::string terminal_id = answer ? text_member(*answer, "terminalId") : std::string();
    const bool is_late = creation->is_given_up || !creation->answer.set(std::move(answer));
    if (is_late && !terminal_id.empty()) release(terminal_id);
}

async::Task<Result<std::string>> EditorTerminals::create(const TerminalCommand& command) {
    auto creation = std::make_shared<Creation>(loop_);
    const std::int64_t id = connection_.begin("terminal/create", create_params(command));
    connection_.scope().spawn(await_creation(id, creation));
    async::Timer patience(loop_, [creation] {
        creation->answer.set(fail(Code::timed_out, "it did not answer in time"));
    });
    patience.start(create_timeout);
    Result<Result<Json>> answer = co_await creation->answer.wait();
    creation->is_given_up = true;
    if (!answer) co_return answer.error();
    if (!*answer) co_return answer->error();
    std::string terminal_id = text_member(**answer, "terminalId");
    if (terminal_id.empty()) co_return fail(Code::internal, "its answer names no terminal");
    co_return terminal_id;
}

// An error of the editor's means that it started nothing. Who does not answer once is not asked
// again, so that not every command has to wait.
Result<TerminalEnd> EditorTerminals::without_terminal(const Error& why, bool is_stopped) {
    const bool is_unanswered = why.code == Code::timed_out || why.code == Code::cancelled;
    const bool is_refused = !is_unanswered && why.code != Code::internal;
    if ((is_unanswered && !is_stopped) || why.code == Code::unavailable) is_usable_ = false;
    if (is_refused) return fail(Code::unavailable, why.message);
    TerminalEnd end;
    end.how = is_stopped ? TerminalEnd::How::cancelled : TerminalEnd::How::failed;
    end.why = "the editor was asked for a terminal: " + one_line(why.message, 300) + perhaps_ran;
    return end;
}

async::Task<Result<TerminalEnd>> EditorTerminals::run(TerminalCommand command) {
    std::stop_token stop = co_await async::current_stop();
    Result<std::string> created = co_await create(command);
    if (!created) co_return without_terminal(created.error(), stop.stop_requested());
    const std::string& terminal_id = *created;
    if (view_.show) view_.show(command.call_id, terminal_id);
    Result<Json> exit = co_await ask("terminal/wait_for_exit", terminal_id, command.timeout);
    TerminalEnd end = end_of(exit, stop.stop_requested());
    co_await async::shielded(wind_up(terminal_id, end));
    co_return end;
}

async::Task<void> EditorTerminals::wind_up(const std::string& terminal_id, TerminalEnd& end) {
    const bool is_hurried = end.how == TerminalEnd::How::cancelled;
    const std::chrono::milliseconds limit = is_hurried ? hurry : answer_timeout;
    if (end.how != TerminalEnd::How::exited) {
        Result<Json> killed = co_await ask("terminal/kill", terminal_id, limit);
        (void)killed;  // the release kills too
    }
    Result<Json> output = co_await ask("terminal/output", terminal_id, limit);
    take_output(output, end);
    release(terminal_id);
}

}  // namespace thole::acp
