#include "cli/run.hpp"

#include <unistd.h>

#include <filesystem>

#include "async/sleep.hpp"
#include "base/json.hpp"
#include "base/text.hpp"
#include "cli/exit_code.hpp"
#include "cli/watch.hpp"

namespace thole::cli {
namespace {

std::string read_standard_input() {
    std::string text;
    char buffer[16384];
    for (ssize_t got = 0; (got = read(STDIN_FILENO, buffer, sizeof buffer)) > 0;) {
        text.append(buffer, static_cast<std::size_t>(got));
    }
    return text;
}

Result<std::string> prompt_of(const Invocation& invocation) {
    std::string prompt = invocation.prompt;
    bool is_piped = prompt == "-" || (prompt.empty() && !isatty(STDIN_FILENO));
    if (is_piped) prompt = read_standard_input();
    if (!trim(prompt).empty()) return prompt;
    return fail(Code::invalid_argument,
                is_piped ? "standard input holds no prompt"
                         : "there is no prompt; write thole run --prompt \"what to do\"");
}

std::vector<std::string> absolute(const std::vector<std::string>& directories) {
    std::vector<std::string> result;
    result.reserve(directories.size());
    for (const std::string& one : directories) {
        result.push_back(std::filesystem::absolute(one).lexically_normal().string());
    }
    return result;
}

// The limits of the configuration, and those of the command line over them.
Limits limits_of(const Parts& parts, const Invocation& invocation) {
    Limits limits = parts.config().limits;
    limits.max_tool_calls = invocation.limits.max_tool_calls;
    if (invocation.limits.max_tokens_total > 0) {
        limits.max_tokens_total = invocation.limits.max_tokens_total;
    }
    if (invocation.limits.max_cost > 0) limits.max_cost = invocation.limits.max_cost;
    return limits;
}

// A model that is not there is a setting to mend, not a missing session.
Error as_setting(Error error) {
    if (error.code == Code::not_found) error.code = Code::configuration;
    return error;
}

async::Task<Result<Session*>> open_session(Parts& parts, const Invocation& invocation) {
    if (invocation.id.empty()) {
        NewSession fresh;
        fresh.cwd = parts.cwd;
        fresh.additional_directories = absolute(invocation.allowed_directories);
        fresh.model = invocation.model;
        fresh.mode = invocation.mode;
        fresh.limits = limits_of(parts, invocation);
        Result<Session*> created = co_await parts.sessions.create(std::move(fresh));
        if (!created) co_return as_setting(created.error());
        co_return created;
    }
    Result<std::string> id = resolve_session(parts.config(), parts.cwd, invocation.id);
    if (!id) co_return id.error();
    OpenSession known;
    known.id = *id;
    known.cwd = parts.cwd;
    known.additional_directories = absolute(invocation.allowed_directories);
    known.model = invocation.model;
    known.mode = invocation.mode;
    known.limits = limits_of(parts, invocation);
    co_return co_await parts.sessions.open(std::move(known));
}

Watch::Options watch_options(const Invocation& invocation, const Output& output) {
    Watch::Options options;
    options.streaming = invocation.streaming;
    bool is_human = invocation.streaming == Streaming::human;
    options.shows_answer = is_human && !invocation.json;
    options.shows_progress = is_human && (output.is_error_terminal() || invocation.verbose);
    options.shows_thoughts = invocation.verbose;
    return options;
}

async::Task<void> cancel_after(async::Loop& loop, Session& session, RunReport& report,
                               std::chrono::seconds timeout) {
    async::Wake wake = co_await async::sleep_for(loop, timeout);
    if (wake == async::Wake::stopped) co_return;
    report.limit = "timeout";
    Result<std::string> cancelled = session.submit(Cancel{});
    (void)cancelled;  // a broken journal has ended the turn already
}

// Sends the prompt and waits for its end.
async::Task<void> converse(Parts& parts, Session& session, Watch& watch,
                           const Invocation& invocation) {
    SendMessage message;
    message.content = invocation.prompt;
    Result<std::string> sent = session.submit(std::move(message));
    if (!sent) {
        watch.report() = report_of_failure(sent.error());
        co_return;
    }
    watch.expect(*sent);
    std::stop_token stop = co_await async::current_stop();
    async::Scope scope(stop);
    scope.spawn(cancel_at_signal(parts.loop, session));
    if (invocation.timeout.count() > 0) {
        scope.spawn(cancel_after(parts.loop, session, watch.report(), invocation.timeout));
    }
    co_await watch.until_ended();
    scope.request_stop();
    co_await scope.join();
}

int finish(Output& output, const Invocation& invocation, const RunReport& report) {
    if (invocation.json) {
        output.answer(dump_json(report.to_json()) + "\n");
    } else if (invocation.streaming == Streaming::off && !report.answer.empty()) {
        output.answer(report.answer + (report.answer.back() == '\n' ? "" : "\n"));
    }
    int code = report.exit_code();
    if (!report.error.empty()) output.complain(report.error);
    bool says_why = report.error.empty() && !output.is_error_terminal();
    if (says_why && code == exit_limit) {
        output.complain("stopped at the limit " +
                        (report.limit.empty() ? report.stop_reason : report.limit));
    }
    if (code == exit_unapproved) {
        output.complain("not allowed, and nobody could be asked: " + report.denied.front().title +
                        "; allow it with --permission-mode or a rule in [permissions]");
    }
    return code;
}

}  // namespace

async::Task<int> run_prompt(Parts& parts, Invocation invocation) {
    Result<std::string> prompt = prompt_of(invocation);
    if (!prompt) {
        parts.output.complain(prompt.error().message);
        co_return exit_usage;
    }
    invocation.prompt = std::move(*prompt);
    Result<Session*> opened = co_await open_session(parts, invocation);
    if (!opened) {
        RunReport report = report_of_failure(opened.error());
        co_return finish(parts.output, invocation, report);
    }
    Session& session = **opened;
    Watch watch(parts.loop, parts.output, watch_options(invocation, parts.output));
    watch.begin(session);
    if (!session.damage().is_whole()) parts.output.complain(session.damage().text());
    co_await converse(parts, session, watch, invocation);
    std::string id = session.state().id;
    co_await parts.sessions.close(std::move(id));
    co_return finish(parts.output, invocation, watch.report());
}

}  // namespace thole::cli
