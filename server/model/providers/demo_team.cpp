// The demo model's job with a plan and two sub-agents, and what these do.
#include <array>

#include "base/json.hpp"
#include "base/text.hpp"
#include "model/providers/demo_steps.hpp"

namespace thole::model {

namespace {

// What one sub-agent is to do, and how it shows that it has.
struct Repair {
    std::string_view path, task, finding, check;
    DemoCall (*edit)();
};

constexpr std::array repairs{
    Repair{"src/greet.sh",
           "Repair src/greet.sh: it must greet the world also when the name is empty.",
           "`${1-world}` covers a name that is missing, not one that is empty.\n",
           "sh tests/run.sh greet", greet_edit},
    Repair{"src/stats.sh",
           "Repair src/stats.sh: the largest of negative numbers must come out right.",
           "The maximum starts at 0, and no negative number is larger.\n", "sh tests/run.sh stats",
           stats_edit}};

constexpr std::array<std::string_view, 4> team_tasks{
    "Repair `src/greet.sh` and `src/stats.sh`, a sub-agent each", "Merge both repairs",
    "Add the missing test, `tests/empty_test.sh`", "Run all tests"};

std::string plan_text() {
    std::string text =
        "# Repair the sample project\n\n"
        "Two faults in two files that have nothing to do with each other: two sub-agents repair "
        "them side by side, each in a git worktree of its own.\n\n";
    for (std::string_view task : team_tasks) text += "- [ ] " + std::string(task) + "\n";
    return text;
}

DemoCall write_plan() {
    return made("write_session_plan", {{"content", plan_text()}});
}
DemoCall hand_in_plan() {
    return made("exit_plan_mode", Json::object());
}

DemoCall spawn(const Repair& repair) {
    return made("spawn_subagent",
                {{"task", repair.task}, {"focus_files", Json::array({repair.path})}});
}

// Where no worktree can be made.
DemoCall spawn_in_place(const Repair& repair) {
    return made("spawn_subagent", {{"task", repair.task}, {"use_worktree", false}});
}

DemoCall check_of(const Repair& repair) {
    return made("bash", {{"command", repair.check}, {"description", "Try the repair"}});
}

// That the sub-agent came to its end.
bool has_worked(const DemoHistory& history, const DemoCall& call) {
    bool is_told = history.output(call).find(": completed]") != std::string_view::npos;
    return history.outcome(call) == Outcome::done && is_told;
}

// The id in "[sub-agent ID: completed]"; "" when it has left nothing to merge.
std::string mergeable(std::string_view report) {
    constexpr std::string_view begin = "[sub-agent ";
    std::size_t at = report.find(begin);
    bool has_changes = report.find("merge_subagent with the id") != std::string_view::npos;
    if (at == std::string_view::npos || !has_changes) return {};
    at += begin.size();
    return std::string(report.substr(at, report.find(':', at) - at));
}

std::optional<DemoCall> merge_of(const DemoHistory& history, const Repair& repair) {
    std::string id = mergeable(history.output(spawn(repair)));
    if (id.empty()) return std::nullopt;
    return made("merge_subagent", {{"id", id}});
}

bool is_repaired(const DemoHistory& history, const Repair& repair) {
    if (history.outcome(repair.edit()) == Outcome::done) return true;
    if (has_worked(history, spawn_in_place(repair))) return true;
    std::optional<DemoCall> merge = merge_of(history, repair);
    return merge && history.outcome(*merge) == Outcome::done;
}

bool are_repaired(const DemoHistory& history) {
    for (const Repair& repair : repairs) {
        if (!is_repaired(history, repair)) return false;
    }
    return true;
}

// The whole list with the first `finished` behind it and, if `goes_on`, the next one begun.
DemoCall tasks_call(const DemoHistory& history, std::size_t finished, bool goes_on = true) {
    Json tasks = Json::array();
    for (std::size_t i = 0; i < team_tasks.size(); ++i) {
        bool failed = i == 1 && finished > 1 && !are_repaired(history);
        const char* behind = failed ? "cancelled" : "completed";
        const char* ahead = i == finished && goes_on ? "in_progress" : "pending";
        tasks.push_back({{"content", team_tasks[i]}, {"status", i < finished ? behind : ahead}});
    }
    return made("update_tasks", {{"tasks", std::move(tasks)}});
}

Step begin_step() {
    return {"",
            "I look first, and change nothing.\n",
            {read_call("src/greet.sh"), read_call("src/stats.sh"), first_run()}};
}

std::string said_of_first_run(const DemoHistory& history) {
    bool shows = !failed_checks(history.output(first_run())).empty();
    return shows ? "Two faults, in two files. " : after_first_run(history);
}

Step plan_step(const DemoHistory& history) {
    return {"Both faults are small, but they are in different files: that is work for two.",
            said_of_first_run(history) + "This is my plan.\n",
            {write_plan(), hand_in_plan()}};
}

Step spawn_step(const DemoHistory& history) {
    Step step{"", "", {tasks_call(history, 0)}};
    for (const Repair& repair : repairs) step.calls.push_back(spawn(repair));
    return step;
}

Step in_place_step(const DemoHistory& history) {
    Step step;
    for (const Repair& repair : repairs) {
        if (has_worked(history, spawn(repair))) continue;
        step.text = "No worktree can be made here, so they work in your own files.\n";
        step.calls.push_back(spawn_in_place(repair));
    }
    return step;
}

// Where there are no sub-agents to be had the work is done all the same.
Step own_step(const DemoHistory& history) {
    Step step;
    for (const Repair& repair : repairs) {
        bool has_tried = history.outcome(spawn_in_place(repair)) != Outcome::none;
        if (!has_tried || has_worked(history, spawn_in_place(repair))) continue;
        step.text = "No sub-agent can be had, so I do it myself.\n";
        step.calls.push_back(repair.edit());
    }
    return step;
}

Step merge_step(const DemoHistory& history) {
    Step step{"", "", {tasks_call(history, 1)}};
    for (const Repair& repair : repairs) {
        std::optional<DemoCall> merge = merge_of(history, repair);
        if (merge) step.calls.push_back(std::move(*merge));
    }
    bool merges = step.calls.size() > 1;
    if (merges) step.text = "What they did is on branches of their own; I bring it here.\n";
    return step;
}

Step test_step(const DemoHistory& history) {
    return {"",
            "The README promises `count 0` for no numbers; I add the test for it.\n",
            {tasks_call(history, 2), new_test()}};
}

Step final_run_step(const DemoHistory& history) {
    std::string said = after_edit(history, new_test(), "tests/empty_test.sh");
    return {"", said, {tasks_call(history, 3), second_run()}};
}

Step end_step(const DemoHistory& history) {
    bool is_proved = has_passed(history.output(second_run()));
    Step ticks{"", "", {tasks_call(history, is_proved ? 4 : 3, false)}};
    if (!is_done(history, ticks)) return ticks;
    if (!is_proved || !are_repaired(history)) return summary_step(history);
    return {"", "**All tests pass now.** The repairs and the new test are in your files.\n", {}};
}

// What it says in the end, for the one that has started it.
std::string repair_report(const DemoHistory& history, const Repair& repair) {
    std::string file = "`" + std::string(repair.path) + "`";
    Outcome edit = history.outcome(repair.edit());
    if (edit == Outcome::denied) return "I was not allowed to change " + file + "; it stays.\n";
    if (edit != Outcome::done) return "The change of " + file + " did not work; it stays.\n";
    if (has_passed(history.output(check_of(repair)))) return file + " passes its tests now.\n";
    if (history.outcome(check_of(repair)) == Outcome::denied) {
        return file + " is changed; I was not allowed to try it.\n";
    }
    return file + " is changed, but it does not pass its tests.\n";
}

}  // namespace

bool was_merged(const DemoHistory& history, std::string_view path) {
    for (const Repair& repair : repairs) {
        if (repair.path == path) return is_repaired(history, repair);
    }
    return false;
}

std::optional<Step> repair_step(const DemoHistory& history) {
    for (const Repair& repair : repairs) {
        if (!history.prompt().starts_with(repair.task)) continue;
        Step look{"", "", {read_call(repair.path)}};
        Step change{"", std::string(repair.finding), {repair.edit()}};
        Step check{"", "", {check_of(repair)}};
        for (const Step& step : {look, change}) {
            if (!is_done(history, step)) return step;
        }
        bool can_check = history.outcome(repair.edit()) == Outcome::done;
        if (can_check && !is_done(history, check)) return check;
        return Step{"", repair_report(history, repair), {}};
    }
    return std::nullopt;
}

Step team_step(const DemoHistory& history) {
    if (!is_done(history, begin_step())) return begin_step();
    if (history.outcome(read_call("src/greet.sh")) == Outcome::failed) return no_project(history);
    bool has_begun = history.outcome(spawn(repairs[0])) != Outcome::none;
    bool passes =
        history.outcome(first_run()) == Outcome::done && has_passed(history.output(first_run()));
    if (!has_begun && passes) return nothing_to_do();
    bool plans = history.has_tool("write_session_plan");
    if (plans && !is_done(history, plan_step(history))) return plan_step(history);
    for (Step (*make)(const DemoHistory&) :
         {spawn_step, in_place_step, own_step, merge_step, test_step, final_run_step}) {
        Step step = make(history);
        if (!is_done(history, step)) return step;
    }
    return end_step(history);
}

}  // namespace thole::model
