#include "session/slash.hpp"

#include <algorithm>
#include <map>

#include "base/text.hpp"
#include "journal/export.hpp"
#include "policy/modes.hpp"
#include "session/agent_commands.hpp"
#include "session/compacting.hpp"
#include "session/trust_review.hpp"

namespace thole {
namespace {

std::string help_text(const std::vector<SlashCommand>& commands) {
    std::string text = "Commands:\n\n";
    for (const SlashCommand& command : commands) {
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

std::string model_text(Session& session, std::string model) {
    std::string failed = choice_text(session, SetOption{"model", model}, "");
    return failed.empty() ? "The model is now `" + session.state().model + "`." : failed;
}

// Asks the providers what they have.
async::Task<std::string> models_text(Sessions& sessions, Session& session) {
    std::vector<model::ModelFacts> models = co_await sessions.models().listed();
    std::string text = "The model is `" + session.state().model + "`. Others:\n\n";
    for (const model::ModelFacts& facts : models) text += "- `" + facts.name + "`\n";
    co_return text;
}

std::string shown(Result<std::string> text) {
    return text ? *text : "Error: " + text.error().message + ".";
}

std::string plan_text(Session& session) {
    return plan_as_text(session.state());
}

std::string export_text(Sessions& sessions, const Session& session) {
    Result<std::string> path = export_to_file(session.files(), sessions.secrets());
    return path ? "Exported to `" + *path + "`." : shown(path);
}

async::Task<std::string> sessions_text(Sessions& sessions, Session& session) {
    ListQuery query;
    query.cwd = session.state().workspace;
    query.limit = 20;
    std::vector<SessionRow> rows = co_await sessions.list(query);
    if (rows.empty()) co_return "There are no sessions here yet.";
    std::string text = "| id | status | title |\n|---|---|---|\n";
    for (const SessionRow& row : rows) {
        text += "| `" + row.id + "` | " + row.status + " | " +
                replace_all(one_line(row.title, 80), "|", "\\|") + " |\n";
    }
    co_return text;
}

// What a command works with.
struct Place {
    Sessions& sessions;
    Session& session;
};
using Answer = std::optional<std::string> (*)(Place, const std::string& argument);
using Answers = std::map<std::string_view, Answer>;

// "/plan" with a request: plan mode, and the request goes to the model.
std::optional<std::string> plan_answer(Place place, const std::string& request) {
    if (request.empty()) return plan_text(place.session);
    Result<std::string> taken = place.session.submit(SetMode{"plan"});
    if (!taken) return shown(taken);
    return std::nullopt;
}

std::string servers_as_text(const State& state) {
    std::string text;
    for (const McpServer& server : state.mcp_servers) {
        text += "- `" + server.name + "`: " + server.status;
        if (server.status == "ready") text += ", " + std::to_string(server.tools) + " tools";
        if (!server.error.empty()) text += ": " + server.error;
        text += " (`" + server.target + "`, from " + server.source + ")\n";
        for (const McpPrompt& prompt : server.prompts) {
            text += "  - `/" + prompt.name + (prompt.hint.empty() ? "" : " " + prompt.hint) + "` " +
                    prompt.description + "\n";
        }
    }
    return text.empty() ? "No MCP server has been started in this session yet; they are when the "
                          "model is first asked."
                        : text;
}

async::Task<std::string> compaction_text(Sessions& sessions, Session& session) {
    Result<ContextCompaction> done = co_await compact_now(sessions.loop(), session);
    if (!done) co_return "Error: " + done.error().message;
    co_return "The conversation is summarised: " + std::to_string(done->before_tokens) + " → " +
        std::to_string(done->after_tokens) + " tokens.";
}

const Answers& answers() {
    static const Answers known = {
        {"help",
         [](Place at, const std::string&) {
             return std::optional(help_text(slash_commands(at.sessions, at.session)));
         }},
        {"trust",
         [](Place at, const std::string& answer) {
             return std::optional(trust_answer(at.sessions, at.session, answer));
         }},
        {"tasks",
         [](Place at, const std::string&) {
             return std::optional(tasks_as_text(at.session.state()));
         }},
        {"task",
         [](Place at, const std::string& number) {
             return std::optional(
                 shown(task_as_text(at.session.files(), at.session.state(), number)));
         }},
        {"mode",
         [](Place at, const std::string& mode) {
             return std::optional(mode_text(at.session, mode));
         }},
        {"model",
         [](Place at, const std::string& model) {
             return std::optional(model_text(at.session, model));
         }},
        {"plan", plan_answer},
        {"export",
         [](Place at, const std::string&) {
             return std::optional(export_text(at.sessions, at.session));
         }},
        {"mcp",
         [](Place at, const std::string&) {
             return std::optional(servers_as_text(at.session.state()));
         }},
        {"save",
         [](Place at, const std::string&) {
             return std::optional(choice_text(at.session, Save{}, "Saved."));
         }},
        {"new",
         [](Place, const std::string&) {
             return std::optional<std::string>(
                 "Start a new session with your editor's own command.");
         }},
        {"resume",
         [](Place, const std::string&) {
             return std::optional<std::string>(
                 "Choose the session with your editor's own command; /sessions lists them.");
         }},
    };
    return known;
}

}  // namespace

const std::vector<SlashCommand>& slash_commands() {
    static const std::vector<SlashCommand> commands = {
        {"help", "what can be typed here", ""},
        {"sessions", "the sessions of this workspace", ""},
        {"new", "start a new session", ""},
        {"resume", "go on with another session", "<id|latest>"},
        {"save", "bring this session to the disk now", ""},
        {"compact", "replace older messages by a summary", ""},
        {"export", "write this session as Markdown", ""},
        {"agents", "the sub-agents of this session, and what becomes of their work",
         "[preview|merge|discard|cancel <id>]"},
        {"tasks", "the task list with its progress", ""},
        {"task", "one task in detail", "<number>"},
        {"plan", "show the plan, or plan a request first", "[request]"},
        {"mcp", "the MCP servers of this session", ""},
        {"mode", "show or change the permission mode", "[mode]"},
        {"model", "show or change the model", "[provider/model]"},
        {"trust", "what this workspace adds of its own, and whether it counts", "[yes <code>|no]"},
    };
    return commands;
}

Typed split_typed(std::string_view text) {
    std::string_view typed = trim(text);
    std::size_t end = std::min(typed.find_first_of(" \t\r\n"), typed.size());
    return {std::string(typed.substr(0, end)), std::string(trim(typed.substr(end)))};
}

async::Task<std::optional<std::string>> run_slash_command(Sessions& sessions, Session& session,
                                                          std::string text) {
    if (trim(text).empty() || trim(text).front() != '/') co_return std::nullopt;
    Typed typed = split_typed(trim(text).substr(1));
    std::string argument = typed.rest;
    if (typed.word == "sessions") {
        std::string listing = co_await sessions_text(sessions, session);
        co_return listing;
    }
    if (typed.word == "compact") {
        std::string done = co_await compaction_text(sessions, session);
        co_return done;
    }
    if (typed.word == "agents") {
        std::string answer = co_await agents_answer(sessions, session, std::move(argument));
        co_return answer;
    }
    if (typed.word == "model" && argument.empty()) {
        std::string listing = co_await models_text(sessions, session);
        co_return listing;
    }
    const Answers& known = answers();
    auto found = known.find(typed.word);
    if (found == known.end()) co_return std::nullopt;
    co_return found->second({sessions, session}, argument);
}

std::string plan_as_text(const State& state) {
    if (state.plan.revision == 0) return "There is no plan yet.";
    bool is_pinned = state.plan_status == "approved" || state.plan_status == "done";
    std::string text =
        "Plan: " + state.plan_status + ", revision " + std::to_string(state.plan.revision);
    if (is_pinned) text += ", approved as " + state.approved_sha256;
    if (!state.plan_reason.empty()) text += "\n\nTo be reviewed again: " + state.plan_reason;
    return text + "\n\n" + state.plan.content + "\n";
}

}  // namespace thole
