// What a compaction leaves of the conversation.
#include <algorithm>

#include "journal/state.hpp"

namespace thole {

namespace {

using Kind = ContextItem::Kind;

bool belongs(const ContextItem& earlier, const ContextItem& item) {
    const bool same_call =
        item.kind == Kind::result && earlier.kind == Kind::call && earlier.call_id == item.call_id;
    const bool same_answer = item.kind != Kind::user && !item.message_id.empty() &&
                             earlier.kind != Kind::user && earlier.message_id == item.message_id;
    return same_call || same_answer;
}

// The first of the items before `border` that belongs to one behind it; `border` when none does.
std::size_t first_that_belongs(const std::vector<ContextItem>& context, std::size_t border) {
    std::size_t checked = context.size();
    while (checked > border) {
        const ContextItem& item = context[--checked];
        for (std::size_t i = 0; i < border; ++i) {
            if (belongs(context[i], item)) border = i;
        }
    }
    return border;
}

}  // namespace

std::size_t first_kept(const std::vector<ContextItem>& context, std::int64_t kept_messages) {
    const auto size = static_cast<std::int64_t>(context.size());
    const std::int64_t kept = std::clamp<std::int64_t>(kept_messages, 0, size);
    auto border = static_cast<std::size_t>(size - kept);
    for (std::size_t i = 0; i < border; ++i) {
        if (context[i].is_open) border = i;
    }
    border = first_that_belongs(context, border);
    // A provider that wants its thoughts back wants them before what they led to.
    const bool cuts = border < context.size() && context[border].kind != Kind::user;
    while (cuts && border > 0 && context[border - 1].kind == Kind::thought) --border;
    return border;
}

}  // namespace thole
