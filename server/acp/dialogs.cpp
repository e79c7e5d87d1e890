#include "acp/dialogs.hpp"

#include <algorithm>

#include "acp/dialog_texts.hpp"
#include "acp/review_texts.hpp"
#include "async/sleep.hpp"
#include "base/json.hpp"

namespace thole::acp {

namespace {

// Of clients that queue dialogs themselves.
constexpr std::size_t most_at_a_time = 64;

void mark(Json& params, const Asker& asker) {
    if (asker.agent_id.empty()) return;
    params["_meta"]["thole"]["agent"] = {{"agentId", asker.agent_id}, {"task", asker.task}};
}

}  // namespace

void Dialogs::ask(ApprovalRequested request, JsonValue tool_call, Asker asker) {
    std::string id = asker.dialog_id(request.call_id);
    add({std::move(id), std::move(asker), Approval{std::move(request), std::move(tool_call)}});
}

void Dialogs::ask(QuestionRequested question, Asker asker) {
    std::string id = asker.dialog_id(question.question_id);
    add({std::move(id), std::move(asker), std::move(question)});
}

void Dialogs::ask_review(std::string id, JsonValue tool_call) {
    add({std::move(id), {}, Review{std::move(tool_call)}});
}

bool Dialogs::is_known(const std::string& id) const {
    return is_open(id) || std::any_of(waiting_.begin(), waiting_.end(),
                                      [&](const Dialog& other) { return other.id == id; });
}

void Dialogs::add(Dialog dialog) {
    if (is_closed_ || is_known(dialog.id)) return;
    waiting_.push_back(std::move(dialog));
    std::size_t most = parts_.client.queues_approvals ? most_at_a_time : 1;
    if (workers_ >= most) return;
    ++workers_;
    parts_.connection.scope().spawn(work(shared_from_this()));
}

async::Task<void> Dialogs::work(std::shared_ptr<Dialogs> self) {
    // Events must not be answered from within their delivery.
    co_await async::sleep_for(self->parts_.loop, std::chrono::milliseconds(0));
    while (!self->waiting_.empty()) {
        Dialog dialog = std::move(self->waiting_.front());
        self->waiting_.pop_front();
        self->open_[dialog.id] = 0;
        co_await self->show(dialog);
        self->open_.erase(dialog.id);
    }
    --self->workers_;
}

// That it is asked in, as the client knows it.
std::string Dialogs::session_of(const Dialog& dialog) const {
    const Asker& asker = dialog.asker;
    return asker.is_session ? asker.agent_id : parts_.session.state().id;
}

async::Task<void> Dialogs::show(const Dialog& dialog) {
    if (std::holds_alternative<Approval>(dialog.what)) {
        co_await show_approval(dialog);
    } else if (std::holds_alternative<Review>(dialog.what)) {
        co_await show_review(dialog);
    } else {
        co_await show_question(dialog);
    }
}

async::Task<void> Dialogs::show_approval(const Dialog& dialog) {
    const auto& approval = std::get<Approval>(dialog.what);
    const ApprovalRequested& asked = approval.request;
    Json params = permission_params(session_of(dialog), asked, *approval.tool_call);
    mark(params, dialog.asker);
    params = parts_.codec.permission(std::move(params));
    std::string id = dialog.id;
    Result<Json> answer =
        co_await request(std::move(id), "session/request_permission", std::move(params));
    if (!is_open(dialog.id)) co_return;
    submit(dialog.asker, permission_command(asked.call_id, !asked.always_rules.empty(), answer));
}

async::Task<void> Dialogs::show_question(const Dialog& dialog) {
    const auto& question = std::get<QuestionRequested>(dialog.what);
    if (!parts_.client.shows_forms) {
        submit(dialog.asker, unaskable(question));
        co_return;
    }
    Json params = question_params(session_of(dialog), question);
    if (!question.call_id.empty()) params["toolCallId"] = dialog.asker.shown_id(question.call_id);
    mark(params, dialog.asker);
    std::string id = dialog.id;
    Result<Json> answer = co_await request(std::move(id), "elicitation/create", std::move(params));
    if (is_open(dialog.id)) submit(dialog.asker, question_command(question, answer));
}

async::Task<void> Dialogs::show_review(const Dialog& dialog) {
    const Json& tool_call = *std::get<Review>(dialog.what).tool_call;
    const State& state = parts_.session.state();
    bool has_form = parts_.client.shows_forms;
    Json params = has_form ? review_form(state, tool_call)
                           : parts_.codec.permission(review_params(state, tool_call));
    std::int64_t revision = state.plan.revision;
    std::string method = has_form ? "elicitation/create" : "session/request_permission";
    std::string id = dialog.id;
    Result<Json> answer = co_await request(std::move(id), std::move(method), std::move(params));
    if (!is_open(dialog.id)) co_return;
    review(has_form ? form_command(revision, answer) : review_command(revision, answer));
}

// A review that was not taken must not leave the turn waiting for an answer that nobody is asked
// for. When the plan has changed meanwhile it is asked for again already.
void Dialogs::review(Command answer) {
    if (is_closed_ || !std::holds_alternative<ReviewPlan>(answer)) {
        return submit({}, std::move(answer));
    }
    Result<std::string> taken = parts_.session.submit(std::move(answer));
    if (taken) return;
    parts_.remark("The review was not taken: " + taken.error().message);
    if (!waiting_.empty()) return;
    ReviewPlan later;
    later.decision = "feedback";
    submit({}, std::move(later));
}

async::Task<Result<Json>> Dialogs::request(std::string id, std::string method, Json params) {
    std::int64_t call = parts_.connection.begin(method, dump_json(params));
    if (is_open(id)) open_[id] = call;
    Result<Json> answer = co_await parts_.connection.answer(call, std::chrono::milliseconds(0));
    // What has been answered is not to be withdrawn.
    if (is_open(id)) open_[id] = 0;
    co_return answer;
}

// A closed dialog of a sub-agent ends what that one does, not the turn of all.
void Dialogs::submit(const Asker& asker, Command command) {
    if (is_closed_) return;
    bool is_own = !asker.session;
    if (is_own && std::holds_alternative<Cancel>(command)) return parts_.cancel_turn();
    Session& session = is_own ? parts_.session : *asker.session;
    // Refused only when somebody else has answered meanwhile.
    (void)session.submit(std::move(command));
}

void Dialogs::settled(const std::string& id) {
    std::erase_if(waiting_, [&](const Dialog& dialog) { return dialog.id == id; });
    give_up(id);
}

void Dialogs::drop_agent(const std::string& agent_id) {
    auto is_its = [&](const std::string& id) { return id.starts_with(agent_id + "/"); };
    std::erase_if(waiting_, [&](const Dialog& dialog) { return is_its(dialog.id); });
    std::vector<std::string> ids;
    for (const auto& [id, call] : open_) {
        if (is_its(id)) ids.push_back(id);
    }
    for (const std::string& id : ids) give_up(id);
}

void Dialogs::drop_all() {
    waiting_.clear();
    std::vector<std::string> ids;
    for (const auto& [id, call] : open_) ids.push_back(id);
    for (const std::string& id : ids) give_up(id);
}

void Dialogs::close() {
    is_closed_ = true;
    drop_all();
}

void Dialogs::give_up(const std::string& id) {
    auto node = open_.extract(id);
    if (node.empty() || node.mapped() == 0) return;
    parts_.connection.abandon(node.mapped());
    if (!parts_.client.takes_withdrawal) return;
    Json params{{"requestId", node.mapped()}};
    parts_.connection.notify("$/cancel_request", dump_json(params));
}

}  // namespace thole::acp
