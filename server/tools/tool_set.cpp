#include "tools/standard.hpp"

namespace thole {

void ToolSet::add(std::unique_ptr<Tool> tool) {
    tools_.push_back(std::move(tool));
}

Tool* ToolSet::find(std::string_view name) const {
    for (const auto& tool : tools_) {
        if (tool->facts().name == name) return tool.get();
    }
    return nullptr;
}

std::vector<const ToolFacts*> ToolSet::facts() const {
    std::vector<const ToolFacts*> all;
    for (const auto& tool : tools_) all.push_back(&tool->facts());
    return all;
}

ToolSet standard_tools() {
    ToolSet set;
    set.add(read_file_tool());
    set.add(write_file_tool());
    set.add(edit_file_tool());
    set.add(multi_edit_tool());
    set.add(list_directory_tool());
    set.add(glob_tool());
    set.add(grep_tool());
    set.add(bash_tool());
    set.add(fetch_url_tool());
    set.add(update_tasks_tool());
    set.add(ask_user_tool());
    set.add(spawn_subagent_tool());
    set.add(wait_subagent_tool());
    set.add(message_subagent_tool());
    set.add(cancel_subagent_tool());
    set.add(merge_subagent_tool());
    set.add(write_session_plan_tool());
    set.add(read_session_plan_tool());
    set.add(exit_plan_mode_tool());
    set.add(diagnostics_tool());
    return set;
}

}  // namespace thole
