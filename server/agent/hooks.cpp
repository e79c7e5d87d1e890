#include "agent/hooks.hpp"

#include <unistd.h>

#include <algorithm>

#include "agent/profile.hpp"
#include "async/process.hpp"
#include "async/scope.hpp"
#include "async/sleep.hpp"
#include "base/json.hpp"
#include "base/text.hpp"

namespace thole {
namespace {

using namespace std::chrono;

constexpr std::size_t longest_output = 64 * 1024;
constexpr const char* by_stop = "cancelled";

std::int64_t steady_ms() {
    return duration_cast<milliseconds>(steady_clock::now().time_since_epoch()).count();
}

bool is_about_call(HookEvent event) {
    return event == HookEvent::pre_tool || event == HookEvent::post_tool;
}

// What a run has printed, in as far as anybody reads it.
struct Printed {
    std::string out, err;
    void take(async::Stream stream, std::string_view bytes) {
        std::string& kept = stream == async::Stream::out ? out : err;
        kept += bytes.substr(0, longest_output - std::min(longest_output, kept.size()));
    }
};

async::Task<void> end_in_time(async::Loop& loop, async::Process& process, milliseconds patience,
                              bool& is_late) {
    async::Wake wake = co_await async::sleep_for(loop, patience);
    if (wake != async::Wake::done) co_return;
    is_late = true;
    process.terminate();
}

void add(std::string& all, const std::string& more) {
    if (more.empty()) return;
    all += (all.empty() ? "" : "\n") + more;
}

}  // namespace

HookList Hooks::current() const {
    static const HookList none = std::make_shared<const std::vector<Hook>>();
    HookList hooks = parts_.current ? parts_.current() : nullptr;
    return hooks ? hooks : none;
}

bool Hooks::has(HookEvent event) const {
    HookList hooks = current();
    return std::any_of(hooks->begin(), hooks->end(),
                       [&](const Hook& hook) { return hook.event == event; });
}

std::vector<Hook> Hooks::matching(const std::vector<Hook>& hooks,
                                  const HookOccasion& occasion) const {
    std::vector<Hook> found;
    for (const Hook& hook : hooks) {
        if (hook.event != occasion.event) continue;
        bool is_for_all = !hook.match || !is_about_call(hook.event);
        if (is_for_all || may_concern(*hook.match, occasion.call, parts_.roots)) {
            found.push_back(hook);
        }
    }
    return found;
}

std::string Hooks::input_for(const HookOccasion& occasion) const {
    const State& state = parts_.conversation.state();
    Json input = occasion.more.is_absent() ? Json::object() : Json(*occasion.more);
    input["event"] = std::string(hook_event_name(occasion.event));
    input["session_id"] = state.id;
    if (!state.parent_session_id.empty()) input["parent_session_id"] = state.parent_session_id;
    input["cwd"] = state.cwd;
    input["workspace"] = state.workspace;
    input["mode"] = state.mode;
    const std::string& agent = working_agent(state);
    if (!agent.empty()) input["agent"] = agent;
    if (is_about_call(occasion.event)) {
        input["call_id"] = occasion.call_id;
        input["tool"] = occasion.call.tool;
        input["effect"] = std::string(effect_name(occasion.call.effect));
        input["paths"] = occasion.call.paths;
    }
    return dump_json(input) + "\n";
}

async::Task<HookVerdict> Hooks::run(HookOccasion occasion) {
    HookVerdict all;
    HookList known = current();
    std::vector<Hook> hooks = matching(*known, occasion);
    if (hooks.empty()) co_return all;
    Result<void> on_disk = co_await announce(known);
    if (!on_disk) {
        all = {"failed", "the hooks were not run: " + on_disk.error().message, {}, true};
        co_return all;
    }
    std::string input = input_for(occasion);
    for (const Hook& hook : hooks) {
        HookVerdict one = co_await run_one(hook, occasion, input);
        add(all.context, one.context);
        bool objects = one.outcome == "ask" || one.outcome == "feedback";
        if (one.outcome == "feedback" && all.outcome == "feedback") add(all.reason, one.reason);
        if (one.blocks || (objects && all.reason.empty())) {
            all.outcome = one.outcome;
            all.reason = one.reason;
            all.blocks = one.blocks;
        }
        if (one.blocks) break;
    }
    co_return all;
}

// That they run is decided, and on the disk, before the first of them does.
async::Task<Result<void>> Hooks::announce(HookList hooks) {
    if (announced_ && *hooks == *announced_) co_return Result<void>();
    HooksChanged changed;
    for (const Hook& hook : *hooks) changed.hooks.push_back(hook_line(hook));
    parts_.conversation.emit(std::move(changed));
    announced_ = std::move(hooks);
    Result<void> on_disk = co_await parts_.conversation.sync();
    co_return on_disk;
}

async::Task<HookVerdict> Hooks::run_one(const Hook& hook, const HookOccasion& occasion,
                                        const std::string& input) {
    std::int64_t began = steady_ms();
    HookEnd end = co_await start(hook, input);
    std::stop_token stop = co_await async::current_stop();
    HookVerdict verdict = verdict_of(hook, end);
    if (stop.stop_requested()) verdict = {"failed", by_stop, {}, true};
    if (!verdict.outcome.empty()) record(hook, occasion, verdict, steady_ms() - began);
    co_return verdict;
}

void Hooks::record(const Hook& hook, const HookOccasion& occasion, const HookVerdict& verdict,
                   std::int64_t duration_ms) {
    HookRan ran;
    ran.event = hook_event_name(hook.event);
    ran.command = hook.command;
    ran.source = hook.source;
    ran.call_id = occasion.call_id;
    ran.tool = occasion.call.tool;
    ran.message_id = occasion.message_id;
    ran.outcome = verdict.outcome;
    ran.reason = verdict.reason;
    ran.context = verdict.context;
    ran.blocked = verdict.blocks;
    ran.duration_ms = duration_ms;
    parts_.conversation.emit(std::move(ran));
}

// The worktree of a sub-agent that has changed nothing is gone before its end is told.
std::string Hooks::directory_of(const Hook& hook) const {
    if (!hook.directory.empty()) return hook.directory;
    const State& state = parts_.conversation.state();
    return ::access(state.cwd.c_str(), X_OK) == 0 ? state.cwd : state.workspace;
}

async::Task<HookEnd> Hooks::start(const Hook& hook, const std::string& input) {
    HookEnd end;
    Printed printed;
    async::ProcessOptions options;
    options.argv = {"/bin/sh", "-c", hook.command};
    options.cwd = directory_of(hook);
    options.env = parts_.environment;
    options.stdin_text = input;
    async::OutputSink sink = [&printed](async::Stream stream, std::string_view bytes) {
        printed.take(stream, bytes);
    };
    Result<std::unique_ptr<async::Process>> process =
        async::Process::spawn(parts_.loop, std::move(options), std::move(sink));
    if (!process) {
        end.fault = process.error().message;
        co_return end;
    }
    async::Scope clock;
    clock.spawn(end_in_time(parts_.loop, **process, patience_of(hook), end.is_late));
    async::Exit exit = co_await (*process)->wait();
    clock.request_stop();
    co_await clock.join();
    bool leaves = (*process)->leaves_processes();
    if (leaves) {
        (*process)->terminate();
        async::Exit emptied = co_await (*process)->wait();
        (void)emptied;
    }
    end.code = exit.code;
    end.signal = exit.signal;
    end.out = std::move(printed.out);
    end.err = std::move(printed.err);
    co_return end;
}

}  // namespace thole
