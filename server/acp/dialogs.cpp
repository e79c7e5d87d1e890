#include "acp/dialogs.hpp"

#include <algorithm>

#include "acp/dialog_texts.hpp"
#include "acp/review_texts.hpp"
#include "async/sleep.hpp"
#include "base/json.hpp"

namespace thole::acp {

void Dialogs::ask(ApprovalRequested request, JsonValue tool_call) {
    add(Approval{std::move(request), std::move(tool_call)});
}

void Dialogs::ask(QuestionRequested question) {
    add(std::move(question));
}

void Dialogs::add(Dialog dialog) {
    bool is_known = id_of(dialog) == open_id_ ||
                    std::any_of(waiting_.begin(), waiting_.end(),
                                [&](const Dialog& other) { return id_of(other) == id_of(dialog); });
    if (is_closed_ || is_known) return;
    waiting_.push_back(std::move(dialog));
    if (std::exchange(is_working_, true)) return;
    parts_.connection.scope().spawn(work(shared_from_this()));
}

void Dialogs::ask_review(std::string id, JsonValue tool_call) {
    add(Review{std::move(id), std::move(tool_call)});
}

const std::string& Dialogs::id_of(const Dialog& dialog) {
    if (const auto* approval = std::get_if<Approval>(&dialog)) return approval->request.call_id;
    if (const auto* review = std::get_if<Review>(&dialog)) return review->id;
    return std::get<QuestionRequested>(dialog).question_id;
}

async::Task<void> Dialogs::work(std::shared_ptr<Dialogs> self) {
    // Events must not be answered from within their delivery.
    co_await async::sleep_for(self->parts_.loop, std::chrono::milliseconds(0));
    while (!self->waiting_.empty()) {
        Dialog dialog = std::move(self->waiting_.front());
        self->waiting_.pop_front();
        self->open_id_ = id_of(dialog);
        co_await self->show(dialog);
        self->open_id_.clear();
    }
    self->is_working_ = false;
}

async::Task<void> Dialogs::show(const Dialog& dialog) {
    if (const auto* approval = std::get_if<Approval>(&dialog)) {
        co_await show_one(*approval);
    } else if (const auto* review = std::get_if<Review>(&dialog)) {
        co_await show_one(*review);
    } else {
        co_await show_one(std::get<QuestionRequested>(dialog));
    }
}

async::Task<void> Dialogs::show_one(const Approval& approval) {
    const ApprovalRequested& asked = approval.request;
    Json params = permission_params(parts_.session.state().id, asked, *approval.tool_call);
    std::string text = dump_json(params);
    Result<Json> answer = co_await request("session/request_permission", std::move(text));
    if (open_id_ != asked.call_id) co_return;
    submit(permission_command(asked.call_id, !asked.always_rules.empty(), answer));
}

async::Task<void> Dialogs::show_one(const QuestionRequested& question) {
    if (!parts_.client.shows_forms) {
        submit(unaskable(question));
        co_return;
    }
    std::string text = dump_json(question_params(parts_.session.state().id, question));
    Result<Json> answer = co_await request("elicitation/create", std::move(text));
    if (open_id_ == question.question_id) submit(question_command(question, answer));
}

async::Task<void> Dialogs::show_one(const Review& asked) {
    const State& state = parts_.session.state();
    bool has_form = parts_.client.shows_forms;
    Json params = has_form ? review_form(state, *asked.tool_call)
                           : review_params(state, *asked.tool_call);
    std::int64_t revision = state.plan.revision;
    std::string text = dump_json(params);
    std::string method = has_form ? "elicitation/create" : "session/request_permission";
    Result<Json> answer = co_await request(std::move(method), std::move(text));
    if (open_id_ != asked.id) co_return;
    review(has_form ? form_command(revision, answer) : review_command(revision, answer));
}

// A review that was not taken must not leave the turn waiting for an answer that nobody is asked
// for. When the plan has changed meanwhile it is asked for again already.
void Dialogs::review(Command answer) {
    if (is_closed_ || !std::holds_alternative<ReviewPlan>(answer)) return submit(std::move(answer));
    Result<std::string> taken = parts_.session.submit(std::move(answer));
    if (taken) return;
    parts_.remark("The review was not taken: " + taken.error().message);
    if (!waiting_.empty()) return;
    ReviewPlan later;
    later.decision = "feedback";
    submit(std::move(later));
}

async::Task<Result<Json>> Dialogs::request(std::string method, std::string params) {
    open_call_ = parts_.connection.begin(method, params);
    Result<Json> answer =
        co_await parts_.connection.answer(open_call_, std::chrono::milliseconds(0));
    open_call_ = 0;
    co_return answer;
}

void Dialogs::submit(Command command) {
    if (is_closed_) return;
    if (std::holds_alternative<Cancel>(command)) {
        parts_.cancel_turn();
        return;
    }
    // Refused only when somebody else has answered meanwhile.
    (void)parts_.session.submit(std::move(command));
}

void Dialogs::settled(const std::string& id) {
    std::erase_if(waiting_, [&](const Dialog& dialog) { return id_of(dialog) == id; });
    if (id == open_id_) give_up();
}

void Dialogs::drop_all() {
    waiting_.clear();
    give_up();
}

void Dialogs::close() {
    is_closed_ = true;
    drop_all();
}

void Dialogs::give_up() {
    open_id_.clear();
    if (open_call_ == 0) return;
    parts_.connection.abandon(open_call_);
    if (!parts_.client.takes_withdrawal) return;
    Json params{{"requestId", open_call_}};
    parts_.connection.notify("$/cancel_request", dump_json(params));
}

}  // namespace thole::acp
