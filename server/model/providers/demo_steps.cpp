#include "model/providers/demo_steps.hpp"

#include <algorithm>
#include <array>

#include "base/json.hpp"
#include "base/text.hpp"

namespace thole::model {

namespace {

DemoCall edit_call(std::string_view path, std::string_view from, std::string_view to) {
    return made("edit_file", {{"path", path}, {"old_string", from}, {"new_string", to}});
}

DemoCall test_call(std::string_view description) {
    return made("bash", {{"command", "sh tests/run.sh"}, {"description", description}});
}

std::string changes(const DemoHistory& history) {
    struct Change {
        DemoCall call;
        std::string_view path, words;
    };
    const std::array all{
        Change{greet_edit(), "src/greet.sh",
               "- `src/greet.sh`: an empty name greets the world, as no name does\n"},
        Change{stats_edit(), "src/stats.sh",
               "- `src/stats.sh`: the largest of negative numbers is right\n"},
        Change{new_test(), "", "- `tests/empty_test.sh` (new): no numbers give `count 0`\n"}};
    std::string list;
    for (const Change& change : all) {
        bool is_there =
            history.outcome(change.call) == Outcome::done || was_merged(history, change.path);
        if (is_there) list += change.words;
    }
    return list.empty() ? "Nothing was changed.\n" : "Changed:\n\n" + list;
}

}  // namespace

bool is_done(const DemoHistory& history, const Step& step) {
    return std::all_of(step.calls.begin(), step.calls.end(), [&history](const DemoCall& call) {
        return history.outcome(call) != Outcome::none;
    });
}

DemoCall made(std::string tool, Json input) {
    return {std::move(tool), std::make_shared<const Json>(std::move(input))};
}

DemoCall read_call(std::string_view path) {
    return made("read_file", {{"path", path}});
}

DemoCall greet_edit() {
    return edit_call("src/greet.sh", "name=${1-world}", "name=${1:-world}");
}

DemoCall stats_edit() {
    return edit_call("src/stats.sh", "if [ \"$number\" -gt \"$max\" ]; then",
                     "if [ \"$count\" -eq 1 ] || [ \"$number\" -gt \"$max\" ]; then");
}

DemoCall new_test() {
    return made("write_file", {{"path", "tests/empty_test.sh"},
                               {"content",
                                "check \"says so when there are no numbers\" \"count 0\" "
                                "\"$(printf '' | sh src/stats.sh)\"\n"}});
}

DemoCall first_run() {
    return test_call("Run the tests");
}
DemoCall second_run() {
    return test_call("Run the tests again");
}
std::string failed_checks(std::string_view output) {
    std::string list;
    for (std::string_view line : split_lines(output)) {
        std::size_t at = line.find("not ok - ");
        if (at != std::string_view::npos) list += "- " + std::string(line.substr(at + 9)) + "\n";
    }
    return list;
}

bool has_passed(std::string_view output) {
    bool has_checks = output.find("ok - ") != std::string_view::npos;
    return has_checks && failed_checks(output).empty();
}

Step look_step() {
    return {"",
            "First the code, and where the tests check what.\n",
            {read_call("src/greet.sh"), read_call("src/stats.sh"),
             made("grep", {{"pattern", "^check "}, {"path", "tests"}})}};
}

Step run_step() {
    return {"", "Now the tests, to see what fails.\n", {first_run()}};
}

std::string after_first_run(const DemoHistory& history) {
    Outcome outcome = history.outcome(first_run());
    if (outcome == Outcome::denied) {
        return "I am not allowed to run the tests, so I go by what the code says.\n\n";
    }
    std::string failed = failed_checks(history.output(first_run()));
    if (failed.empty()) return "The tests did not get as far as a check; I go by the code.\n\n";
    return "These checks fail:\n\n" + failed + "\n";
}

std::string after_edit(const DemoHistory& history, const DemoCall& edit, std::string_view path) {
    Outcome outcome = history.outcome(edit);
    std::string file = "`" + std::string(path) + "`";
    if (outcome == Outcome::denied)
        return "I was not allowed to change " + file + "; it stays.\n\n";
    if (outcome == Outcome::failed) return "The change of " + file + " did not work; it stays.\n\n";
    return "";
}

Step check_step(const DemoHistory& history) {
    return {"",
            after_edit(history, new_test(), "tests/empty_test.sh") + "Now all tests once more.\n",
            {second_run()}};
}

Step summary_step(const DemoHistory& history) {
    Outcome run = history.outcome(second_run());
    std::string_view output = history.output(second_run());
    std::string verdict = "**All tests pass now.**";
    if (run == Outcome::denied) {
        verdict = "I was not allowed to run the tests again, so I do not know whether they pass.";
    } else if (!has_passed(output)) {
        std::string failed = failed_checks(output);
        verdict = failed.empty()
                      ? "The tests did not run to their end: I cannot say that they pass."
                      : "**The tests still fail:**\n\n" + failed;
    }
    return {"", verdict + "\n\n" + changes(history), {}};
}

Step nothing_to_do() {
    return {"", "All tests pass already: there is nothing to repair.\n", {}};
}

Step no_project(const DemoHistory& history) {
    std::string why(one_line(history.output(read_call("src/greet.sh")), 200));
    return {"",
            "I am thole's demo model: I know one job, in the sample project of `thole demo`, and "
            "this directory does not hold it (" +
                why +
                "). Set ANTHROPIC_API_KEY or OPENAI_API_KEY to work with a real model here.\n",
            {}};
}

}  // namespace thole::model
