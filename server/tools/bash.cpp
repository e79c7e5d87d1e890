#include <chrono>

#include "async/confinement.hpp"
#include "async/process.hpp"
#include "async/sleep.hpp"
#include "async/worker.hpp"
#include "base/json.hpp"
#include "base/text.hpp"
#include "tools/attempts.hpp"
#include "tools/bash_terminal.hpp"
#include "tools/facts.hpp"
#include "tools/jobs.hpp"
#include "tools/live_output.hpp"
#include "tools/shell_command.hpp"
#include "tools/standard.hpp"
#include "tools/terminal_text.hpp"

namespace thole {

namespace {

constexpr std::string_view properties = R"json({
  "command": {"type": "string"},
  "description": {"type": "string", "description": "what it is for, in a few words"},
  "timeout_ms": {"type": "integer", "minimum": 1, "maximum": 600000},
  "run_in_background": {"type": "boolean"},
  "job": {"type": "string", "description": "name of a background job, with action, without command"},
  "action": {"type": "string", "enum": ["output", "kill"]}
})json";

constexpr std::size_t max_command = 100'000;
constexpr std::size_t max_collected = 100U << 20U;

struct BashInput {
    std::string command, description, job, action;
    std::int64_t timeout_ms = 120'000;
    bool in_background = false;
};

void check_command(Fields& fields, const BashInput& wanted) {
    if (!wanted.job.empty()) {
        for (const std::string_view key : {"command", "timeout_ms", "run_in_background"}) {
            if (fields.has(key)) fields.fail_at(key, "does not go together with job");
        }
        if (wanted.action.empty()) fields.fail_at("action", "is missing: \"output\" or \"kill\"");
        return;
    }
    if (!wanted.action.empty()) fields.fail_at("job", "is missing: the name of a background job");
    if (trim(wanted.command).empty()) fields.fail_at("command", "is missing or empty");
    if (wanted.command.size() > max_command) {
        fields.fail_at("command", "is longer than 100,000 bytes; write a script file and run it");
    }
    if (wanted.command.find('\0') != std::string::npos) {
        fields.fail_at("command", "holds a NUL character");
    }
    if (wanted.in_background && fields.has("timeout_ms")) {
        fields.fail_at("timeout_ms", "does not go together with run_in_background");
    }
}

Result<BashInput> bash_input(const Json& input) {
    Fields fields(input, "bash");
    fields.only({"command", "description", "timeout_ms", "run_in_background", "job", "action"});
    BashInput wanted;
    wanted.command = fields.text_or("command", "");
    wanted.description = fields.text_or("description", "");
    wanted.job = fields.text_or("job", "");
    wanted.action = fields.optional_one_of("action", {"output", "kill"}).value_or("");
    wanted.timeout_ms = fields.optional_integer("timeout_ms", 1, 600'000).value_or(120'000);
    wanted.in_background = fields.flag("run_in_background", false);
    if (fields.ok()) check_command(fields, wanted);
    if (Result<void> read = fields.finish(); !read) return read.error();
    return wanted;
}

std::string title_for(const BashInput& wanted) {
    if (!wanted.job.empty()) {
        return title_of((wanted.action == "kill" ? "End " : "Output of ") + wanted.job);
    }
    const std::string command = "`" + one_line(wanted.command, 180) + "`";
    if (wanted.description.empty()) return title_of(command);
    return title_of(wanted.description + ": " + command);
}

// A command that runs in the foreground, and what it has printed so far.
class Foreground {
public:
    Foreground(ToolHost& host, const std::string& call_id) : live_(host, call_id) {}

    void started(async::Process& process) { process_ = &process; }
    void printed(std::string_view bytes) {
        if (is_too_much_) return;
        output_ += bytes;
        live_.add(bytes);
        if (output_.size() <= max_collected) return;
        is_too_much_ = true;
        process_->terminate();
    }
    void time_is_up() {
        is_late_ = true;
        process_->terminate();
    }
    std::string take_output() {
        live_.finish();
        return std::move(output_);
    }
    // How it ended, for the model; `stopped`: by the session.
    std::string ending(const async::Exit& exit, std::int64_t timeout_ms, bool stopped) const {
        if (stopped) return cancelled_line;
        if (is_late_) return timeout_line(std::chrono::milliseconds(timeout_ms));
        if (is_too_much_) return "[killed: it printed more than 100 MB]";
        return exit_line(exit);
    }
    bool was_killed() const { return is_late_ || is_too_much_; }

private:
    async::Process* process_ = nullptr;
    std::string output_;
    LiveOutput live_;
    bool is_late_ = false;
    bool is_too_much_ = false;
};

async::Task<void> watch_time(async::Loop& loop, std::int64_t timeout_ms, Foreground& command) {
    const std::chrono::milliseconds timeout(timeout_ms);
    async::Wake wake = co_await async::sleep_for(loop, timeout);
    if (wake == async::Wake::done) command.time_is_up();
}

// How the command is started. Error: it may only read, and nothing sees to that.
async::Task<Result<async::ProcessOptions>> options_of(ToolContext& context, const BashInput& wanted,
                                                      const Prepared& prepared) {
    async::ProcessOptions options =
        shell_command(wanted.command, context.roots.cwd(), context.environment);
    if (!prepared.read_only) co_return std::move(options);
    Result<std::string> held = co_await context.loop.confinement().proof();
    if (!held) co_return held.error();
    only_read(options);
    options.on_refused = tell_attempts(context.host, prepared.call_id, *held);
    co_return std::move(options);
}

