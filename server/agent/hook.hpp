// A hook: a command of the user's, or of a workspace that the user trusts, that runs at a point of
// a session's life, gets JSON on its standard input and may hold things up, never let more through.
// This header is what a hook is and what its end means; hooks.hpp runs them. Values, pure.
#pragma once
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "policy/rules.hpp"

namespace thole {

enum class HookEvent {
    pre_tool,        // policy would let the call run, or ask about it
    post_tool,       // it has run
    prompt,          // of a person, before the model reads it
    session_start,   // also of one that is reopened
    session_end,     // at most 5 seconds
    subagent_start,  // in the sub-agent's session, instead of the two above
    subagent_stop,
    compaction,  // before the conversation is summarised
};

std::string_view hook_event_name(HookEvent event);
// Error: invalid_argument, lists the names.
Result<HookEvent> parse_hook_event(std::string_view name);

struct Hook {
    HookEvent event = HookEvent::pre_tool;
    std::string command{};        // for the shell
    std::optional<Rule> match{};  // of calls; none: all
    std::chrono::seconds timeout{10};
    // A run that says nothing valid (it timed out, died, could not be started) holds up the call or
    // the prompt.
    bool fails_closed = false;
    std::string source{};     // the file that has it
    std::string directory{};  // that it runs in; "": the session's, or its workspace
    bool operator==(const Hook&) const = default;
};
// How long a run may take: the timeout, at the end of a session at most 5 seconds.
std::chrono::seconds patience_of(const Hook& hook);

using HookList = std::shared_ptr<const std::vector<Hook>>;

// "pre_tool bash(git push:*): ./check (from /home/me/.config/thole/config.toml)"
std::string hook_line(const Hook& hook);

// How a run ended.
struct HookEnd {
    int code = 0;
    int signal = 0;
    bool is_late = false;
    std::string fault{};  // why it could not be started
    std::string out{}, err{};
};

// What it means. outcome: "" (things go on), context, ask, deny, feedback, failed.
struct HookVerdict {
    std::string outcome{}, reason{}, context{};
    bool blocks = false;  // the call or the prompt must not go on
    bool operator==(const HookVerdict&) const = default;
};

// Exit code 0: things go on; JSON on the standard output may hold "decision" ("deny", "ask"),
// "reason" and "context". 2: blocks, the reason is what stands on the standard error. Anything else
// is a failure. "allow" and "approve" are no decisions of a hook and count as none.
HookVerdict verdict_of(const Hook& hook, const HookEnd& end);

}  // namespace thole
