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

Step job_step(const DemoHistory& history) {
    for (const Step& step : {plan_step(history), look_step()}) {
        if (!is_done(history, step)) return step;
    }
    if (history.outcome(read_call("src/greet.sh")) == Outcome::failed) return no_project(history);
    if (!is_done(history, run_step())) return run_step();
    bool is_first = history.outcome(greet_edit()) == Outcome::none;
    bool passes =
        history.outcome(first_run()) == Outcome::done && has_passed(history.output(first_run()));
    if (is_first && passes) {
        Step end{"", "", {tasks_call(history, 4)}};
        return is_done(history, end) ? nothing_to_do() : end;
    }
    for (const Step& step :
         {greet_step(history), stats_step(history), write_step(history), check_step(history)}) {
        if (!is_done(history, step)) return step;
    }
    bool is_proved = has_passed(history.output(second_run()));
    Step ticks{"", "", {tasks_call(history, is_proved ? 4 : 3, is_proved)}};
    return is_done(history, ticks) ? summary_step(history) : ticks;
}

// Where plans and sub-agents can be had it does not work alone.
Step whole_job(const DemoHistory& history) {
    bool has_team = history.has_tool("spawn_subagent") || history.has_tool("write_session_plan");
    return has_team ? team_step(history) : job_step(history);
}

// Any other prompt: look round, say what is there and who speaks.
Step look_round_step(const DemoHistory& history) {
    Outcome outcome = history.outcome(list_call());
    if (outcome == Outcome::none) return {"", "Let me see what is here.\n", {list_call()}};
    std::string text =
        "I am thole's built-in **demo model**: no network, no key, and no thoughts "
        "of my own about \"" +
        one_line(history.prompt(), 80) + "\".\n\n";
    if (outcome == Outcome::denied) {
        text += "I was not allowed to look at this directory.\n";
    } else {
        text += "This directory holds:\n\n```\n" +
                std::string(clip_utf8(history.output(list_call()), 2000)) + "\n```\n";
    }
    text +=
        "\nThe one job I know is the one of `thole demo`. Run `thole login`, or start Ollama, to "
        "work "
        "with a real model.\n";
    return {"", std::move(text), {}};
}

// The sample project tempts it to do its job whatever the prompt is.
Step free_step(const DemoHistory& history) {
    std::string_view listing = history.output(list_call());
    auto shows = [listing](std::string_view name) {
        return listing.find(name) != std::string_view::npos;
    };
    DemoCall readme = read_call("README.md");
    bool may_be_sample = shows("README.md") && shows("src/") && shows("tests/");
    if (may_be_sample && history.outcome(readme) == Outcome::none) return {"", "", {readme}};
    bool is_sample = history.output(readme).find(demo_mark) != std::string_view::npos;
    return may_be_sample && is_sample ? whole_job(history) : look_round_step(history);
}

// The user's prompts in the text of a conversation, as a Markdown list.
std::string told_prompts(std::string_view told) {
    constexpr std::string_view begin = "<user>\n", end = "\n</user>";
    std::string list;
    for (std::size_t at = told.find(begin); at != std::string_view::npos;) {
        std::string_view rest = told.substr(at + begin.size());
        list += "- \"" + one_line(rest.substr(0, rest.find(end)), 200) + "\"\n";
        at = told.find(begin, at + begin.size());
    }
    return list;
}

std::size_t occurrences(std::string_view text, std::string_view part) {
    std::size_t count = 0;
    for (std::size_t at = text.find(part); at != std::string_view::npos; ++count) {
        at = text.find(part, at + part.size());
    }
    return count;
}

Step summary_of(std::string_view told) {
    return {"",
            "## What the user asked\n\n" + told_prompts(told) + "\n## What was done\n\n" +
                std::to_string(occurrences(told, "\n<call ")) + " tool calls were made.\n",
            {}};
}

// A request without tools asks for words only: a summary or a title.
Step words_only(const DemoHistory& history) {
    if (history.prompt().starts_with("<conversation>")) return summary_of(history.prompt());
    return {"",
            "The user asked: \"" + one_line(history.prompt(), 200) + "\". " +
                std::to_string(history.calls_in_all()) + " tool calls were made.\n",
            {}};
}

std::int64_t estimated_tokens(std::size_t bytes) {
    return static_cast<std::int64_t>((bytes + 3) / 4);
}

std::size_t size_of(const Block& block) {
    if (const auto* text = std::get_if<Text>(&block)) return text->text.size();
    if (const auto* result = std::get_if<ToolResult>(&block)) return result->text.size();
    if (const auto* thought = std::get_if<Thought>(&block)) return thought->text.size();
    const auto* call = std::get_if<ToolCall>(&block);
    return call == nullptr ? 0 : call->name.size() + dump_json(*call->input).size();
}

TokenUsage estimated_usage(const Request& request, const Reply& reply) {
    std::size_t input = request.system.size();
    std::size_t output = 0;
    for (const Message& message : request.messages) {
        for (const Block& block : message.blocks) input += size_of(block);
    }
    for (const ToolSpec& tool : request.tools) input += tool.description.size();
    for (const Block& block : reply.blocks) output += size_of(block);
    TokenUsage usage;
    usage.input = estimated_tokens(input);
    usage.output = estimated_tokens(output);
    usage.cost_usd = 0;
    return usage;
}

Step next_step(const Request& request, const DemoHistory& history) {
    if (request.tools.empty()) return words_only(history);
    if (std::optional<Step> repair = repair_step(history)) return std::move(*repair);
    return history.is_job() ? whole_job(history) : free_step(history);
}

}  // namespace

Reply demo_reply(const Request& request) {
    DemoHistory history(request);
    Step step = next_step(request, history);
    Reply reply;
    if (!step.thought.empty()) reply.blocks.push_back(Thought{step.thought, "", false});
    if (!step.text.empty()) reply.blocks.push_back(Text{step.text});
    std::size_t number = history.calls_in_all();
    for (const DemoCall& call : step.calls) {
        std::string id = "demo_" + std::to_string(++number);
        reply.blocks.push_back(ToolCall{std::move(id), call.tool, call.input, ""});
    }
    if (!step.calls.empty()) reply.stop = StopReason::tool_use;
    reply.usage = estimated_usage(request, reply);
    return reply;
}

}  // namespace thole::model