// Those that are known when the command ends; what it leaves running goes on telling.
async::RefusalSink also_into(std::shared_ptr<std::vector<async::Refusal>> known,
                             async::RefusalSink tell) {
    return [known = std::move(known), tell = std::move(tell)](const async::Refusal& refusal) {
        known->push_back(refusal);
        tell(refusal);
    };
}

// What was refused, before the line that says how it ended.
std::string with_attempts(const std::vector<async::Refusal>& refused, const std::string& ending) {
    const std::string line = attempts_line(refused);
    return line.empty() ? ending : line + "\n" + ending;
}

async::Task<ToolOutcome> run_here(ToolContext& context, const BashInput& wanted,
                                  async::ProcessOptions options, const std::string& call_id) {
    Foreground command(context.host, call_id);
    auto refused = std::make_shared<std::vector<async::Refusal>>();
    if (options.on_refused) options.on_refused = also_into(refused, std::move(options.on_refused));
    async::OutputSink sink = [&command](async::Stream, std::string_view bytes) {
        command.printed(bytes);
    };
    Result<std::unique_ptr<async::Process>> process =
        async::Process::spawn(context.loop, std::move(options), std::move(sink));
    if (!process) co_return failed_outcome(process.error().message);
    command.started(**process);
    std::stop_token stop = co_await async::current_stop();
    async::Scope clock;
    clock.spawn(watch_time(context.loop, wanted.timeout_ms, command));
    async::Exit exit = co_await (*process)->wait();
    clock.request_stop();
    co_await clock.join();
    const bool stopped = stop.stop_requested();
    if (!stopped && (*process)->leaves_processes()) context.jobs.keep(std::move(*process));
    auto clean = [raw = command.take_output()](std::stop_token) { return terminal_text(raw); };
    std::string text = co_await async::on_worker(context.loop, std::move(clean));
    const std::string ending = command.ending(exit, wanted.timeout_ms, stopped);
    ToolOutcome outcome =
        long_outcome(context.host, std::move(text), with_attempts(*refused, ending));
    outcome.failed = stopped || command.was_killed() || exit != async::Exit{};
    co_return std::move(outcome);
}

ToolOutcome run_in_background(ToolContext& context, const BashInput& wanted,
                              async::ProcessOptions options) {
    Result<std::string> name = context.jobs.start(std::move(options), wanted.command);
    if (!name) return failed_outcome(name.error().message);
    ToolOutcome outcome;
    outcome.output = "[" + *name + " runs in the background; {\"job\":\"" + *name +
                     "\",\"action\":\"output\"} gives its output, \"kill\" ends it]";
    return outcome;
}

ToolOutcome reported(ToolHost& host, const std::string& name, const JobReport& report) {
    std::string text;
    if (report.forgotten > 0) {
        text = "[" + std::to_string(report.forgotten) + " earlier bytes were not kept]\n";
    }
    text += report.output.empty() ? "[no new output]" : terminal_text(report.output);
    const std::string state = report.exit ? exit_text(*report.exit) : "still running";
    const std::string ending = "[" + name + ": " + state + "]";
    return long_outcome(host, std::move(text), with_attempts(report.refused, ending));
}

async::Task<ToolOutcome> look_after(ToolContext& context, const BashInput& wanted) {
    if (wanted.action == "output") {
        Result<JobReport> report = context.jobs.report(wanted.job);
        if (!report) co_return failed_outcome(report.error().message);
        co_return reported(context.host, wanted.job, *report);
    }
    std::string name = wanted.job;
    Result<JobReport> last = co_await context.jobs.kill(std::move(name));
    if (!last) co_return failed_outcome(last.error().message);
    co_return reported(context.host, wanted.job, *last);
}

class Bash final : public Tool {
public:
    const ToolFacts& facts() const override { return facts_; }

    async::Task<Result<Prepared>> prepare(ToolContext&, JsonValue input) override {
        Result<BashInput> wanted = bash_input(*input);
        if (!wanted) co_return wanted.error();
        Prepared prepared;
        prepared.title = title_for(*wanted);
        prepared.command = wanted->command;
        if (!wanted->job.empty()) prepared.effect = Effect::read;
        prepared.input = std::move(input);
        co_return std::move(prepared);
    }

    async::Task<ToolOutcome> run(ToolContext& context, const Prepared& prepared) override {
        Result<BashInput> wanted = bash_input(*prepared.input);
        if (!wanted) co_return failed_outcome(wanted.error().message);
        if (!wanted->job.empty()) {
            ToolOutcome report = co_await look_after(context, *wanted);
            co_return std::move(report);
        }
        Result<async::ProcessOptions> options = co_await options_of(context, *wanted, prepared);
        if (!options) co_return failed_outcome("not run: " + options.error().message);
        if (wanted->in_background) {
            co_return run_in_background(context, *wanted, std::move(*options));
        }
        async::ProcessOptions started = std::move(*options);
        if (!prepared.read_only && stays_in_foreground(wanted->command)) {
            const std::chrono::milliseconds timeout(wanted->timeout_ms);
            std::optional<ToolOutcome> seen =
                co_await run_in_terminal(context, started, timeout, prepared.call_id);
            if (seen) co_return std::move(*seen);
        }
        ToolOutcome outcome =
            co_await run_here(context, *wanted, std::move(started), prepared.call_id);
        co_return std::move(outcome);
    }

private:
    ToolFacts facts_ = tool_facts("bash", Effect::execute, "execute", properties, {});
};

}  // namespace

std::unique_ptr<Tool> bash_tool() {
    return std::make_unique<Bash>();
}

}  // namespace thole
