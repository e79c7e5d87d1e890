// What each Command does to a live session.
#include <algorithm>

#include "base/json.hpp"
#include "base/text.hpp"
#include "journal/changes.hpp"
#include "policy/modes.hpp"
#include "session/labels.hpp"
#include "session/live_session.hpp"

namespace thole {

Result<std::string> LiveSession::submit(Command command) {
    return std::visit([this](auto& one) { return take(std::move(one)); }, command);
}

Result<std::string> LiveSession::take(SendMessage prompt) {
    if (is_ending_) return fail(Code::busy, "session " + state().id + " is being closed");
    if (Result<void> healthy = journal_->health(); !healthy) return healthy.error();
    if (Result<void> good = check(prompt); !good) return good.error();
    if (prompt.message_id.empty()) {
        prompt.message_id =
            "u" + std::to_string(state().last_event_id + 1) + "." + std::to_string(++made_ids_);
    }
    std::string id = prompt.message_id;
    queue_.push_back(std::move(prompt));
    changed_.notify();
    return id;
}

// What a custom command wants of its turn.
Result<void> LiveSession::check(const SendMessage& prompt) const {
    if (!prompt.agent.empty() && !find_profile(profiles_, prompt.agent)) {
        return fail(Code::not_found, "/" + prompt.command + " is for the agent '" + prompt.agent +
                                         "', which there is not in this session");
    }
    if (prompt.model.empty()) return {};
    Result<std::string> model = models_.resolve(prompt.model);
    if (model) return {};
    return fail(model.error().code,
                "the model of /" + prompt.command + ": " + model.error().message);
}

// It waits in the state, but the turn that wants it has not come to it yet.
bool LiveSession::is_asked_again(const std::string& call_id) const {
    return std::any_of(state().pending_approvals.begin(), state().pending_approvals.end(),
                       [&](const ApprovalRequested& asked) { return asked.call_id == call_id; });
}

Result<std::string> LiveSession::take(Approve approve) {
    auto found = approvals_.find(approve.call_id);
    if (found == approvals_.end() && is_asked_again(approve.call_id)) {
        early_answers_.emplace(approve.call_id, approve);
        return std::string();
    }
    if (found == approvals_.end()) {
        return fail(Code::not_found, "no approval is open for call '" + approve.call_id + "'");
    }
    WaitingApproval waiting = std::move(found->second);
    approvals_.erase(found);
    ApprovalResolved resolved{approve.call_id, "allow", "once", "user", {}, {}};
    if (approve.for_session && !waiting.always_rules.empty()) {
        resolved.scope = "session";
        resolved.rules = waiting.always_rules;
    }
    emit(std::move(resolved));
    waiting.answer->set(ApprovalAnswer{true, false, {}});
    return std::string();
}

Result<std::string> LiveSession::take(Deny deny) {
    auto found = approvals_.find(deny.call_id);
    if (found == approvals_.end() && is_asked_again(deny.call_id)) {
        early_answers_.emplace(deny.call_id, deny);
        return std::string();
    }
    if (found == approvals_.end()) {
        return fail(Code::not_found, "no approval is open for call '" + deny.call_id + "'");
    }
    WaitingApproval waiting = std::move(found->second);
    approvals_.erase(found);
    emit(ApprovalResolved{deny.call_id, "deny", "once", "user", deny.reason, {}});
    waiting.answer->set(ApprovalAnswer{false, false, deny.reason});
    return std::string();
}

Result<std::string> LiveSession::take(AnswerQuestion answer) {
    auto found = questions_.find(answer.question_id);
    if (found == questions_.end()) {
        return fail(Code::not_found, "no question '" + answer.question_id + "' is open");
    }
    async::OneShot<JsonValue>* waiting = found->second;
    questions_.erase(found);
    emit(QuestionResolved{answer.question_id, answer.selection});
    waiting->set(answer.selection);
    return std::string();
}

Result<std::string> LiveSession::take(SetMode set) {
    Result<Mode> mode = parse_mode(set.mode);
    if (!mode) return mode.error();
    plan_.change_mode(set.mode, "user");
    return std::string();
}

Result<std::string> LiveSession::take(SetOption set) {
    if (set.name == "model") {
        Result<std::string> model = models_.resolve(set.value);
        if (!model) return model.error();
        if (*model != state().model) emit(ModelChanged{*model, state().thought_level, "user"});
        return std::string();
    }
    if (set.name != "thought_level") {
        return fail(Code::invalid_argument, "there is no option '" + set.name +
                                                "'; the options are model and thought_level");
    }
    if (!model::parse_thought_level(set.value)) {
        return fail(Code::invalid_argument, "there is no thought level '" + set.value +
                                                "'; the levels are off, low, medium and high");
    }
    if (set.value != state().thought_level) emit(ModelChanged{state().model, set.value, "user"});
    return std::string();
}

// The turn that waits for it goes on; when none does, an answer that means work begins one.
Result<std::string> LiveSession::take(ReviewPlan review) {
    if (is_ending_) return fail(Code::busy, "session " + state().id + " is being closed");
    if (Result<void> healthy = journal_->health(); !healthy) return healthy.error();
    if (Result<void> taken = plan_.review(review); !taken) return taken.error();
    bool has_words = !trim(review.feedback).empty() || !review.comments.empty();
    bool means_work = review.decision == "approved" || (review.decision == "feedback" && has_words);
    if (is_in_turn_) {
        bool is_rejected = review.decision == "rejected";
        review_ = means_work    ? PlanStanding::clear
                  : is_rejected ? PlanStanding::rejected
                                : PlanStanding::waits;
        reviewed_.notify();
        return std::string();
    }
    if (!means_work) return std::string();
    std::string id = "review-" + std::to_string(state().last_event_id);
    queue_.push_back(Reviewed{id});
    changed_.notify();
    return id;
}

Result<std::string> LiveSession::take(ReviewChanges review) {
    if (Result<void> healthy = journal_->health(); !healthy) return healthy.error();
    Result<void> fits = check_review(state(), review.path, review.event_id);
    if (!fits) return fits.error();
    ChangesReviewed reviewed;
    reviewed.path = std::move(review.path);
    reviewed.settled = review.baseline == review.latest;
    reviewed.baseline_absent = !review.baseline;
    reviewed.latest_absent = !review.latest;
    reviewed.event_id = review.event_id;
    if (!reviewed.settled) {
        reviewed.baseline = std::move(review.baseline).value_or("");
        reviewed.latest = std::move(review.latest).value_or("");
    }
    emit(std::move(reviewed));
    return std::string();
}

Result<std::string> LiveSession::take(Compact) {
    if (is_ending_) return fail(Code::busy, "session " + state().id + " is being closed");
    if (Result<void> healthy = journal_->health(); !healthy) return healthy.error();
    if (state().prompts == 0) {
        return fail(Code::invalid_argument, "there is nothing to compact in this session yet");
    }
    queue_.push_back(Compact{});
    changed_.notify();
    return std::string();
}

Result<std::string> LiveSession::take(Save) {
    if (Result<void> healthy = journal_->health(); !healthy) return healthy.error();
    checkpoint();
    return std::string();
}

Result<std::string> LiveSession::take(MergeChild merge) {
    if (Result<void> possible = children_.check(merge); !possible) return possible.error();
    background_.spawn(children_.run(std::move(merge)));
    return std::string();
}

Result<std::string> LiveSession::take(DiscardChild discard) {
    if (Result<void> possible = children_.check(discard); !possible) return possible.error();
    background_.spawn(children_.run(std::move(discard)));
    return std::string();
}

Result<std::string> LiveSession::take(CancelChild cancel) {
    if (Result<void> possible = children_.check(cancel); !possible) return possible.error();
    background_.spawn(children_.run(std::move(cancel)));
    return std::string();
}

Result<std::string> LiveSession::take(SetTitle set) {
    Result<std::optional<Event>> change = change_of(state(), set);
    if (!change) return change.error();
    return record_label(std::move(*change));
}

Result<std::string> LiveSession::take(Archive archive) {
    if (archive.archived) (void)take(Cancel{});
    return record_label(change_of(state(), archive));
}

Result<std::string> LiveSession::record_label(std::optional<Event> change) {
    if (Result<void> healthy = journal_->health(); !healthy) return healthy.error();
    if (change) emit(std::move(*change));
    return std::string();
}

Result<std::string> LiveSession::take(Cancel cancel) {
    std::deque<Work> waiting = std::exchange(queue_, {});
    if (turn_) {
        limit_ = cancel.limit;
        turn_->request_stop();
    }
    for (const Work& work : waiting) {
        const auto* prompt = std::get_if<SendMessage>(&work);
        const auto* reviewed = std::get_if<Reviewed>(&work);
        if (prompt) end_prompt(prompt->message_id, {"cancelled", {}});
        if (reviewed) end_prompt(reviewed->id, {"cancelled", {}});
    }
    if (is_idle()) idle_.wake_all();
    return std::string();
}

Result<std::string> LiveSession::take(Shutdown) {
    end();
    return std::string();
}

}  // namespace thole
