// An approved plan as a task list. Pure.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "journal/event.hpp"

namespace thole {

// The tasks of `current` with the steps of the plan: a step that is a task already (of an earlier
// revision) stays what it is; open tasks of an earlier plan that are no step any more are cancelled
// with a reason; tasks that came from elsewhere stay, before the steps. A plan without steps is one
// task.
std::vector<TaskItem> tasks_of_plan(const std::vector<TaskItem>& current, const PlanUpdated& plan,
                                    std::string_view now);

}  // namespace thole
