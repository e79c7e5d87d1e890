#include "session/plan_tasks.hpp"

#include <algorithm>

#include "agent/plan_text.hpp"
#include "tools/task_list.hpp"

namespace thole {
namespace {

constexpr std::size_t most_steps = 400;

bool is_open(const TaskItem& task) {
    return task.status == "pending" || task.status == "in_progress";
}

std::vector<PlanStep> steps_of(const PlanUpdated& plan) {
    std::vector<PlanStep> steps = plan_steps(plan.content);
    if (steps.empty()) steps.push_back({"Carry out the plan", false});
    if (steps.size() > most_steps) steps.resize(most_steps);
    return steps;
}

TaskItem new_task(const PlanStep& step, std::string_view now) {
    TaskItem task;
    task.content = step.text;
    task.created_at = task.updated_at = now;
    if (!step.is_done) return task;
    task.status = "completed";
    task.completed_at = now;
    return task;
}

// A box that the user ticked since says that the step is done.
void take_tick(TaskItem& task, const PlanStep& step, std::string_view now) {
    if (!step.is_done || task.status == "completed") return;
    task.status = "completed";
    task.completed_at = task.updated_at = now;
}

void cancel(TaskItem& task, const std::string& reason, std::string_view now) {
    task.plan_step = 0;
    if (!is_open(task)) return;
    task.status = "cancelled";
    task.reason = reason;
    task.updated_at = now;
}

}  // namespace

std::vector<TaskItem> tasks_of_plan(const std::vector<TaskItem>& current, const PlanUpdated& plan,
                                    std::string_view now) {
    std::vector<TaskItem> others, steps, left;
    for (const TaskItem& task : current) (task.plan_step > 0 ? left : others).push_back(task);
    std::uint64_t next = next_task_number(current);
    std::int64_t number = 0;
    for (const PlanStep& step : steps_of(plan)) {
        auto known = std::find_if(left.begin(), left.end(), [&](const TaskItem& task) {
            return task.content == step.text && task.status != "cancelled";
        });
        TaskItem task = known == left.end() ? new_task(step, now) : std::move(*known);
        if (known != left.end()) left.erase(known);
        if (task.id.empty()) task.id = std::to_string(next++);
        take_tick(task, step, now);
        task.plan_step = ++number;
        steps.push_back(std::move(task));
    }
    for (TaskItem& task : left) {
        cancel(task, "not in revision " + std::to_string(plan.revision) + " of the plan", now);
        others.push_back(std::move(task));
    }
    others.insert(others.end(), steps.begin(), steps.end());
    return others;
}

std::vector<TaskItem> tasks_before_another_plan(std::vector<TaskItem> tasks) {
    for (TaskItem& task : tasks) {
        if (!is_open(task)) task.plan_step = 0;
    }
    return tasks;
}

std::vector<TaskItem> tasks_without_plan(std::vector<TaskItem> tasks, std::string_view now) {
    for (TaskItem& task : tasks) {
        if (task.plan_step > 0) cancel(task, "the plan was rejected", now);
    }
    return tasks;
}

}  // namespace thole
