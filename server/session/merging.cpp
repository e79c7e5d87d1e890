#include "session/merging.hpp"

#include <optional>

#include "async/signal.hpp"
#include "async/worker.hpp"

namespace thole {
namespace {

// For the event that says what came of a command about a sub-agent.
template <class Awaited>
class Waiter final : public Subscriber {
public:
    Waiter(async::Loop& loop, Session& session, std::string child_id)
        : session_(session), child_id_(std::move(child_id)), changed_(loop) {
        session_.subscribe(*this);
    }
    ~Waiter() override { session_.unsubscribe(*this); }

    void on_event(const Envelope& envelope) override {
        if (const auto* awaited = std::get_if<Awaited>(&envelope.event)) {
            if (awaited->child_session_id == child_id_) end(*awaited);
        } else if (const auto* error = std::get_if<ErrorReported>(&envelope.event)) {
            bool is_refusal = envelope.id == 0;  // by the process that runs the session
            if (is_refusal) end(fail(Code::unavailable, error->message));
        } else if (std::holds_alternative<SessionEnded>(envelope.event)) {
            end(cancelled());
        }
    }
    void on_delta(const Event&) override {}

    async::Task<Result<Awaited>> wait() {
        while (!result_) {
            async::Wake wake = co_await changed_.wait();
            if (wake == async::Wake::stopped && !result_) co_return cancelled();
        }
        co_return *result_;
    }

private:
    void end(Result<Awaited> result) {
        if (!result_) result_ = std::move(result);
        changed_.notify();
    }

    Session& session_;
    std::string child_id_;
    async::Signal changed_;
    std::optional<Result<Awaited>> result_;
};

template <class Awaited>
async::Task<Result<Awaited>> submit_and_wait(async::Loop& loop, Session& session,
                                             std::string child_id, Command command) {
    Waiter<Awaited> waiter(loop, session, std::move(child_id));
    Result<std::string> taken = session.submit(std::move(command));
    if (!taken) co_return taken.error();
    co_return co_await waiter.wait();
}

}  // namespace

async::Task<Result<MergeOutcome>> preview_child(Sessions& sessions, std::string child_id) {
    std::string folder = sessions.config().worktrees.directory;
    auto job = [folder, child_id](std::stop_token stop) -> Result<MergeOutcome> {
        Result<git::Worktree> tree = git::find_worktree(folder, child_id);
        if (!tree) return tree.error();
        return preview_merge(*tree, stop);
    };
    co_return co_await async::on_worker(sessions.loop(), std::move(job));
}

async::Task<Result<WorktreeMerged>> merge_child_now(async::Loop& loop, Session& session,
                                                    MergeChild command) {
    std::string id = command.child_session_id;
    Command submitted = std::move(command);
    return submit_and_wait<WorktreeMerged>(loop, session, std::move(id), std::move(submitted));
}

async::Task<Result<WorktreeMerged>> discard_child_now(async::Loop& loop, Session& session,
                                                      DiscardChild command) {
    std::string id = command.child_session_id;
    Command submitted = std::move(command);
    return submit_and_wait<WorktreeMerged>(loop, session, std::move(id), std::move(submitted));
}

async::Task<Result<ChildSessionCompleted>> cancel_child_now(async::Loop& loop, Session& session,
                                                            CancelChild command) {
    std::string id = command.child_session_id;
    Command submitted = std::move(command);
    return submit_and_wait<ChildSessionCompleted>(loop, session, std::move(id),
                                                  std::move(submitted));
}

}  // namespace thole
