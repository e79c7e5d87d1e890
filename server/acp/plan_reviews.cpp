#include "acp/plan_reviews.hpp"

#include "acp/clip.hpp"
#include "acp/content.hpp"
#include "base/json.hpp"
#include "base/text.hpp"

namespace thole::acp {

namespace {

std::string words_of(const PlanReviewed* review) {
    if (!review) return "Not reviewed.";
    if (review->decision == "approved") return "Approved.";
    if (review->decision == "rejected") return "Rejected; nothing of it is carried out.";
    std::string words = review->feedback;
    for (const PlanComment& comment : review->comments) {
        words += (words.empty() ? "" : "\n\n") + std::string("Line ") +
                 std::to_string(comment.start_line) + ": " + comment.text;
    }
    return words.empty() ? "Say what should be different with your next message." : words;
}

}  // namespace

PlanReviews::Change PlanReviews::take(const Envelope& envelope) {
    Change change;
    const auto* turn = std::get_if<BusyStateChanged>(&envelope.event);
    if (!turn && !is_about_plan(envelope.event)) return change;
    if (turn) is_busy_ = turn->busy;
    if (!turn) apply(plan_, envelope);
    plan_.context.clear();
    const auto* review = std::get_if<PlanReviewed>(&envelope.event);
    const auto* update = std::get_if<PlanUpdated>(&envelope.event);
    bool waits = is_busy_ && plan_.plan_status == "in_review";
    bool is_other = update && update->by != "user";
    if (!id_.empty() && (!waits || is_other)) {
        bool is_approved = review && review->decision == "approved";
        Json ended = fields(is_approved ? "completed" : "failed");
        ended["content"].push_back(tool_content(text_block(words_of(review))));
        change.ended = std::move(ended);
        id_.clear();
    }
    if (waits && id_.empty()) {
        id_ = "plan-review-" + std::to_string(envelope.id);
        change.begun = fields("pending");
    }
    return change;
}

std::optional<Json> PlanReviews::open_call() const {
    if (id_.empty()) return std::nullopt;
    return fields("pending");
}

Json PlanReviews::fields(const std::string& status) const {
    const PlanUpdated& plan = plan_.plan;
    Json content = Json::array();
    bool is_revised = !plan_.plan_before.empty() && plan_.plan_before != plan.content;
    std::string text = clip_front(plan.content, 256 * 1024);
    content.push_back(tool_content(text_block(text)));
    if (is_revised) {
        FileDiff diff{plan.path, false, false, plan_.plan_before, plan.content};
        content.push_back(diff_content(diff));
    }
    Json about{{"revision", plan.revision}, {"path", plan.path}, {"sha256", plan.sha256}};
    if (!plan_.plan_reason.empty()) about["why"] = plan_.plan_reason;
    std::string title = "Review the plan";
    if (plan.revision > 1) title += " (revision " + std::to_string(plan.revision) + ")";
    return Json{{"toolCallId", id_},
                {"title", title},
                {"kind", "switch_mode"},
                {"status", status},
                {"rawInput", clip_object(Json{{"plan", plan.content}})},
                {"content", std::move(content)},
                {"_meta", {{"thole", {{"plan", std::move(about)}}}}}};
}

Json PlanReviews::view(const State& state) {
    Json json{{"status", state.plan_status},
              {"revision", state.plan.revision},
              {"sha256", state.plan.sha256},
              {"path", state.plan.path},
              {"content", state.plan.content},
              {"agent", state.plan.agent_name}};
    if (!state.plan_before.empty()) json["previous"] = state.plan_before;
    if (!state.approved_sha256.empty()) json["approvedSha256"] = state.approved_sha256;
    if (!state.plan_reason.empty()) json["why"] = state.plan_reason;
    return json;
}

}  // namespace thole::acp
