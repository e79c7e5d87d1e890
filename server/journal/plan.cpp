#include "journal/plan.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace thole {

namespace {

using Status = PlanStatus;
using Action = PlanAction;

constexpr std::array<std::string_view, all_plan_statuses.size()> names = {
    "none", "drafting", "in_review", "approved", "rejected", "done"};

struct Transition {
    Status from;
    Action action;
    Status to;
};

constexpr std::array transitions = {
    Transition{Status::none, Action::write, Status::drafting},
    Transition{Status::drafting, Action::write, Status::drafting},
    Transition{Status::in_review, Action::write, Status::drafting},
    Transition{Status::approved, Action::write, Status::drafting},
    Transition{Status::rejected, Action::write, Status::drafting},
    Transition{Status::done, Action::write, Status::drafting},
    Transition{Status::drafting, Action::edit, Status::drafting},
    Transition{Status::in_review, Action::edit, Status::in_review},
    Transition{Status::approved, Action::edit, Status::in_review},
    Transition{Status::drafting, Action::submit, Status::in_review},
    Transition{Status::in_review, Action::submit, Status::in_review},
    Transition{Status::in_review, Action::request_changes, Status::drafting},
    Transition{Status::in_review, Action::approve, Status::approved},
    Transition{Status::in_review, Action::reject, Status::rejected},
    Transition{Status::approved, Action::reopen, Status::in_review},
    Transition{Status::approved, Action::finish, Status::done},
};

template <std::size_t N>
bool is_one_of(const std::string& word, const std::array<std::string_view, N>& words) {
    return std::find(words.begin(), words.end(), word) != words.end();
}

std::string in_block(std::string_view text) {
    std::string lines;
    for (std::string_view line : split_lines(text)) lines += "> " + std::string(line) + "\n";
    return lines;
}

std::string comment_text(const PlanComment& comment) {
    std::string where = "Line " + std::to_string(comment.start_line);
    if (comment.end_line > comment.start_line) {
        where = "Lines " + std::to_string(comment.start_line) + " to " +
                std::to_string(comment.end_line);
    }
    return where + ":\n" + in_block(comment.quote) + comment.text + "\n\n";
}

std::string feedback_message(const PlanReviewed& review) {
    if (review.feedback.empty() && review.comments.empty()) return {};
    std::string text = "I have reviewed revision " + std::to_string(review.revision) +
                       " of the plan and want it changed.\n\n";
    if (!review.feedback.empty()) text += review.feedback + "\n\n";
    for (const PlanComment& comment : review.comments) text += comment_text(comment);
    return text +
           "Read the plan with read_session_plan (I may have edited it), write it again with "
           "write_session_plan, leaving alone what I did not speak of, and call exit_plan_mode.";
}

}  // namespace

std::string_view plan_status_name(PlanStatus status) {
    return names[static_cast<std::size_t>(status)];
}

PlanStatus parse_plan_status(std::string_view name) {
    for (PlanStatus status : all_plan_statuses) {
        if (plan_status_name(status) == name) return status;
    }
    return PlanStatus::none;
}

std::optional<PlanStatus> next_plan_status(PlanStatus status, PlanAction action) {
    for (const Transition& one : transitions) {
        if (one.from == status && one.action == action) return one.to;
    }
    return std::nullopt;
}

std::optional<PlanAction> action_of_decision(std::string_view decision) {
    if (decision == "approved") return PlanAction::approve;
    if (decision == "rejected") return PlanAction::reject;
    if (decision == "feedback") return PlanAction::request_changes;
    return std::nullopt;
}

bool is_about_plan(const Event& event) {
    return std::holds_alternative<PlanUpdated>(event) ||
           std::holds_alternative<PlanReviewed>(event) ||
           std::holds_alternative<PlanStatusChanged>(event);
}

std::string review_message(const PlanReviewed& review) {
    std::string revision = std::to_string(review.revision);
    if (review.decision == "approved") {
        return "I approve revision " + revision +
               " of the plan. Carry it out now, step by step: its steps are the task list, which "
               "you keep up to date with update_tasks.";
    }
    if (review.decision == "rejected") {
        return "I reject the plan (revision " + revision +
               "). It is discarded: nothing of it is to be carried out.";
    }
    return feedback_message(review);
}

std::string drifted_files(const PlanDrifted& drifted) {
    constexpr std::size_t most_named = 20;
    std::string text;
    std::size_t named = 0;
    for (const std::string& file : drifted.files) {
        if (named == most_named) break;
        text += (named++ == 0 ? "" : ", ") + file;
    }
    std::size_t rest = drifted.files.size() - named;
    return rest == 0 ? text : text + " and " + std::to_string(rest) + " more";
}

PlanReviewed review_of(std::string_view reply) {
    static constexpr std::array<std::string_view, 5> yes = {"yes", "y", "approve", "ok",
                                                            "looks good"};
    static constexpr std::array<std::string_view, 4> no = {"no", "n", "reject", "cancel"};
    PlanReviewed review;
    std::string word = to_lower_ascii(trim(reply));
    if (is_one_of(word, yes)) {
        review.decision = "approved";
    } else if (is_one_of(word, no)) {
        review.decision = "rejected";
    } else {
        review.decision = "feedback";
        review.feedback = std::string(trim(reply));
    }
    return review;
}

std::string_view review_prompt() {
    return "Does this plan look good? Reply with yes/no to approve or reject, or describe any "
           "changes you'd like.";
}

}  // namespace thole
