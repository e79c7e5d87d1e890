// The tools that thole brings, one function each; standard_tools() puts them together.
#pragma once
#include <memory>

#include "tools/skills.hpp"
#include "tools/tool.hpp"

namespace thole {

std::unique_ptr<Tool> read_file_tool();
std::unique_ptr<Tool> write_file_tool();
std::unique_ptr<Tool> edit_file_tool();
std::unique_ptr<Tool> multi_edit_tool();
std::unique_ptr<Tool> list_directory_tool();
std::unique_ptr<Tool> glob_tool();
std::unique_ptr<Tool> grep_tool();
std::unique_ptr<Tool> bash_tool();
std::unique_ptr<Tool> fetch_url_tool();
std::unique_ptr<Tool> update_tasks_tool();
std::unique_ptr<Tool> ask_user_tool();
std::unique_ptr<Tool> spawn_subagent_tool();
std::unique_ptr<Tool> wait_subagent_tool();
std::unique_ptr<Tool> message_subagent_tool();
std::unique_ptr<Tool> cancel_subagent_tool();
std::unique_ptr<Tool> merge_subagent_tool();
std::unique_ptr<Tool> write_session_plan_tool();
std::unique_ptr<Tool> read_session_plan_tool();
std::unique_ptr<Tool> exit_plan_mode_tool();
std::unique_ptr<Tool> diagnostics_tool();

// Not among standard_tools(): the agent adds it, with the skills of its session.
std::unique_ptr<Tool> skill_tool(SkillShelf shelf);

}  // namespace thole
