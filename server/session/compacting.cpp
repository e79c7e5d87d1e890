#include "session/compacting.hpp"

#include <optional>

#include "async/signal.hpp"
#include "base/code.hpp"

namespace thole {
namespace {

class Waiter final : public Subscriber {
public:
    Waiter(async::Loop& loop, Session& session) : session_(session), changed_(loop) {
        session_.subscribe(*this);
    }
    ~Waiter() { session_.unsubscribe(*this); }

    void on_event(const Envelope& envelope) override {
        if (const auto* compaction = std::get_if<ContextCompaction>(&envelope.event)) {
            take(*compaction);
        } else if (const auto* change = std::get_if<BusyStateChanged>(&envelope.event)) {
            take(*change);
        } else if (const auto* error = std::get_if<ErrorReported>(&envelope.event)) {
            bool is_refusal = envelope.id == 0;
            if (is_refusal) end(fail(Code::unavailable, error->message));
        } else if (std::holds_alternative<SessionEnded>(envelope.event)) {
            end(cancelled());
        }
    }
    void on_delta(const Event&) override {}

    async::Task<Result<ContextCompaction>> wait() {
        while (!result_) {
            async::Wake wake = co_await changed_.wait();
            if (wake == async::Wake::stopped && !result_) co_return cancelled();
        }
        co_return *result_;
    }

private:
    void take(const ContextCompaction& compaction) {
        if (compaction.phase == "completed") end(compaction);
        if (compaction.phase == "failed") why_ = compaction.message;
    }
    // The end of the compaction, whatever became of it; it counts as work of the session.
    void take(const BusyStateChanged& change) {
        if (change.busy || !change.message_id.starts_with(compaction_work)) return;
        if (change.stop_reason == "cancelled") return end(cancelled());
        Code code = parse_code(change.error_code).value_or(Code::internal);
        end(fail(code, change.error.empty() ? why_ : change.error));
    }
    void end(Result<ContextCompaction> result) {
        if (!result_) result_ = std::move(result);
        changed_.notify();
    }

    Session& session_;
    async::Signal changed_;
    std::optional<Result<ContextCompaction>> result_;
    std::string why_;
};

}  // namespace

async::Task<Result<ContextCompaction>> compact_now(async::Loop& loop, Session& session) {
    Waiter waiter(loop, session);
    Result<std::string> taken = session.submit(Compact{});
    if (!taken) co_return taken.error();
    co_return co_await waiter.wait();
}

}  // namespace thole
