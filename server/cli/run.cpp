#include "cli/run.hpp"

#include <unistd.h>

#include "async/sleep.hpp"
#include "base/json.hpp"
#include "base/text.hpp"
#include "cli/exit_code.hpp"
#include "cli/opening.hpp"
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

Watch::Options watch_options(const Invocation& invocation, Parts& parts) {
    const Output& output = parts.output;
    Watch::Options options;
    options.sessions = &parts.sessions;
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
    Cancel cancel{"timeout"};
    Result<std::string> cancelled = session.submit(std::move(cancel));
    (void)cancelled;  // a broken journal has ended the turn already
}

// With --yes a plan is approved as it comes; each approval begins a turn of its own.
async::Task<void> approve_plans(Session& session, Watch& watch) {
    while (session.state().plan_status == "in_review" && watch.report().is_good()) {
        ReviewPlan review;
        review.decision = "approved";
        review.revision = session.state().plan.revision;
        Result<std::string> taken = session.submit(std::move(review));
        if (!taken) {
            watch.report().fail(taken.error());
            co_return;
        }
        watch.expect_next(*taken);
        bool has_ended = co_await watch.until_ended();
        if (!has_ended) co_return;
    }
}

// Sends the prompt and waits for its end.
async::Task<void> converse(Parts& parts, Session& session, Watch& watch,
                           const Invocation& invocation) {
    if (invocation.plan) (void)session.submit(SetMode{"plan"});
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
    if (invocation.yes) co_await approve_plans(session, watch);
    bool stays = invocation.action == Action::spawn;
    if (stays) co_await watch.until_idle(session);
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
    if (code == exit_unapproved && !report.denied.empty()) {
        output.complain("not allowed, and nobody could be asked: " + report.denied.front().title +
                        "; allow it with --permission-mode or a rule in [permissions]");
    }
    return code;
}

}  // namespace

Result<std::string> prompt_of(const Invocation& invocation) {
    std::string prompt = invocation.prompt;
    bool is_piped = prompt == "-" || (prompt.empty() && !isatty(STDIN_FILENO));
    if (is_piped) prompt = read_standard_input();
    if (!trim(prompt).empty()) return prompt;
    return fail(Code::invalid_argument,
                is_piped ? "standard input holds no prompt"
                         : "there is no prompt; write thole run --prompt \"what to do\"");
}

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
    co_return co_await run_in_session(parts, **opened, std::move(invocation));
}

async::Task<int> run_in_session(Parts& parts, Session& session, Invocation invocation) {
    Watch watch(parts.loop, parts.output, watch_options(invocation, parts));
    watch.begin(session);
    if (!session.damage().is_whole()) parts.output.complain(session.damage().text());
    co_await converse(parts, session, watch, invocation);
    std::string id = session.state().id;
    bool is_in_review = session.state().plan_status == "in_review";
    watch.report().note_plan(session.state());
    SessionFiles files = session.files();
    std::string plan = is_in_review ? session.state().plan.content : "";
    co_await watch.close();
    co_await parts.sessions.close(std::move(id));
    if (!watch.report().agents.empty()) watch.report().note_tree(agent_tree(files));
    int code = finish(parts.output, invocation, watch.report());
    if (plan.empty()) co_return code;
    bool is_shown = !invocation.json && invocation.streaming != Streaming::ndjson;
    if (is_shown) parts.output.answer(plan + (plan.back() == '\n' ? "" : "\n"));
    parts.output.complain("the plan waits for approval; review it: thole resume " +
                          watch.report().session_id);
    co_return code;
}

}  // namespace thole::cli
