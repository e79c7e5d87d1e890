#include "acp/review_texts.hpp"

#include "acp/clip.hpp"
#include "base/json.hpp"
#include "base/text.hpp"

namespace thole::acp {

namespace {

constexpr std::size_t longest_plan_shown = 256 * 1024;

Json option(const char* kind, const char* name) {
    return Json{{"optionId", kind}, {"name", name}, {"kind", kind}};
}

// Approving and accepting edits is more than approving only where edits are asked about.
bool asks_about_edits(const State& state) {
    return state.mode_before_plan.empty() || state.mode_before_plan == "default";
}

// Feedback without words keeps the plan a draft.
ReviewPlan review_with(std::int64_t revision, std::string decision, std::string words = {}) {
    ReviewPlan review;
    review.decision = std::move(decision);
    review.feedback = std::move(words);
    review.revision = revision;
    return review;
}

ReviewPlan approval(std::int64_t revision, std::string mode = {}) {
    ReviewPlan review = review_with(revision, "approved");
    review.mode = std::move(mode);
    return review;
}

Json choice(const char* value, const char* title) {
    return Json{{"const", value}, {"title", title}};
}

std::string question_of(const State& state) {
    std::string text = "Does this plan look good?";
    if (!state.plan_reason.empty()) {
        text = "The plan is to be reviewed again: " + state.plan_reason + ".";
    }
    return text + "\n\n" + clip_back(state.plan.content, longest_plan_shown, state.plan.path);
}

}  // namespace

Json review_params(const State& state, Json tool_call) {
    Json options = Json::array({option("allow_once", "Approve the plan")});
    if (asks_about_edits(state)) {
        options.push_back(option("allow_always", "Approve it and accept edits"));
    }
    options.push_back(option("reject_once", "Keep planning"));
    Json about{{"plan", {{"revision", state.plan.revision}}}};
    if (!state.plan_reason.empty()) about["why"] = state.plan_reason;
    return Json{{"sessionId", state.id},
                {"toolCall", std::move(tool_call)},
                {"options", std::move(options)},
                {"_meta", {{"thole", std::move(about)}}}};
}

Command review_command(std::int64_t revision, const Result<Json>& answer) {
    if (!answer) return review_with(revision, "feedback");
    const Json& outcome = member(*answer, "outcome");
    std::string kind = text_member(outcome, "outcome");
    if (kind == "cancelled") return Cancel{};
    std::string chosen = kind == "selected" ? text_member(outcome, "optionId") : std::string();
    if (chosen == "allow_once") return approval(revision);
    if (chosen == "allow_always") return approval(revision, "accept-edits");
    const Json& about = member(member(outcome, "_meta"), "thole");
    return review_with(revision, "feedback", text_member(about, "reason"));
}

Json review_form(const State& state, const Json& tool_call) {
    Json choices = Json::array({choice("approve", "Approve")});
    if (asks_about_edits(state)) {
        choices.push_back(choice("approve_edits", "Approve and accept edits"));
    }
    choices.push_back(choice("revise", "Revise, by the comments"));
    choices.push_back(choice("reject", "Reject: nothing is carried out"));
    Json decision{{"type", "string"}, {"title", "Decision"}, {"oneOf", std::move(choices)}};
    Json comments{{"type", "string"}, {"title", "Comments"}};
    Json schema{{"type", "object"},
                {"properties", {{"decision", std::move(decision)}, {"comments", comments}}},
                {"required", Json::array({"decision"})}};
    return Json{{"sessionId", state.id},
                {"toolCallId", text_member(tool_call, "toolCallId")},
                {"mode", "form"},
                {"message", question_of(state)},
                {"requestedSchema", std::move(schema)}};
}

// Comments mean changes, whatever stands beside them.
Command form_command(std::int64_t revision, const Result<Json>& answer) {
    std::string action = answer ? text_member(*answer, "action") : "decline";
    if (action == "cancel") return Cancel{};
    if (action != "accept") return review_with(revision, "feedback");
    const Json& content = member(*answer, "content");
    std::string decision = text_member(content, "decision");
    std::string comments(trim(text_member(content, "comments")));
    if (decision == "reject") return review_with(revision, "rejected", comments);
    if (!comments.empty()) return review_with(revision, "feedback", comments);
    if (decision == "approve") return approval(revision);
    if (decision == "approve_edits") return approval(revision, "accept-edits");
    return review_with(revision, "feedback");
}

}  // namespace thole::acp
