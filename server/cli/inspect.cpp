#include "cli/inspect.hpp"

#include <algorithm>

#include "base/json.hpp"
#include "base/text.hpp"
#include "cli/exit_code.hpp"
#include "cli/opening.hpp"
#include "cli/render.hpp"
#include "journal/catalog.hpp"
#include "journal/export.hpp"
#include "session/agent_texts.hpp"
#include "session/agent_tree.hpp"
#include "session/slash.hpp"

namespace thole::cli {
namespace {

Json row_to_json(const SessionRow& row) {
    Json json = {{"id", row.id},
                 {"cwd", row.cwd},
                 {"workspace", row.workspace},
                 {"title", row.title},
                 {"model", row.model},
                 {"mode", row.mode},
                 {"status", row.status},
                 {"created_at", row.created_at},
                 {"updated_at", row.updated_at},
                 {"prompts", row.prompts},
                 {"cost_usd", row.cost_usd}};
    if (!row.parent_session_id.empty()) json["parent_session_id"] = row.parent_session_id;
    if (!row.damage.empty()) json["damage"] = row.damage;
    for (const Hit& hit : row.hits) {
        json["hits"].push_back(
            {{"event_id", hit.event_id}, {"kind", hit.kind}, {"snippet", hit.snippet}});
    }
    return json;
}

Ink ink_of(const std::string& status) {
    if (status == "completed") return Ink::green;
    if (status == "running") return Ink::cyan;
    return status == "cancelled" ? Ink::yellow : Ink::red;
}

std::string padded(const std::string& text, std::size_t width) {
    std::size_t taken = columns(text);
    return taken < width ? text + std::string(width - taken, ' ') : text;
}

// "2026-11-20 13:05" of an RFC 3339 time.
std::string minute_of(const std::string& time) {
    std::string text = time.substr(0, 16);
    std::replace(text.begin(), text.end(), 'T', ' ');
    return text;
}

std::string row_text(const SessionRow& row, const Look& look) {
    std::string title = printable(row.title.empty() ? "(no title)" : row.title);
    if (!row.parent_session_id.empty()) title.insert(0, "↳ ");  // a sub-agent's
    std::string text = look.paint(Ink::bold, padded(row.id, 19)) + "  " +
                       look.paint(Ink::dim, minute_of(row.updated_at)) + "  " +
                       look.paint(ink_of(row.status), padded(row.status, 9)) + "  " +
                       fit(title, look.width - std::min<std::size_t>(look.width, 50)) + "\n";
    if (!row.damage.empty()) text += "    " + look.paint(Ink::red, printable(row.damage)) + "\n";
    for (const Hit& hit : row.hits) {
        std::string place = hit.kind + " " + std::to_string(hit.event_id) + ": ";
        text += "    " + look.paint(Ink::dim, place) +
                fit(printable(hit.snippet), look.width - 4 - columns(place)) + "\n";
    }
    return text;
}

// Sub-agents that wait for somebody.
std::vector<AgentNode> waiting_agents(const SessionFiles& files) {
    std::vector<AgentNode> nodes = agent_tree(files);
    std::erase_if(nodes, [](const AgentNode& node) {
        bool is_over = !node.child.ended_at.empty() || node.is_interrupted;
        return is_over || (node.pending_approvals == 0 && node.child.status != "waiting");
    });
    return nodes;
}

Json status_to_json(const Seen& seen, const SessionFiles& files) {
    const State& state = seen.state;
    Json json = {{"schema_version", 1},
                 {"id", state.id},
                 {"status", state.status},
                 {"is_alive", seen.is_alive},
                 {"is_busy", seen.is_alive && state.is_busy},
                 {"title", state.title},
                 {"model", state.model},
                 {"mode", state.mode},
                 {"cwd", state.cwd},
                 {"created_at", state.created_at},
                 {"updated_at", state.updated_at},
                 {"prompts", state.prompts},
                 {"last_error", state.last_error},
                 {"pid", seen.is_alive ? state.pid : 0},
                 {"socket", seen.is_alive ? state.socket_path : ""},
                 {"log", files.log()},
                 {"damage", seen.damage.text()}};
    Json whole = state_to_json(state);
    json["usage"] = member(whole, "usage");
    for (const char* part : {"tasks", "pending_approvals", "pending_questions"}) {
        const Json& list = member(whole, part);
        json[part] = list.is_null() ? Json::array() : list;
    }
    json["waiting_agents"] = Json::array();
    for (const AgentNode& node : waiting_agents(files)) {
        json["waiting_agents"].push_back(agent_node_to_json(node));
    }
    return json;
}

std::string usage_text(const Usage& usage) {
    std::string text = count_text(usage.input_tokens) + " tokens in, " +
                       count_text(usage.output_tokens) + " out, " +
                       std::to_string(usage.model_requests) + " requests, " +
                       std::to_string(usage.tool_calls) + " tool calls";
    if (usage.cost_usd > 0) text += ", $" + std::to_string(usage.cost_usd).substr(0, 6);
    return text;
}

std::string status_text(const Seen& seen, const SessionFiles& files, const Look& look) {
    const State& state = seen.state;
    std::string text;
    auto row = [&](const char* name, const std::string& value) {
        if (value.empty()) return;
        text += look.paint(Ink::dim, padded(name, 9)) + printable(value) + "\n";
    };
    row("session", state.id);
    row("title", state.title);
    text += look.paint(Ink::dim, padded("status", 9)) +
            look.paint(ink_of(state.status), state.status) +
            (seen.is_alive ? state.is_busy ? " (working)" : " (idle)" : "") + "\n";
    row("error", state.last_error);
    row("model", state.model);
    row("mode", state.mode);
    row("in", state.cwd);
    row("changed", minute_of(state.updated_at) + " UTC");
    row("usage", usage_text(state.usage));
    for (const ApprovalRequested& asked : state.pending_approvals) {
        row("waits", "approval of " + asked.tool + ": " + asked.why);
    }
    for (const QuestionRequested& asked : state.pending_questions) row("asks", asked.question);
    std::vector<AgentNode> agents = waiting_agents(files);
    for (const AgentNode& node : agents) {
        const Child& child = node.child;
        row("waits", "sub-agent " + short_agent_id(child.spawned.child_session_id) + ": " +
                         child.activity + " (" + one_line(child.spawned.task, 60) + ")");
    }
    bool is_reviewed = state.plan_status == "in_review";
    if (is_reviewed)
        row("waits", "review of the plan, revision " + std::to_string(state.plan.revision));
    if (state.plan.revision > 0) row("plan", state.plan_status);
    bool waits = !state.pending_approvals.empty() || !state.pending_questions.empty() ||
                 is_reviewed || !agents.empty();
    if (waits)
        row("answer", "thole " + std::string(seen.is_alive ? "attach " : "resume ") + state.id);
    if (seen.is_alive) row("process", std::to_string(state.pid));
    if (seen.is_alive) row("socket", state.socket_path);
    row("log", files.log());
    row("damage", seen.damage.text());
    if (!state.tasks.empty()) text += "\n" + tasks_as_text(state) + "\n";
    return text;
}

// What show_part() shows. Errors: of task_as_text.
Result<std::string> part_of(const Invocation& invocation, const Seen& seen,
                            const SessionFiles& files) {
    switch (invocation.action) {
        case Action::task:
            return task_as_text(files, seen.state, std::to_string(invocation.number));
        case Action::plan:
            return plan_as_text(seen.state);
        default:
            return tasks_as_text(seen.state);
    }
}

}  // namespace

std::string rows_text(const std::vector<SessionRow>& rows, const Look& look) {
    std::string text;
    for (const SessionRow& row : rows) text += row_text(row, look);
    return rows.empty() ? "There are no such sessions here.\n" : text;
}

async::Task<int> list_sessions(Parts& parts, const Invocation& invocation) {
    ListQuery query = invocation.query;
    query.cwd = parts.cwd;
    query.limit = static_cast<std::size_t>(invocation.limit);
    std::vector<SessionRow> rows = co_await parts.sessions.list(std::move(query));
    if (invocation.json) {
        Json list = Json::array();
        for (const SessionRow& row : rows) list.push_back(row_to_json(row));
        Json document = {{"schema_version", 1}, {"sessions", std::move(list)}};
        parts.output.answer(dump_json(document) + "\n");
        co_return exit_done;
    }
    parts.output.answer(rows_text(rows, parts.output.out_look()));
    co_return exit_done;
}

async::Task<int> delete_session(Parts& parts, const Invocation& invocation) {
    Result<std::string> id = resolve_session(parts.config(), parts.cwd, invocation.id);
    if (!id) co_return complain(parts, id.error());
    std::string name = *id;
    Result<void> removed = co_await parts.sessions.remove(std::move(name), parts.cwd);
    if (!removed) co_return complain(parts, removed.error());
    parts.output.answer("deleted " + *id + "\n");
    co_return exit_done;
}

async::Task<int> export_session(Parts& parts, const Invocation& invocation) {
    Result<SessionFiles> files = files_of(parts, invocation);
    if (!files) co_return complain(parts, files.error());
    ExportFormat format = invocation.format == "json" ? ExportFormat::json : ExportFormat::markdown;
    Result<std::unique_ptr<Export>> document =
        Export::open(std::move(*files), format, parts.secrets);
    if (!document) co_return complain(parts, document.error());
    for (bool goes_on = true; goes_on && !parts.output.is_closed();) {
        Result<std::string> piece = (*document)->next();
        if (!piece) co_return complain(parts, piece.error());
        goes_on = !piece->empty();
        parts.output.answer(std::move(*piece));
        co_await parts.output.drained();
    }
    co_return exit_done;
}

int show_status(Parts& parts, const Invocation& invocation) {
    Result<SessionFiles> files = files_of(parts, invocation);
    if (!files) return complain(parts, files.error());
    Result<Seen> seen = inspect_session(*files);
    if (!seen) return complain(parts, seen.error());
    parts.output.answer(invocation.json ? dump_json(status_to_json(*seen, *files)) + "\n"
                                        : status_text(*seen, *files, parts.output.out_look()));
    return exit_done;
}

int show_part(Parts& parts, const Invocation& invocation) {
    Result<SessionFiles> files = files_of(parts, invocation);
    if (!files) return complain(parts, files.error());
    Result<Seen> seen = inspect_session(*files);
    if (!seen) return complain(parts, seen.error());
    Result<std::string> text = part_of(invocation, *seen, *files);
    if (!text) return complain(parts, text.error());
    std::string shown = printable(*text);
    parts.output.answer(shown.back() == '\n' ? shown : shown + "\n");
    return exit_done;
}

}  // namespace thole::cli
