// An approved plan as a task list. Pure.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "journal/event.hpp"

namespace thole {

// The tasks of `current` with the steps of the plan: a step that is a task already (of an earlier
// revision) stays what it is, or is completed when its box is ticked now; tasks of an earlier plan
// that are no step any more are steps no more, and cancelled with a reason when they were open;
// tasks that came from elsewhere stay, before the steps. A plan without steps is one task.
std::vector<TaskItem> tasks_of_plan(const std::vector<TaskItem>& current, const PlanUpdated& plan,
                                    std::string_view now);

// When the agent begins another plan: what is done or dropped of the one before counts for that one
// only; what is open may become a step of the next.
std::vector<TaskItem> tasks_before_another_plan(std::vector<TaskItem> tasks);

// When a plan is rejected: nothing of one that was approved before is carried out any more.
std::vector<TaskItem> tasks_without_plan(std::vector<TaskItem> tasks, std::string_view now);

}  // namespace thole
