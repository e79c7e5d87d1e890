// What the user and the workspace add to a live session: hooks of its life and its prompts, rules.
#include <algorithm>

#include "base/json.hpp"
#include "session/live_session.hpp"

namespace thole {
namespace {

// What the model would read of a prompt; nullopt: the turn has none of its own.
std::optional<std::string> prompt_words(const State& state) {
    for (const ContextItem& item : state.context) {
        bool is_it = item.kind == ContextItem::Kind::user && !item.message_id.empty() &&
                     item.message_id == state.busy_message_id;
        if (!is_it) continue;
        if (item.blocks.is_absent()) return item.text;
        std::string words;
        for (const Json& block : *item.blocks) {
            std::string text = text_member(block, "text");
            if (!text.empty()) words += (words.empty() ? "" : "\n") + text;
        }
        return words;
    }
    return std::nullopt;
}

}  // namespace

void LiveSession::heed_extensions() {
    if (!extensions_) return;
    ExtensionsNow now = extensions_();
    if (now == heeded_) return;
    heeded_ = std::move(now);
    rules_ = config_.rules;
    for (const Rule& rule : heeded_->narrowing.ask) rules_.ask.push_back(rule);
    for (const Rule& rule : heeded_->narrowing.deny) rules_.deny.push_back(rule);
    std::vector<std::string> about_servers = mcp_.heed_workspace();
    if (!state().parent_session_id.empty()) return;
    std::vector<std::string> news = heeded_->complaints;
    news.insert(news.end(), about_servers.begin(), about_servers.end());
    std::string offer = trust_notice(heeded_->inert, heeded_->inert_servers);
    if (!offer.empty()) news.push_back(std::move(offer));
    for (const std::string& one : news) {
        if (told_.insert(one).second) emit(ErrorReported{"extension", one, {}, true});
    }
}

// Asked before each run: what has changed since the turn began counts no more.
HookList LiveSession::hooks_now() const {
    if (!heeded_ || heeded_->hooks.empty()) return nullptr;
    ExtensionsNow now = extensions_ ? extensions_() : nullptr;
    return now ? HookList(now, &now->hooks) : nullptr;
}

HookEvent LiveSession::hook_event(bool begins) const {
    bool is_child = !state().parent_session_id.empty();
    if (begins) return is_child ? HookEvent::subagent_start : HookEvent::session_start;
    return is_child ? HookEvent::subagent_stop : HookEvent::session_end;
}

// `about`: how it begins ("new", "resumed"), or how it has ended.
async::Task<void> LiveSession::tell_hooks(HookEvent event, const std::string& about) {
    if (!hooks_.has(event)) co_return;
    HookOccasion occasion;
    occasion.event = event;
    occasion.more = JsonValue(Json{{"reason", about}});
    bool begins = event == HookEvent::session_start || event == HookEvent::subagent_start;
    async::Scope scope;
    if (begins) turn_ = &scope;  // a cancel stops it; at the end there is only the patience
    scope.spawn(run_hooks(std::move(occasion)));
    co_await scope.join();
    if (begins) turn_ = nullptr;
}

async::Task<void> LiveSession::run_hooks(HookOccasion occasion) {
    HookVerdict verdict = co_await hooks_.run(std::move(occasion));
    (void)verdict;  // they may only add; that is in the journal
}

async::Task<Result<void>> LiveSession::ask_hooks() {
    if (!hooks_.has(HookEvent::prompt)) co_return Result<void>();
    std::optional<std::string> words = prompt_words(state());
    if (!words) co_return Result<void>();
    HookOccasion occasion;
    occasion.event = HookEvent::prompt;
    occasion.message_id = state().busy_message_id;
    occasion.more = JsonValue(Json{{"prompt", *words}});
    HookVerdict verdict = co_await hooks_.run(std::move(occasion));
    std::stop_token stop = co_await async::current_stop();
    if (stop.stop_requested()) co_return cancelled();
    if (!verdict.blocks) co_return Result<void>();
    co_return fail(Code::denied, "the prompt was not sent: " + verdict.reason);
}

}  // namespace thole
