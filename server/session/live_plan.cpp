// What a live session adds to its plan: turns that wait for a review, or that one begins.
#include "session/live_session.hpp"

namespace thole {

void LiveSession::emit(Event event) {
    bool has_tasks = std::holds_alternative<TodosUpdated>(event);
    journal_->append(std::move(event));
    if (has_tasks) plan_.finish_if_done();
}

Result<std::string> LiveSession::write_plan(std::string content) {
    Result<std::string> written = plan_.write(std::move(content));
    background_.spawn(sessions_.sweep_plans());
    return written;
}

async::Task<bool> LiveSession::await_background() {
    if (has_answerer()) co_return false;
    bool has_ended = co_await children_.one_ended();
    co_return has_ended;
}

// A turn that goes on after its process died was opened by somebody who is still coming.
async::Task<Result<PlanStanding>> LiveSession::settle_plan() {
    plan_.check();
    while (state().plan_status == "in_review" && !review_) {
        if (!has_answerer() && !continues_turn_) co_return PlanStanding::waits;
        async::Wake wake = co_await reviewed_.wait();
        if (wake == async::Wake::stopped) co_return cancelled();
    }
    std::optional<PlanStanding> standing = std::exchange(review_, std::nullopt);
    co_return standing.value_or(PlanStanding::clear);
}

// A prompt is the answer when a plan waits and no turn does. A review that is not possible (the
// plan file has changed) leaves the prompt a prompt.
void LiveSession::answer_review(const std::string& reply) {
    ReviewPlan command = review_in_words(reply);
    Result<void> taken = plan_.review(command);
    if (!taken) {
        emit(ErrorReported{"plan_review", taken.error().message, {}, true});
        review_ = PlanStanding::waits;
    } else if (command.decision == "rejected") {
        review_ = PlanStanding::rejected;
    }
}

async::Task<void> LiveSession::run_review(std::string id) {
    co_await run_turn(std::move(id), false);
}

}  // namespace thole
