// The states of a plan, the table of what leads from one to the next, and what a review says to the
// model. Pure. The state itself is a part of State; this table is the only thing that changes it.
#pragma once
#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "journal/event.hpp"

namespace thole {

enum class PlanStatus { none, drafting, in_review, approved, rejected, done };
inline constexpr std::array all_plan_statuses = {PlanStatus::none,      PlanStatus::drafting,
                                                 PlanStatus::in_review, PlanStatus::approved,
                                                 PlanStatus::rejected,  PlanStatus::done};

enum class PlanAction {
    write,            // the agent writes a revision
    edit,             // the user does, in a review or in the file
    submit,           // it is ready for review
    request_changes,  // the user's feedback
    approve,
    reject,
    reopen,  // what was approved holds no more
    finish   // all its steps are done
};
inline constexpr std::array all_plan_actions = {
    PlanAction::write,   PlanAction::edit,   PlanAction::submit, PlanAction::request_changes,
    PlanAction::approve, PlanAction::reject, PlanAction::reopen, PlanAction::finish};

// "none", "drafting", "in_review", "approved", "rejected", "done"; what is none of these is none.
std::string_view plan_status_name(PlanStatus status);
PlanStatus parse_plan_status(std::string_view name);

// The status after `action`; nullopt: it is not possible now, and changes nothing.
std::optional<PlanStatus> next_plan_status(PlanStatus status, PlanAction action);

// "approved", "rejected" or "feedback"; nullopt for anything else.
std::optional<PlanAction> action_of_decision(std::string_view decision);

// PlanUpdated, PlanReviewed, PlanStatusChanged.
bool is_about_plan(const Event& event);

// What the model is told of a review; "" for feedback that has no words yet.
std::string review_message(const PlanReviewed& review);

// "/w/a.c, /w/b.c and 7 more"
std::string drifted_files(const PlanDrifted& drifted);

// What a reply to the review prompt decides: the words that approve or reject, trimmed and whatever
// their case, alone; anything else is feedback in these words.
PlanReviewed review_of(std::string_view reply);
// The prompt that such a reply answers.
std::string_view review_prompt();

}  // namespace thole
