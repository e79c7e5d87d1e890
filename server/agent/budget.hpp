// What an agent and all agents below it may use together: one budget for the whole tree, asked
// before each request and each call. What a request is going to cost at least is reserved while it
// runs, so that agents side by side see each other; none of them goes over by more than its own
// last answer. Shared by the sessions of a tree; loop thread.
#pragma once
#include <cstdint>
#include <optional>

#include "agent/limits.hpp"
#include "journal/state.hpp"

namespace thole {

class Budget {
public:
    // `spent`: by the session before this process, and by its sub-agents.
    Budget(Limits limits, const State& spent);

    // The first limit that has been reached.
    std::optional<LimitReached> reached() const;
    bool limits_cost() const { return limits_.max_cost > 0; }

    // A request of about so many tokens runs, until release().
    void reserve(std::int64_t tokens) { reserved_tokens_ += tokens; }
    void release(std::int64_t tokens) { reserved_tokens_ -= tokens; }
    // What it has cost.
    void spend(std::int64_t tokens, double cost_usd);

    // How many of `wanted` tool calls there is room for; they count from now on.
    std::int64_t take_calls(std::int64_t wanted);
    std::int64_t max_tool_calls() const { return limits_.max_tool_calls; }

    // Whether one more sub-agent may be started; it counts from now on.
    bool take_child();

private:
    Limits limits_;
    std::int64_t tokens_ = 0, reserved_tokens_ = 0, calls_ = 0, children_ = 0;
    double cost_usd_ = 0;
};

}  // namespace thole
