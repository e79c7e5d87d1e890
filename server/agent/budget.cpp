#include "agent/budget.hpp"

#include <algorithm>

namespace thole {

Budget::Budget(Limits limits, const State& spent) : limits_(limits) {
    tokens_ = spent.usage.input_tokens + spent.usage.output_tokens;
    cost_usd_ = spent.usage.cost_usd;
    for (const Child& child : spent.children) {
        tokens_ += child.completed.tokens;
        cost_usd_ += child.completed.cost_usd;
    }
}

std::optional<LimitReached> Budget::reached() const {
    if (limits_.max_tokens_total > 0 && tokens_ + reserved_tokens_ >= limits_.max_tokens_total) {
        return LimitReached{"max_tokens_total", limits_.max_tokens_total};
    }
    if (limits_.max_cost > 0 && cost_usd_ >= limits_.max_cost) {
        return LimitReached{"max_cost", static_cast<std::int64_t>(cost_usd_ * 100)};
    }
    return std::nullopt;
}

void Budget::spend(std::int64_t tokens, double cost_usd) {
    tokens_ += tokens;
    cost_usd_ += cost_usd;
}

std::int64_t Budget::take_calls(std::int64_t wanted) {
    std::int64_t room = wanted;
    if (limits_.max_tool_calls > 0) room = std::min(wanted, limits_.max_tool_calls - calls_);
    room = std::max<std::int64_t>(room, 0);
    calls_ += room;
    return room;
}

bool Budget::take_child() {
    if (children_ >= limits_.max_subagents) return false;
    ++children_;
    return true;
}

}  // namespace thole
