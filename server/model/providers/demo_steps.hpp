// What the demo model's two ways of doing its job have in common: alone (demo_script.cpp) and with
// sub-agents (demo_team.cpp). Pure.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/providers/demo_history.hpp"

namespace thole::model {

// One reply: what it thinks and says, and the calls it makes.
struct Step {
    std::string thought, text;
    std::vector<DemoCall> calls;
};
bool is_done(const DemoHistory& history, const Step& step);

DemoCall made(std::string tool, Json input);
DemoCall read_call(std::string_view path);
DemoCall greet_edit();
DemoCall stats_edit();
DemoCall new_test();
DemoCall first_run();
DemoCall second_run();

// Of a run of the tests: the names of the checks that failed, one a line as a Markdown list.
std::string failed_checks(std::string_view output);
bool has_passed(std::string_view output);

Step look_step();
Step run_step();
Step check_step(const DemoHistory& history);
Step summary_step(const DemoHistory& history);
Step nothing_to_do();
Step no_project(const DemoHistory& history);

std::string after_first_run(const DemoHistory& history);
// What to say of an edit before going on.
std::string after_edit(const DemoHistory& history, const DemoCall& edit, std::string_view path);

// The job with two sub-agents that repair side by side.
Step team_step(const DemoHistory& history);
// Such a sub-agent's own step; nullopt: the prompt is none of theirs.
std::optional<Step> repair_step(const DemoHistory& history);
// Whether sub-agents have brought the change of a file home.
bool was_merged(const DemoHistory& history, std::string_view path);

}  // namespace thole::model
