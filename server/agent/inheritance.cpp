#include "agent/inheritance.hpp"

#include <algorithm>

#include "agent/transcript.hpp"
#include "base/text.hpp"

namespace thole {

std::string inherited_summary(const State& state, std::size_t most) {
    std::string text;
    if (!state.inherited_summary.empty()) {
        text += head_and_tail(state.inherited_summary, most / 4).text + "\n\n";
    }
    bool has_plan = state.plan_status == "approved" && !state.plan.content.empty();
    if (has_plan) {
        text += "The plan that the user has approved:\n\n" +
                head_and_tail(state.plan.content, most / 2).text + "\n\n";
    }
    std::size_t room = most - std::min(text.size(), most / 2);
    return text + transcript(state.context, room);
}

}  // namespace thole
