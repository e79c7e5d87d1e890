#include "agent/hook.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "base/json.hpp"
#include "base/text.hpp"

namespace thole {
namespace {

constexpr std::size_t longest_reason = 4096;
constexpr std::size_t longest_context = 16 * 1024;
constexpr int blocking_exit = 2;
constexpr std::chrono::seconds most_at_the_end{5};

constexpr std::array<std::string_view, 8> event_names{
    "pre_tool",    "post_tool",      "prompt",        "session_start",
    "session_end", "subagent_start", "subagent_stop", "compaction"};

std::string clipped(std::string_view text, std::size_t most) {
    return std::string(clip_utf8(trim(to_valid_utf8(text)), most));
}

// Only these can be held up.
bool can_block(HookEvent event) {
    return event == HookEvent::pre_tool || event == HookEvent::prompt;
}

HookVerdict failed(const Hook& hook, const std::string& how, const HookEnd& end) {
    HookVerdict verdict;
    verdict.outcome = "failed";
    verdict.blocks = hook.fails_closed && can_block(hook.event);
    std::string words = clipped(end.err, 500);
    verdict.reason = "the hook '" + one_line(hook.command, 120) + "' (" + hook.source + ") " + how +
                     (words.empty() ? "" : ": " + one_line(words, 400));
    return verdict;
}

// A call that has run cannot be stopped: the model hears of it. Nothing else can be held up.
HookVerdict objection(const Hook& hook, const std::string& outcome, std::string reason) {
    HookVerdict verdict;
    verdict.outcome = outcome;
    if (!can_block(hook.event)) verdict.outcome = "feedback";
    if (hook.event == HookEvent::prompt) verdict.outcome = "deny";
    verdict.blocks = verdict.outcome == "deny";
    verdict.reason = clipped(reason, longest_reason);
    if (verdict.reason.empty()) {
        verdict.reason = "the hook '" + one_line(hook.command, 120) + "' gave no reason";
    }
    return verdict;
}

HookVerdict by_answer(const Hook& hook, const HookEnd& end) {
    std::string_view out = trim(end.out);
    if (!out.starts_with('{')) return {};
    Result<Json> answer = parse_json(out);
    if (!answer) return failed(hook, "printed JSON that cannot be read", end);
    std::string decision = text_member(*answer, "decision");
    HookVerdict verdict;
    bool objects = decision == "deny" || decision == "block" || decision == "ask";
    if (objects) {
        const char* outcome = decision == "ask" ? "ask" : "deny";
        verdict = objection(hook, outcome, text_member(*answer, "reason"));
    } else if (!decision.empty() && decision != "allow" && decision != "approve") {
        return failed(hook, "gave the unknown decision '" + one_line(decision, 40) + "'", end);
    }
    verdict.context = clipped(text_member(*answer, "context"), longest_context);
    if (verdict.outcome.empty() && !verdict.context.empty()) verdict.outcome = "context";
    return verdict;
}

}  // namespace

std::string_view hook_event_name(HookEvent event) {
    return event_names[static_cast<std::size_t>(event)];
}

Result<HookEvent> parse_hook_event(std::string_view name) {
    std::string names;
    for (std::size_t at = 0; at < event_names.size(); ++at) {
        if (event_names[at] == name) return static_cast<HookEvent>(at);
        names += (names.empty() ? "" : ", ") + std::string(event_names[at]);
    }
    return fail(Code::invalid_argument,
                "there is no event '" + one_line(name, 40) + "'; the events are " + names);
}

// Whoever leaves does not wait for long.
std::chrono::seconds patience_of(const Hook& hook) {
    bool is_end = hook.event == HookEvent::session_end || hook.event == HookEvent::subagent_stop;
    return is_end ? std::min(hook.timeout, most_at_the_end) : hook.timeout;
}

std::string hook_line(const Hook& hook) {
    std::string match = hook.match ? " " + hook.match->text : "";
    return std::string(hook_event_name(hook.event)) + match + ": " + hook.command + " (from " +
           hook.source + ")";
}

HookVerdict verdict_of(const Hook& hook, const HookEnd& end) {
    if (!end.fault.empty()) return failed(hook, "could not be started: " + end.fault, end);
    if (end.is_late) {
        return failed(
            hook, "did not end within " + std::to_string(patience_of(hook).count()) + " seconds",
            end);
    }
    if (end.signal != 0) {
        return failed(hook, "was killed by signal " + std::to_string(end.signal), end);
    }
    if (end.code == blocking_exit) return objection(hook, "deny", end.err);
    if (end.code != 0) return failed(hook, "ended with code " + std::to_string(end.code), end);
    return by_answer(hook, end);
}

}  // namespace thole
