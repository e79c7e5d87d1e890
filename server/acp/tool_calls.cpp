#include "acp/tool_calls.hpp"

#include <algorithm>
#include <array>

#include "acp/clip.hpp"
#include "acp/content.hpp"
#include "base/json.hpp"
#include "base/text.hpp"
#include "tools/shell_command.hpp"

namespace thole::acp {

namespace {

constexpr std::size_t raw_output_limit = 48 * 1024;

std::string legal_kind(const std::string& kind) {
    static constexpr std::array kinds = {"read",    "edit",  "delete", "move",        "search",
                                         "execute", "think", "fetch",  "switch_mode", "other"};
    bool is_legal = std::find(kinds.begin(), kinds.end(), kind) != kinds.end();
    return is_legal ? kind : std::string("other");
}

Json location_list(const std::vector<Location>& locations) {
    Json list = Json::array();
    for (const Location& location : locations) {
        if (!location.path.starts_with('/')) continue;
        Json item{{"path", location.path}};
        if (location.line >= 1) item["line"] = location.line;
        list.push_back(std::move(item));
    }
    return list;
}

void set_locations(Json& fields, const std::vector<Location>& locations) {
    Json list = location_list(locations);
    if (!list.empty()) fields["locations"] = std::move(list);
}

Json diff_list(const std::vector<FileDiff>& diffs) {
    Json list = Json::array();
    for (const FileDiff& diff : diffs) list.push_back(diff_content(diff));
    return list;
}

// What programs print is not Markdown.
bool prints_text(const std::string& kind) {
    return kind == "execute" || kind == "read" || kind == "search";
}

void add_output(Json& content, const std::string& kind, std::string_view output) {
    if (trim(output).empty()) return;
    std::string text = clip_front(output, output_limit);
    content.push_back(tool_content(text_block(prints_text(kind) ? fenced(text) : text)));
}

}  // namespace

Json call_fields(const ToolCallStarted& call, const std::string& status) {
    std::string title = one_line(call.title, 200);
    if (title.empty()) title = call.tool.empty() ? std::string("Tool call") : call.tool;
    Json fields{{"toolCallId", call.call_id},
                {"title", title},
                {"kind", legal_kind(call.kind)},
                {"status", status},
                {"rawInput", clip_object(*call.input)}};
    if (!call.tool.empty()) fields["name"] = call.tool;
    if (!call.diffs.empty()) fields["content"] = diff_list(call.diffs);
    set_locations(fields, call.locations);
    if (!call.effect.empty()) fields["_meta"]["thole"]["effect"] = call.effect;
    return fields;
}

Json completion_fields(const ToolCallStarted& call, const ToolCallCompleted& completed) {
    bool succeeded = completed.status == "completed";
    Json content = Json::array();
    // A change that did not happen is not shown as one.
    if (succeeded) content = diff_list(completed.diffs.empty() ? call.diffs : completed.diffs);
    add_output(content, succeeded ? call.kind : std::string(), completed.output);
    if (completed.content->is_array()) {
        for (const Json& block : *completed.content) {
            content.push_back(tool_content(shown_block(block)));
        }
    }
    Json fields{{"toolCallId", completed.call_id},
                {"status", succeeded ? "completed" : "failed"},
                {"content", std::move(content)},
                {"rawOutput", {{"output", clip_front(completed.output, raw_output_limit)}}}};
    set_locations(fields, completed.locations);
    fields["_meta"]["thole"]["status"] = completed.status;
    if (completed.duration_ms > 0) fields["_meta"]["thole"]["durationMs"] = completed.duration_ms;
    return fields;
}

void add_refused(Json& fields, const std::vector<EffectRefused>& refused) {
    Json list = Json::array();
    for (const EffectRefused& one : refused) {
        list.push_back({{"effect", one.effect},
                        {"what", one_line(one.what, 400)},
                        {"by", one.by},
                        {"reason", one_line(one.reason, 400)}});
    }
    if (!list.empty()) fields["_meta"]["thole"]["refused"] = std::move(list);
}

Json running_content(const ToolCallStarted& call, std::string_view output) {
    Json content = diff_list(call.diffs);
    add_output(content, call.kind, output);
    return content;
}

Json terminal_content(const std::string& terminal_id) {
    return Json{{"type", "terminal"}, {"terminalId", terminal_id}};
}

bool runs_in_foreground(const ToolCallStarted& call) {
    const Json& in_background = member(*call.input, "run_in_background");
    const bool waits = !in_background.is_boolean() || !in_background.get<bool>();
    return call.tool == "bash" && waits && !text_member(*call.input, "command").empty();
}

void end_in_terminal(Json& fields, const std::string& terminal_id,
                     const ToolCallCompleted& completed) {
    Json content = Json::array({terminal_content(terminal_id)});
    if (!read_exit(completed.output)) {
        const std::string_view output = completed.output;
        const std::string ending(output.substr(output.rfind('\n') + 1));
        content.push_back(tool_content(text_block(ending)));
    }
    fields["content"] = std::move(content);
}

Json terminal_info(const std::string& terminal_id, const std::string& directory) {
    return Json{{"terminal_info", {{"terminal_id", terminal_id}, {"cwd", directory}}}};
}

Json terminal_output(const std::string& terminal_id, std::string_view piece) {
    return Json{{"terminal_output", {{"terminal_id", terminal_id}, {"data", piece}}}};
}

Json terminal_exit(const std::string& terminal_id, const ToolCallCompleted& completed) {
    Json exit{{"terminal_id", terminal_id}};
    if (std::optional<async::Exit> known = read_exit(completed.output)) {
        if (known->signal == 0) {
            exit["exit_code"] = known->code;
        } else {
            exit["signal"] = signal_name(known->signal);
        }
    }
    return Json{{"terminal_exit", std::move(exit)}};
}

}  // namespace thole::acp
