#include "session/child_watch.hpp"

#include "base/text.hpp"

namespace thole {

ChildWatch::ChildWatch(async::Loop& loop, Session& session, Waits waits)
    : session_(session), waits_(std::move(waits)), changed_(loop) {
    session_.subscribe(*this);
}

ChildWatch::~ChildWatch() {
    session_.unsubscribe(*this);
}

void ChildWatch::on_event(const Envelope& envelope) {
    if (const auto* turn = std::get_if<BusyStateChanged>(&envelope.event); turn && !turn->busy) {
        stop_reason_ = turn->stop_reason;
        error_ = turn->error;
    } else if (const auto* limit = std::get_if<LimitReached>(&envelope.event)) {
        error_ = "it reached the limit " + limit->limit;
    }
    const State& state = session_.state();
    bool waits = !state.pending_approvals.empty() || !state.pending_questions.empty();
    if (waits != is_waiting_) {
        is_waiting_ = waits;
        std::string what;
        if (!state.pending_approvals.empty()) {
            what = "approval of " + state.pending_approvals.front().tool;
        } else if (waits) {
            what = state.pending_questions.front().question;
        }
        waits_(waits, std::move(what));
    }
    changed_.notify();
}

async::Task<void> ChildWatch::until_idle() {
    std::stop_token stop = co_await async::current_stop();
    bool is_cancelled = false;
    while (!session_.is_idle()) {
        if (stop.stop_requested() && !is_cancelled) {
            is_cancelled = true;
            (void)session_.submit(Cancel{});
            continue;
        }
        if (is_cancelled) {
            co_await changed_.wait_despite_stop();
        } else {
            co_await changed_.wait();
        }
    }
}

std::string ChildWatch::status() const {
    if (stop_reason_ == "cancelled") return "cancelled";
    bool is_good = stop_reason_ == "end_turn" || stop_reason_ == "max_tokens";
    return is_good ? "completed" : "failed";
}

std::string ChildWatch::answer() const {
    const std::vector<ContextItem>& context = session_.state().context;
    for (auto item = context.rbegin(); item != context.rend(); ++item) {
        if (item->kind == ContextItem::Kind::answer && !item->text.empty()) return item->text;
        if (item->kind == ContextItem::Kind::user) break;
    }
    return {};
}

}  // namespace thole
