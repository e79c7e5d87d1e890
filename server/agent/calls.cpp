#include "agent/calls.hpp"

#include <chrono>

#include "async/confinement.hpp"
#include "async/scope.hpp"
#include "base/json.hpp"
#include "base/text.hpp"
#include "journal/secrets.hpp"

namespace thole {
namespace {

std::int64_t steady_ms() {
    using namespace std::chrono;
    return duration_cast<milliseconds>(steady_clock::now().time_since_epoch()).count();
}

std::string tool_names(const ToolSet& tools, const ToolContext& context, const Profiles& profiles,
                       const State& state) {
    std::string names;
    for (const ToolFacts* facts : tools.facts()) {
        bool is_its = has_tool(profiles, state, facts->name);
        if (is_its && tools.find(facts->name)->is_usable(context))
            names += (names.empty() ? "" : ", ") + facts->name;
    }
    return names;
}

std::string denial_text(const std::string& by, const std::string& reason) {
    std::string who = by == "user"   ? "The user denied this call"
                      : by == "hook" ? "A hook of the user's denied this call"
                                     : "This call was denied";
    return who + (reason.empty() ? "." : ": " + reason) +
           "\nNothing was done. Do not try the same in another way; go on without it or explain "
           "what it is needed for.";
}

}  // namespace

CallRunner::CallRunner(ToolSet& tools, ToolContext& context, Conversation& conversation,
                       Permissions permissions)
    : tools_(tools),
      context_(context),
      conversation_(conversation),
      permissions_(permissions),
      changes_(context.loop, context.roots, conversation) {}

bool CallRunner::is_read_only(const model::ToolCall& call) const {
    Tool* tool = tools_.find(call.name);
    return tool && tool->facts().effect == Effect::read;
}

async::Task<Result<void>> CallRunner::run(std::vector<model::ToolCall> calls,
                                          std::string message_id) {
    std::stop_token stop = co_await async::current_stop();
    std::size_t next = 0;
    while (next < calls.size() && !stop.stop_requested() && conversation_.health()) {
        async::Scope together(stop);
        bool is_reading = is_read_only(calls[next]);
        do {
            together.spawn(run_one(calls[next], message_id));
            ++next;
        } while (is_reading && next < calls.size() && is_read_only(calls[next]));
        co_await together.join();
    }
    if (stop.stop_requested()) co_return cancelled();
    co_return conversation_.health();
}

// Also after a stop: every call that has begun gets its end.
async::Task<Result<void>> CallRunner::resume(std::vector<ToolCallStarted> open) {
    for (const ToolCallStarted& recorded : open) co_await resume_one(recorded);
    std::stop_token stop = co_await async::current_stop();
    if (stop.stop_requested()) co_return cancelled();
    co_return conversation_.health();
}

async::Task<void> CallRunner::resume_one(const ToolCallStarted& recorded) {
    auto input = std::make_shared<const Json>(*recorded.input);
    Running call{{recorded.call_id, recorded.tool, std::move(input), {}},
                 recorded.message_id,
                 nullptr,
                 {},
                 steady_ms(),
                 &recorded};
    Tool* tool = tools_.find(recorded.tool);
    bool goes_on = tool && tool->facts().resumes;
    if (!pending(call) && !goes_on) {
        refuse(call, "the process that ran it ended; it may have done a part of its work");
        co_return;
    }
    if (has_redaction(dump_json(*recorded.input))) {
        refuse(call, "its input held a secret, which is not kept on the disk");
        co_return;
    }
    co_await prepare_and_run(call);
}

async::Task<void> CallRunner::run_one(model::ToolCall request, std::string message_id) {
    Running call{std::move(request), std::move(message_id), nullptr, {}, steady_ms(), nullptr};
    co_await prepare_and_run(call);
}

async::Task<void> CallRunner::prepare_and_run(Running& call) {
    call.tool = tools_.find(call.request.name);
    JsonValue input(*call.request.input);
    call.prepared.input = input;
    call.prepared.title = call.request.name;
    if (std::string why = missing_tool(call); !why.empty()) {
        call.tool = nullptr;
        refuse(call, std::move(why));
        co_return;
    }
    if (!call.request.broken_input.empty()) {
        refuse(call, "the input is not valid JSON: " + one_line(call.request.broken_input, 200));
        co_return;
    }
    Result<Prepared> prepared = co_await call.tool->prepare(context_, input);
    if (!prepared) {
        refuse(call, prepared.error().message);
        co_return;
    }
    call.prepared = std::move(*prepared);
    if (call.recorded && call.recorded->diffs != call.prepared.diffs) {
        refuse(call, "the files have changed since it was shown what it would do");
        co_return;
    }
    co_await run_prepared(call);
}

// "" when the agent that works has it.
std::string CallRunner::missing_tool(const Running& call) const {
    const State& state = conversation_.state();
    const std::string& name = call.request.name;
    bool exists = call.tool && call.tool->is_usable(context_);
    if (exists && has_tool(permissions_.profiles, state, name)) return {};
    std::string names =
        "; the tools are: " + tool_names(tools_, context_, permissions_.profiles, state);
    if (!exists) return "there is no tool '" + name + "'" + names;
    const std::string& agent = working_agent(state);
    std::string who = agent.empty() ? "this agent" : "agent '" + agent + "'";
    if (!state.turn_tools.empty()) who = "this turn, by the command that began it,";
    return who + " has no tool '" + name + "'" + names;
}

async::Task<void> CallRunner::run_prepared(Running& call) {
    call.prepared.call_id = call.request.id;
    begin(call);
    bool allowed = co_await is_allowed(call);
    if (!allowed) co_return;
    if (effect_of(call) != Effect::read) {
        Result<void> on_disk = co_await conversation_.sync();
        if (!on_disk) {
            end(call, "failed", {true, "not run: " + on_disk.error().message, {}, {}, {}, {}});
            co_return;
        }
    }
    ToolOutcome outcome = co_await run_tool(call);
    std::stop_token stop = co_await async::current_stop();
    std::string status = outcome.failed ? "failed" : "completed";
    if (outcome.failed && stop.stop_requested()) status = "cancelled";
    co_await tell_hooks(call, status, outcome);
    end(call, std::move(status), std::move(outcome));
}

// Other tools say themselves what they change.
async::Task<ToolOutcome> CallRunner::run_tool(Running& call) {
    std::optional<Stock> before;
    bool may_change = !call.prepared.command.empty() && !call.prepared.read_only;
    if (may_change) before = co_await changes_.before();
    ToolOutcome outcome = co_await call.tool->run(context_, call.prepared);
    if (before) outcome.changed_files = co_await changes_.since(std::move(*before));
    co_return outcome;
}

async::Task<bool> CallRunner::is_allowed(Running& call) {
    if (effect_of(call) != Effect::read) conversation_.check_plan();
    Result<std::string> held = co_await holder(call);
    Decision decision = decide_on(call, held);
    call.prepared.read_only = decision.read_only;
    bool is_asked_hooks = decision.verdict != Verdict::deny && has_hooks(HookEvent::pre_tool);
    bool is_objected = false;
    if (is_asked_hooks) is_objected = co_await ask_hooks(call, decision);
    if (is_objected) co_return false;
    bool is_denied = decision.verdict == Verdict::deny && !decision.nobody_to_ask;
    if (decision.verdict == Verdict::ask || (pending(call) && !is_denied)) {
        bool allowed = co_await ask(call, std::move(decision));
        co_return allowed;
    }
    bool allowed = decision.verdict == Verdict::allow;
    const char* by = decision.nobody_to_ask ? "nobody" : "policy";
    resolve(call, allowed ? "allow" : "deny", by, decision.why);
    if (!allowed) tell_refused(call, decision);
    if (!allowed) end(call, "denied", {true, denial_text("policy", decision.why), {}, {}, {}, {}});
    co_return allowed;
}

async::Task<bool> CallRunner::ask(Running& call, Decision decision) {
    ApprovalRequested request{call.request.id,     call.request.name,     call.prepared.input,
                              decision.why,        decision.closest_rule, decision.always_rules,
                              decision.always_says};
    if (const ApprovalRequested* asked = pending(call)) request = *asked;
    std::int64_t asked_ms = steady_ms();
    ApprovalAnswer answer = co_await conversation_.ask_approval(std::move(request));
    call.began_ms += steady_ms() - asked_ms;
    if (answer.allowed) co_return true;
    if (answer.is_cancelled) {
        end(call, "cancelled",
            {true, "The turn was cancelled before this call was approved.", {}, {}, {}, {}});
        co_return false;
    }
    end(call, "denied", {true, denial_text("user", answer.reason), {}, {}, {}, {}});
    co_return false;
}

// What a hook reads of a call. The input is the model's words: material, as for us.
HookOccasion CallRunner::occasion_of(HookEvent event, const Running& call) {
    HookOccasion occasion;
    occasion.event = event;
    occasion.call_id = call.request.id;
    occasion.call = subject_of(call);
    occasion.more =
        JsonValue(Json{{"input", *call.prepared.input}, {"title", call.prepared.title}});
    return occasion;
}

// True: the call ends here. A hook can only take away: what it asks for is asked, or denied where
// nobody can be.
async::Task<bool> CallRunner::ask_hooks(Running& call, Decision& decision) {
    HookOccasion occasion = occasion_of(HookEvent::pre_tool, call);
    HookVerdict verdict = co_await permissions_.hooks->run(std::move(occasion));
    std::stop_token stop = co_await async::current_stop();
    call.added = std::move(verdict.context);
    if (stop.stop_requested()) {
        resolve(call, "cancelled", "hook", "the turn was cancelled");
        end(call, "cancelled", {true, "The turn was cancelled before this call.", {}, {}, {}, {}});
        co_return true;
    }
    if (verdict.blocks) {
        resolve(call, "deny", "hook", verdict.reason);
        end(call, "denied", {true, denial_text("hook", verdict.reason), {}, {}, {}, {}});
        co_return true;
    }
    if (verdict.outcome != "ask") co_return false;
    bool can_ask = conversation_.has_answerer() && mode() != Mode::dont_ask;
    decision.verdict = can_ask ? Verdict::ask : Verdict::deny;
    decision.nobody_to_ask = !can_ask && mode() != Mode::dont_ask;
    decision.why = "a hook wants this to be asked: " + verdict.reason;
    decision.always_rules.clear();
    decision.always_says.clear();
    co_return false;
}

async::Task<void> CallRunner::tell_hooks(Running& call, const std::string& status,
                                         ToolOutcome& outcome) {
    if (status != "cancelled" && has_hooks(HookEvent::post_tool)) {
        HookOccasion occasion = occasion_of(HookEvent::post_tool, call);
        Json more = *occasion.more;
        more["status"] = status;
        more["output"] = to_valid_utf8(outcome.output);
        occasion.more = JsonValue(std::move(more));
        HookVerdict verdict = co_await permissions_.hooks->run(std::move(occasion));
        std::stop_token stop = co_await async::current_stop();
        if (stop.stop_requested()) co_return;
        for (const std::string& words : {verdict.reason, verdict.context}) {
            if (!words.empty()) call.added += (call.added.empty() ? "" : "\n") + words;
        }
    }
    if (!call.added.empty()) outcome.output += "\n[from a hook: " + call.added + "]";
}

Call CallRunner::subject_of(const Running& call) {
    return Call{call.request.name, effect_of(call), call.prepared.command, call.prepared.paths,
                call.prepared.url};
}

// What this call does; a tool that can do more says when a call does less.
Effect CallRunner::effect_of(const Running& call) {
    return call.prepared.effect.value_or(call.tool->facts().effect);
}

// An agent that only reads is held as in plan mode.
Mode CallRunner::mode() const {
    const Profile* working = profile();
    if (working && working->is_read_only) return Mode::plan;
    return parse_mode(conversation_.state().mode).value_or(Mode::default_);
}

// Proving it takes a moment, so only where the answer counts.
async::Task<Result<std::string>> CallRunner::holder(const Running& call) {
    if (mode() != Mode::plan || call.prepared.command.empty()) co_return std::string();
    Result<std::string> proof = co_await context_.loop.confinement().proof();
    co_return proof;
}

Decision CallRunner::decide_on(const Running& call, const Result<std::string>& held) const {
    const State& state = conversation_.state();
    Call asked = subject_of(call);
    // Rules that were granted came out of decide() and parse; one that does not any more (an older
    // version's) grants nothing.
    Rules granted = parse_rules({conversation_.granted_rules(), {}, {}}).value_or(Rules{});
    Policy policy{mode(), permissions_.configured, granted, context_.roots,
                  conversation_.has_answerer()};
    policy.read_only_holds = held ? *held : "";
    policy.read_only_lacks = held ? "" : held.error().message;
    Decision decision = decide(asked, policy);
    bool is_reader = state.mode != "plan" && mode() == Mode::plan;
    if (is_reader && decision.verdict == Verdict::deny) {
        decision.why = "agent '" + working_agent(state) + "' only reads; " + decision.why;
    }
    return decision;
}

// What was to be done and is not: the reason of a refused call that only reads is enough.
void CallRunner::tell_refused(const Running& call, const Decision& decision) {
    if (mode() != Mode::plan || effect_of(call) == Effect::read) return;
    EffectRefused refused;
    refused.call_id = call.request.id;
    refused.tool = call.request.name;
    refused.effect = effect_name(effect_of(call));
    bool is_reader = conversation_.state().mode != "plan";
    refused.by = is_reader ? "agent " + working_agent(conversation_.state()) : "mode plan";
    if (!decision.closest_rule.empty()) refused.by = "rule";
    refused.reason = decision.why;
    std::vector<std::string> things = call.prepared.paths;
    if (!call.prepared.command.empty()) things = {call.prepared.command};
    if (!call.prepared.url.empty()) things = {call.prepared.url};
    if (things.empty()) things = {call.prepared.title};
    for (std::string& thing : things) {
        refused.what = one_line(thing, 400);
        conversation_.emit(refused);
    }
}

// The approval that a process before this one has asked for; null when there is none.
const ApprovalRequested* CallRunner::pending(const Running& call) const {
    if (!call.recorded) return nullptr;
    for (const ApprovalRequested& approval : conversation_.state().pending_approvals) {
        if (approval.call_id == call.request.id) return &approval;
    }
    return nullptr;
}

void CallRunner::begin(const Running& call) {
    if (call.recorded) return;
    ToolCallStarted started;
    started.call_id = call.request.id;
    started.tool = call.request.name;
    started.message_id = call.message_id;
    started.title = call.prepared.title;
    started.kind = call.tool ? call.tool->facts().kind : "other";
    started.effect = call.tool ? std::string(effect_name(effect_of(call))) : "other";
    started.input = call.prepared.input;
    started.locations = call.prepared.locations;
    started.diffs = call.prepared.diffs;
    conversation_.emit(std::move(started));
}

void CallRunner::resolve(const Running& call, std::string decision, std::string by,
                         std::string reason) {
    ApprovalResolved resolved;
    resolved.call_id = call.request.id;
    resolved.decision = std::move(decision);
    resolved.scope = "once";
    resolved.by = std::move(by);
    resolved.reason = std::move(reason);
    conversation_.emit(std::move(resolved));
}

void CallRunner::end(const Running& call, std::string status, ToolOutcome outcome) {
    ToolCallCompleted completed;
    completed.call_id = call.request.id;
    completed.status = std::move(status);
    completed.output = std::move(outcome.output);
    completed.content = std::move(outcome.content);
    completed.diffs = std::move(outcome.diffs);
    completed.locations = std::move(outcome.locations);
    completed.changed_files = std::move(outcome.changed_files);
    completed.full_output = std::move(outcome.full_output);
    completed.duration_ms = steady_ms() - call.began_ms;
    conversation_.emit(std::move(completed));
}

// A call that cannot even be prepared: the model reads why.
void CallRunner::refuse(const Running& call, std::string why) {
    if (!call.recorded) {
        begin(call);
        resolve(call, "deny", "policy", why);
        end(call, "failed", {true, std::move(why), {}, {}, {}, {}});
        return;
    }
    if (pending(call)) resolve(call, "cancelled", "policy", why);
    end(call, "interrupted", {true, "This call was interrupted: " + why + ".", {}, {}, {}, {}});
}

}  // namespace thole
