#include "acp/v2/session_codec.hpp"

#include <algorithm>

#include "acp/child_view.hpp"
#include "acp/content.hpp"
#include "acp/tool_calls.hpp"
#include "acp/v2/shapes.hpp"
#include "base/code.hpp"
#include "base/json.hpp"
#include "base/text.hpp"
#include "rpc/error.hpp"

namespace thole::acp::v2 {

namespace {

std::string terminal_of(const std::string& call_id) {
    return "terminal-" + call_id;
}

bool is_over(const Json& call) {
    std::string status = text_member(call, "status");
    return status == "completed" || status == "failed" || status == "cancelled";
}

bool waits_for_user(const State& state) {
    bool is_asked = !state.pending_approvals.empty() || !state.pending_questions.empty() ||
                    state.plan_status == "in_review";
    return is_asked || std::any_of(state.children.begin(), state.children.end(),
                                   [](const Child& child) { return child.status == "waiting"; });
}

Json state_update(const char* state) {
    return Json{{"sessionUpdate", "state_update"}, {"state", state}};
}

Json idle_after(const BusyStateChanged& end) {
    Json update = state_update("idle");
    std::string reason = stop_reason_of(end.stop_reason);
    update["stopReason"] = reason;
    if (reason != "error") return update;
    bool lacks_key = end.error_code == code_name(Code::authentication);
    int code = lacks_key ? rpc::authentication_required : rpc::internal_error;
    std::string message = end.error.empty() ? std::string("the turn failed") : end.error;
    update["error"] = {{"code", code},
                       {"message", message},
                       {"data", {{"details", message}, {"code", end.error_code}}}};
    return update;
}

// What a terminal shows is not repeated as text.
bool is_text(const Json& item) {
    return text_member(item, "type") == "content" &&
           text_member(member(item, "content"), "type") == "text";
}

}  // namespace

Json present_state(const State& state) {
    if (!state.is_busy) return state_update("idle");
    return state_update(waits_for_user(state) ? "requires_action" : "running");
}

Codec::Codec(const State& state) : cwd_(state.cwd), turn_(state.busy_message_id) {}

Codec::Show Codec::shower_of(const std::string& kind) {
    static const std::map<std::string, Show> showers{
        {"user_message_chunk", &Codec::show_message},
        {"agent_message_chunk", &Codec::show_message},
        {"agent_thought_chunk", &Codec::show_message},
        {"tool_call", &Codec::show_call},
        {"tool_call_update", &Codec::show_call},
        {"plan", &Codec::show_plan},
        {"config_option_update", &Codec::show_options},
        {"available_commands_update", &Codec::show_commands},
        {"current_mode_update", &Codec::show_nothing}};
    auto found = showers.find(kind);
    return found == showers.end() ? nullptr : found->second;
}

void Codec::show(const Json& update, const UpdateSink& send) {
    Show shower = shower_of(text_member(update, "sessionUpdate"));
    if (!shower) return send(update);
    (this->*shower)(update, send);
}

// The first piece of a message that the client may have already replaces what it has.
void Codec::show_message(const Json& update, const UpdateSink& send) {
    Json message = update;
    std::string id = text_member(update, "messageId");
    if (id.empty()) id = "made-" + std::to_string(++made_ids_);
    message["messageId"] = id;
    std::string kind = text_member(update, "sessionUpdate");
    bool is_prompt = kind == "user_message_chunk" && std::exchange(last_prompt_, id) != id;
    bool begins = replays_ ? messages_.insert(kind + " " + id).second : is_prompt;
    if (!begins) return send(message);
    message["sessionUpdate"] = kind.substr(0, kind.rfind('_'));
    message["content"] = Json::array({member(update, "content")});
    send(message);
}

Json Codec::call_shape(const Json& call) const {
    Json shape = call;
    if (call.contains("status")) shape["status"] = call_status(call);
    auto content = shape.find("content");
    if (content == shape.end()) return shape;
    for (Json& item : *content) item = content_item(item);
    return shape;
}

// Of a command that runs in the foreground.
void Codec::know_shell(const Json& call) {
    const Json& input = member(call, "rawInput");
    std::string command = text_member(input, "command");
    const Json& background = member(input, "run_in_background");
    bool is_shell = text_member(call, "name") == "bash" && !command.empty();
    if (!is_shell || background == Json(true)) return;
    shells_.try_emplace(text_member(call, "toolCallId"), Shell{std::move(command)});
}

void Codec::show_call(const Json& update, const UpdateSink& send) {
    know_shell(update);
    Json call = call_shape(update);
    call["sessionUpdate"] = "tool_call_update";
    std::string id = text_member(update, "toolCallId");
    if (shells_.contains(id)) run_shell(id, call, send);
    send(call);
}

// A terminal comes when the command runs, and before the call that names it.
void Codec::run_shell(const std::string& id, Json& call, const UpdateSink& send) {
    Shell& shell = shells_.at(id);
    bool is_end = is_over(call) && call.contains("rawOutput");
    ShellEnd end;
    if (is_end) end = shell_end(text_member(call["rawOutput"], "output"));
    bool has_run = end.exit || outputs_.contains(id);
    bool runs = text_member(call, "status") == "in_progress" || (is_end && has_run);
    if (runs) open_terminal(id, shell, send);
    if (!shell.is_open) {
        if (is_end) shells_.erase(id);
        return;
    }
    Json content = Json::array({{{"type", "terminal"}, {"terminalId", terminal_of(id)}}});
    for (const Json& item : member(call, "content")) {
        if (!is_text(item)) content.push_back(item);
    }
    if (is_end) {
        if (!end.remark.empty()) content.push_back(tool_content(text_block(end.remark)));
        end_terminal(id, end, send);
    }
    bool tells_content = runs || is_end || call.contains("content");
    if (tells_content) call["content"] = std::move(content);
}

void Codec::open_terminal(const std::string& id, Shell& shell, const UpdateSink& send) {
    if (std::exchange(shell.is_open, true)) return;
    Json update{{"sessionUpdate", "terminal_update"},
                {"terminalId", terminal_of(id)},
                {"command", shell.command}};
    if (cwd_.starts_with('/')) update["cwd"] = cwd_;
    if (replays_) {
        const std::string& output = outputs_[id];
        shell.has_told = !output.empty();
        update["output"] = {{"data", base64_encode(output)}};
    }
    send(update);
}

void Codec::end_terminal(const std::string& id, const ShellEnd& end, const UpdateSink& send) {
    Json update{{"sessionUpdate", "terminal_update"},
                {"terminalId", terminal_of(id)},
                {"exitStatus", exit_status(end)}};
    bool is_untold = !shells_.at(id).has_told && !end.output.empty();
    if (is_untold) update["output"] = {{"data", base64_encode(end.output)}};
    shells_.erase(id);
    outputs_.erase(id);
    send(update);
}

bool Codec::show_output(const ToolOutputChunk& chunk, const UpdateSink& send) {
    auto found = shells_.find(chunk.call_id);
    if (found == shells_.end()) return false;
    open_terminal(chunk.call_id, found->second, send);
    found->second.has_told = true;
    send(Json{{"sessionUpdate", "terminal_output_chunk"},
              {"terminalId", terminal_of(chunk.call_id)},
              {"data", base64_encode(chunk.text)}});
    return true;
}

void Codec::show_plan(const Json& update, const UpdateSink& send) {
    send(Json{{"sessionUpdate", "plan_update"},
              {"plan", {{"type", "items"}, {"planId", "tasks"}, {"entries", plan_entries(update)}}},
              {"_meta", member(update, "_meta")}});
}

void Codec::show_options(const Json& update, const UpdateSink& send) {
    Json changed = update;
    changed["configOptions"] = config_options(member(update, "configOptions"));
    send(changed);
}

void Codec::show_commands(const Json& update, const UpdateSink& send) {
    Json changed = update;
    changed["availableCommands"] = commands(member(update, "availableCommands"));
    send(changed);
}

Json Codec::permission(Json params) {
    return permission_params(params, call_shape(member(params, "toolCall")));
}

void Codec::show_state(const Event& event, const State& state, const UpdateSink& send) {
    const auto* change = std::get_if<BusyStateChanged>(&event);
    bool begins = change && change->busy;
    bool ends = change && !change->busy && change->message_id == turn_ && !turn_.empty();
    if (begins) turn_ = change->message_id;
    if (turn_.empty()) return;
    Json update = ends ? idle_after(*change)
                       : state_update(waits_for_user(state) ? "requires_action" : "running");
    if (ends) turn_.clear();
    std::string text = dump_json(update);
    if (text == std::exchange(told_, text)) return;
    send(update);
}

void Codec::begin_replay() {
    replays_ = true;
    messages_.clear();
    outputs_.clear();
    shells_.clear();
    told_.clear();
}

void Codec::replay(const Event& event) {
    const auto* chunk = std::get_if<ToolOutputChunk>(&event);
    if (!chunk) return;
    std::string& output = outputs_[chunk->call_id];
    output += chunk->text;
    if (output.size() > 2 * output_limit) output.erase(0, output.size() - output_limit);
}

void Codec::end_replay() {
    replays_ = false;
    messages_.clear();
    outputs_.clear();
}

}  // namespace thole::acp::v2
