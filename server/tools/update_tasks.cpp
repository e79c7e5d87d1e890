#include "base/json.hpp"
#include "tools/facts.hpp"
#include "tools/standard.hpp"
#include "tools/task_list.hpp"

namespace thole {

namespace {

constexpr std::string_view properties = R"json({
  "changes": {"type": "array", "description": "done in order, all or none", "items": {
    "type": "object", "required": ["op"], "additionalProperties": false, "properties": {
      "op": {"type": "string", "enum": ["add", "update", "reorder", "drop"]},
      "id": {"type": "string"},
      "content": {"type": "string", "description": "one short sentence: what is to be done"},
      "status": {"type": "string", "enum": ["pending", "in_progress", "completed", "cancelled"]},
      "priority": {"type": "string", "enum": ["high", "medium", "low"]},
      "after": {"type": "string", "description": "id of the task to follow (add, reorder)"},
      "before": {"type": "string", "description": "id of the task to precede (reorder)"},
      "position": {"type": "integer", "minimum": 1, "description": "1 is the top (reorder)"},
      "reason": {"type": "string", "description": "why it is not needed (drop)"}}}},
  "tasks": {"type": "array", "description": "the whole list, instead of changes", "items": {
    "type": "object", "required": ["content"], "additionalProperties": false, "properties": {
      "id": {"type": "string", "description": "of a task that is there already"},
      "content": {"type": "string"},
      "status": {"type": "string", "enum": ["pending", "in_progress", "completed", "cancelled"]},
      "priority": {"type": "string", "enum": ["high", "medium", "low"]}}}}
})json";

std::string kept_note(const std::vector<std::string>& kept) {
    if (kept.empty()) return {};
    std::string ids;
    for (const std::string& id : kept) ids += (ids.empty() ? "" : ", ") + id;
    return "\nKept, because still open and not in the new list: " + ids +
           ". Drop a task with a reason when it is not needed any more.";
}

class UpdateTasks final : public Tool {
public:
    const ToolFacts& facts() const override { return facts_; }

    async::Task<Result<Prepared>> prepare(ToolContext& context, JsonValue input) override {
        Result<TaskListChange> change =
            patch_tasks(context.host.tasks(), *input, context.host.timestamp());
        if (!change) co_return change.error();
        Prepared prepared;
        prepared.title = "Update tasks";
        prepared.input = std::move(input);
        co_return std::move(prepared);
    }

    async::Task<ToolOutcome> run(ToolContext& context, const Prepared& prepared) override {
        Result<TaskListChange> change =
            patch_tasks(context.host.tasks(), *prepared.input, context.host.timestamp());
        if (!change) co_return failed_outcome(change.error().message);
        const std::string list = tasks_text(change->tasks);
        std::string text = list.empty() ? "The list is empty.\n" : list;
        const std::string note = kept_note(change->kept);
        context.host.replace_tasks(std::move(change->tasks));
        co_return long_outcome(context.host, std::move(text), note);
    }

private:
    ToolFacts facts_ = tool_facts("update_tasks", Effect::read, "think", properties, {});
};

}  // namespace

std::unique_ptr<Tool> update_tasks_tool() {
    return std::make_unique<UpdateTasks>();
}

}  // namespace thole
