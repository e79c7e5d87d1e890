#include "cli/inspect.hpp"

#include <algorithm>
#include <csignal>
#include <filesystem>

#include "async/signals.hpp"
#include "async/sleep.hpp"
#include "base/json.hpp"
#include "base/text.hpp"
#include "cli/exit_code.hpp"
#include "cli/render.hpp"
#include "journal/catalog.hpp"
#include "session/slash.hpp"

namespace thole::cli {
namespace {

int complain(Parts& parts, const Error& error) {
    parts.output.complain(error.message);
    return exit_code(error.code);
}

// Where the session of the command line is.
Result<SessionFiles> files_of(const Parts& parts, const Invocation& invocation) {
    Result<std::string> id = resolve_session(parts.config(), parts.cwd, invocation.id);
    if (!id) return id.error();
    std::filesystem::path workspace = workspace_of(parts.cwd);
    return SessionFiles{(workspace / parts.config().history_dir).string(), *id};
}

Result<Seen> seen_session(const Parts& parts, const Invocation& invocation) {
    Result<SessionFiles> files = files_of(parts, invocation);
    if (!files) return files.error();
    return inspect_session(*files);
}

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
    std::string text = look.paint(Ink::bold, padded(row.id, 19)) + "  " +
                       look.paint(Ink::dim, minute_of(row.updated_at)) + "  " +
                       look.paint(ink_of(row.status), padded(row.status, 9)) + "  " +
                       fit(title, look.width - std::min<std::size_t>(look.width, 50)) + "\n";
    if (!row.damage.empty()) text += "    " + look.paint(Ink::red, printable(row.damage)) + "\n";
    return text;
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
                 {"log", files.log()},
                 {"damage", seen.damage.text()}};
    Json whole = state_to_json(state);
    json["usage"] = member(whole, "usage");
    for (const char* part : {"tasks", "pending_approvals", "pending_questions"}) {
        const Json& list = member(whole, part);
        json[part] = list.is_null() ? Json::array() : list;
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
    row("log", files.log());
    row("damage", seen.damage.text());
    if (!state.tasks.empty()) text += "\n" + tasks_as_text(state) + "\n";
    return text;
}

// Shows the events of a log that came since the last call.
class LogView {
public:
    LogView(Output& output, SessionFiles files, bool is_json)
        : output_(output),
          files_(std::move(files)),
          is_json_(is_json),
          renderer_({output.out_look(), output.is_out_terminal(), true, true}) {}

    Result<void> show_new() {
        Result<LogRead> read = read_log(files_.log(), files_.blobs(), range_,
                                        [this](const Envelope& envelope, std::string_view line) {
                                            show(envelope, line);
                                            return !output_.is_closed();
                                        });
        if (!read) return read.error();
        range_.offset = read->end;
        damage_ = read->damage;
        return {};
    }
    const Damage& damage() const { return damage_; }

private:
    void show(const Envelope& envelope, std::string_view line) {
        if (is_json_) {
            output_.answer(std::string(line) + "\n");
            return;
        }
        for (Shown& piece : renderer_.piece(envelope.event)) output_.answer(std::move(piece.text));
        for (Shown& piece : renderer_.event(envelope)) output_.answer(std::move(piece.text));
    }

    Output& output_;
    SessionFiles files_;
    bool is_json_;
    Renderer renderer_;
    LogRange range_;
    Damage damage_;
};

async::Task<void> stop_at_signal(async::Loop& loop, async::Scope& scope) {
    async::Signals signals(loop, {SIGINT, SIGTERM, SIGHUP});
    std::optional<int> number = co_await signals.next();
    if (number) scope.request_stop();
}

bool is_alive(const SessionFiles& files) {
    Result<Seen> seen = inspect_session(files);
    return seen && seen->is_alive;
}

async::Task<void> follow(Parts& parts, LogView& view, const SessionFiles& files,
                         async::Scope& scope) {
    bool goes_on = true;
    while (goes_on && !parts.output.is_closed()) {
        // Looked at before reading, so that the last lines of a session that ends are shown.
        goes_on = is_alive(files);
        Result<void> shown = view.show_new();
        async::Wake wake = co_await async::sleep_for(parts.loop, std::chrono::milliseconds(200));
        if (!shown || wake == async::Wake::stopped) break;
    }
    scope.request_stop();
}

}  // namespace

async::Task<int> list_sessions(Parts& parts, const Invocation& invocation) {
    ListQuery query = invocation.query;
    query.cwd = parts.cwd;
    std::vector<SessionRow> rows = co_await parts.sessions.list(std::move(query));
    rows.resize(std::min(rows.size(), static_cast<std::size_t>(invocation.limit)));
    if (invocation.json) {
        Json list = Json::array();
        for (const SessionRow& row : rows) list.push_back(row_to_json(row));
        Json document = {{"schema_version", 1}, {"sessions", std::move(list)}};
        parts.output.answer(dump_json(document) + "\n");
        co_return exit_done;
    }
    std::string text;
    for (const SessionRow& row : rows) text += row_text(row, parts.output.out_look());
    if (rows.empty()) text = "There are no such sessions here.\n";
    parts.output.answer(std::move(text));
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

async::Task<int> show_logs(Parts& parts, const Invocation& invocation) {
    Result<SessionFiles> files = files_of(parts, invocation);
    if (!files) co_return complain(parts, files.error());
    LogView view(parts.output, *files, invocation.json);
    Result<void> shown = view.show_new();
    if (!shown) co_return complain(parts, shown.error());
    if (!view.damage().is_whole()) parts.output.complain(view.damage().text());
    if (invocation.follow) {
        std::stop_token stop = co_await async::current_stop();
        async::Scope scope(stop);
        scope.spawn(stop_at_signal(parts.loop, scope));
        scope.spawn(follow(parts, view, *files, scope));
        co_await scope.join();
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

int show_tasks(Parts& parts, const Invocation& invocation) {
    Result<Seen> seen = seen_session(parts, invocation);
    if (!seen) return complain(parts, seen.error());
    parts.output.answer(printable(tasks_as_text(seen->state)) + "\n");
    return exit_done;
}

}  // namespace thole::cli
