#include <algorithm>
#include <array>

#include "base/json.hpp"
#include "base/text.hpp"
#include "model/providers/demo.hpp"
#include "model/providers/demo_history.hpp"
#include "model/providers/demo_project.hpp"
#include "model/providers/demo_steps.hpp"

namespace thole::model {

namespace {

constexpr std::array<std::string_view, 4> task_texts{"Read the code and run the tests",
                                                     "Repair src/greet.sh", "Repair src/stats.sh",
                                                     "Add the missing test and run all tests"};

// The whole list with the first `finished` behind it and, if `goes_on`, the next one begun. A
// repair that did not come about is cancelled.
DemoCall tasks_call(const DemoHistory& history, std::size_t finished, bool goes_on = true) {
    Json tasks = Json::array();
    for (std::size_t i = 0; i < task_texts.size(); ++i) {
        bool is_repair = i == 1 || i == 2;
        bool failed =
            is_repair && history.outcome(i == 1 ? greet_edit() : stats_edit()) != Outcome::done;
        const char* behind = failed ? "cancelled" : "completed";
        const char* ahead = i == finished && goes_on ? "in_progress" : "pending";
        tasks.push_back({{"content", task_texts[i]}, {"status", i < finished ? behind : ahead}});
    }
    return made("update_tasks", {{"tasks", std::move(tasks)}});
}

DemoCall list_call() {
    return made("list_directory", Json::object());
}

Step plan_step(const DemoHistory& history) {
    return {
        "The tests fail, so they say what is wrong. I should read the code and see the failures "
        "before I change anything.",
        "I will go about it in four steps:\n\n"
        "1. **Look**: read the two scripts and run the tests.\n"
        "2. **Repair** `src/greet.sh`.\n"
        "3. **Repair** `src/stats.sh`.\n"
        "4. **Check**: add the test that is missing and run all of them.\n",
        {tasks_call(history, 0)}};
}

Step greet_step(const DemoHistory& history) {
    return {
        "`${1-world}` stands in only when there is no argument at all; an empty one counts as "
        "given. `${1:-world}` covers both.",
        after_first_run(history) +
            "`greet.sh` takes an empty name for a name: `${1-world}` must be `${1:-world}`.\n",
        {tasks_call(history, 1), greet_edit()}};
}

Step stats_step(const DemoHistory& history) {
    return {
        "max starts at 0, so with negative numbers nothing is ever larger. The first number "
        "must become the maximum whatever it is.",
        after_edit(history, greet_edit(), "src/greet.sh") +
            "`stats.sh` compares with a maximum that starts at 0, so it fails for negative "
            "numbers. The first number has to count in any case.\n",
        {tasks_call(history, 2), stats_edit()}};
}

Step write_step(const DemoHistory& history) {
    return {"",
            after_edit(history, stats_edit(), "src/stats.sh") +
                "The README promises `count 0` when there are no numbers, and no test checks it. I "
                "add one.\n",
            {tasks_call(history, 3), new_test()}};
}

