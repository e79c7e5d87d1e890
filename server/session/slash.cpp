#include "session/slash.hpp"

#include <algorithm>
#include <charconv>

#include "base/text.hpp"
#include "policy/modes.hpp"

namespace thole {
namespace {

struct Typed {
    std::string_view name, argument;
};

Typed split_command(std::string_view text) {
    std::string_view line = trim(text);
    line.remove_prefix(1);
    std::size_t space = line.find_first_of(" \t\n");
    if (space == std::string_view::npos) return {line, {}};
    return {line.substr(0, space), trim(line.substr(space))};
}

std::string help_text() {
    std::string text = "Commands:\n\n";
    for (const SlashCommand& command : slash_commands()) {
        std::string usage = "/" + command.name + (command.hint.empty() ? "" : " " + command.hint);
        text += "- `" + usage + "`: " + command.description + "\n";
    }
    return text;
}

std::string choice_text(Session& session, Command command, const std::string& done) {
    Result<std::string> taken = session.submit(std::move(command));
    return taken ? done : "Error: " + taken.error().message;
}

std::string mode_text(Session& session, std::string mode) {
    if (mode.empty()) {
        std::string text = "The mode is `" + session.state().mode + "`. The modes are:\n\n";
        for (Mode each : all_modes) {
            text += "- `" + std::string(mode_name(each)) +
                    "`: " + std::string(mode_description(each)) + "\n";
        }
        return text;
    }
    return choice_text(session, SetMode{mode}, "The mode is now `" + mode + "`.");
}

std::string model_text(Sessions& sessions, Session& session, std::string model) {
    if (!model.empty()) {
        std::string failed = choice_text(session, SetOption{"model", model}, "");
        return failed.empty() ? "The model is now `" + session.state().model + "`." : failed;
    }
    std::string text = "The model is `" + session.state().model + "`. Others:\n\n";
    for (const model::ModelFacts& facts : sessions.models().available()) {
        text += "- `" + facts.name + "`\n";
    }
    return text;
}

std::string task_text(const State& state, std::string_view argument) {
    std::size_t number = 0;
    auto [end, error] = std::from_chars(argument.data(), argument.data() + argument.size(), number);
    bool is_number = error == std::errc() && end == argument.data() + argument.size();
    if (!is_number || number < 1 || number > state.tasks.size()) {
        return "Error: give the number of a task, from 1 to " + std::to_string(state.tasks.size()) +
               ": `/task 1`.";
    }
    const TaskItem& task = state.tasks[number - 1];
    std::string text = "**Task " + std::to_string(number) + "**: " + task.content +
                       "\n\n- status: " + task.status + "\n- priority: " + task.priority +
                       "\n- created: " + task.created_at + "\n- changed: " + task.updated_at + "\n";
    if (!task.reason.empty()) text += "- reason: " + task.reason + "\n";
    return text;
}

async::Task<std::string> sessions_text(Sessions& sessions, Session& session) {
    ListQuery query;
    query.cwd = session.state().cwd;
    std::vector<SessionRow> rows = co_await sessions.list(query);
    if (rows.empty()) co_return "There are no sessions here yet.";
    std::string text = "| id | status | title |\n|---|---|---|\n";
    std::size_t shown = std::min<std::size_t>(rows.size(), 20);
    for (std::size_t i = 0; i < shown; ++i) {
        const SessionRow& row = rows[i];
        text += "| `" + row.id + "` | " + row.status + " | " +
                replace_all(one_line(row.title, 80), "|", "\\|") + " |\n";
    }
    co_return text;
}

std::string_view box_of(const TaskItem& task) {
    if (task.status == "completed") return "[x]";
    if (task.status == "in_progress") return "[>]";
    return task.status == "cancelled" ? "[-]" : "[ ]";
}

}  // namespace

const std::vector<SlashCommand>& slash_commands() {
    static const std::vector<SlashCommand> commands = {
        {"help", "what can be typed here", ""},
        {"sessions", "the sessions of this workspace", ""},
        {"tasks", "the task list with its progress", ""},
        {"task", "one task in detail", "<number>"},
        {"mode", "show or change the permission mode", "[mode]"},
        {"model", "show or change the model", "[provider/model]"},
    };
    return commands;
}

async::Task<std::optional<std::string>> run_slash_command(Sessions& sessions, Session& session,
                                                          std::string text) {
    if (trim(text).empty() || trim(text).front() != '/') co_return std::nullopt;
    Typed typed = split_command(text);
    std::string argument(typed.argument);
    if (typed.name == "help") co_return help_text();
    if (typed.name == "tasks") co_return tasks_as_text(session.state());
    if (typed.name == "task") co_return task_text(session.state(), argument);
    if (typed.name == "mode") co_return mode_text(session, argument);
    if (typed.name == "model") co_return model_text(sessions, session, argument);
    if (typed.name != "sessions") co_return std::nullopt;
    std::string listing = co_await sessions_text(sessions, session);
    co_return listing;
}

std::string tasks_as_text(const State& state) {
    if (state.tasks.empty()) return "There are no tasks.";
    std::size_t done = 0, counted = 0;
    std::string lines;
    for (const TaskItem& task : state.tasks) {
        if (task.status != "cancelled") ++counted;
        if (task.status == "completed") ++done;
        lines += "- " + std::string(box_of(task)) + " " + task.content + "\n";
    }
    return std::to_string(done) + " of " + std::to_string(counted) + " tasks done\n\n" + lines;
}

}  // namespace thole
