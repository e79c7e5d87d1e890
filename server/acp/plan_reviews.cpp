#include "acp/plan_reviews.hpp"

#include "acp/clip.hpp"
#include "acp/content.hpp"
#include "base/json.hpp"
#include "base/text.hpp"

namespace thole::acp {

namespace {

constexpr std::size_t longest_shown = 256 * 1024, longest_input = 48 * 1024;

// Of an event that ends a review without a decision.
std::string words_without_review(const Event& event) {
    const auto* update = std::get_if<PlanUpdated>(&event);
    if (!update) return "Not reviewed: the turn ended. The plan still waits for your answer.";
    bool is_by_hand = update->by == "file" || update->by == "user";
    return is_by_hand ? "Not reviewed: the plan's file was changed meanwhile."
                      : "Not reviewed: the agent has written the plan anew.";
}

std::string words_of(const PlanReviewed* review, const Event& event) {
    if (!review) return words_without_review(event);
    if (review->decision == "approved") return "Approved.";
    if (review->decision == "rejected") return "Rejected; nothing of it is carried out.";
    std::string words = review->feedback;
    for (const PlanComment& comment : review->comments) {
        words += (words.empty() ? "" : "\n\n") + std::string("Line ") +
                 std::to_string(comment.start_line) + ": " + comment.text;
    }
    return words.empty() ? "Say what should be different with your next message." : words;
}

// A process that ends or begins has no turn.
bool is_about_turns(const Event& event) {
    return std::holds_alternative<BusyStateChanged>(event) ||
           std::holds_alternative<SessionStarted>(event) ||
           std::holds_alternative<SessionEnded>(event);
}

}  // namespace

PlanReviews::Change PlanReviews::take(const Envelope& envelope) {
    Change change;
    if (!is_about_plan(envelope.event) && !is_about_turns(envelope.event)) return change;
    std::string before = open_id();
    apply(plan_, envelope);
    plan_.context.clear();
    std::string now = open_id();
    if (now == before) return change;
    if (!before.empty()) {
        const auto* review = std::get_if<PlanReviewed>(&envelope.event);
        bool is_approved = review && review->decision == "approved";
        Json ended = fields(before, is_approved ? "completed" : "failed");
        ended["content"].push_back(tool_content(text_block(words_of(review, envelope.event))));
        change.ended = JsonValue(std::move(ended));
    }
    if (!now.empty()) change.begun = JsonValue(fields(now, "pending"));
    return change;
}

void PlanReviews::know(const State& state) {
    plan_.plan = state.plan;
    plan_.plan_status = state.plan_status;
    plan_.plan_before = state.plan_before;
    plan_.plan_reason = state.plan_reason;
    plan_.is_busy = state.is_busy;
    plan_.review_id = state.review_id;
}

std::optional<Json> PlanReviews::open_call() const {
    if (plan_.review_id == 0) return std::nullopt;
    return fields(open_id(), "pending");
}

std::string PlanReviews::open_id() const {
    return plan_.review_id == 0 ? "" : "plan-review-" + std::to_string(plan_.review_id);
}

Json PlanReviews::fields(const std::string& id, const std::string& status) const {
    const PlanUpdated& plan = plan_.plan;
    Json content = Json::array();
    bool is_revised = !plan_.plan_before.empty() && plan_.plan_before != plan.content;
    content.push_back(tool_content(text_block(clip_back(plan.content, longest_shown, plan.path))));
    if (is_revised) {
        FileDiff diff{plan.path, false, false, plan_.plan_before, plan.content};
        content.push_back(diff_content(diff));
    }
    Json about{{"revision", plan.revision}, {"path", plan.path}, {"sha256", plan.sha256}};
    if (!plan_.plan_reason.empty()) about["why"] = plan_.plan_reason;
    std::string title = "Review the plan";
    if (plan.revision > 1) title += " (revision " + std::to_string(plan.revision) + ")";
    return Json{{"toolCallId", id},
                {"title", title},
                {"kind", "switch_mode"},
                {"status", status},
                {"rawInput", {{"plan", clip_back(plan.content, longest_input, plan.path)}}},
                {"content", std::move(content)},
                {"_meta", {{"thole", {{"plan", std::move(about)}}}}}};
}

Json PlanReviews::view(const State& state) {
    Json json{{"status", state.plan_status},   {"revision", state.plan.revision},
              {"sha256", state.plan.sha256},   {"path", state.plan.path},
              {"content", state.plan.content}, {"agent", state.plan.agent_name}};
    if (!state.plan_before.empty()) json["previous"] = state.plan_before;
    if (!state.approved_sha256.empty()) json["approvedSha256"] = state.approved_sha256;
    if (!state.plan_reason.empty()) json["why"] = state.plan_reason;
    return json;
}

}  // namespace thole::acp
