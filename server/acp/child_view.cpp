#include "acp/child_view.hpp"

#include "acp/projection.hpp"
#include "base/json.hpp"
#include "base/text.hpp"
#include "rpc/envelope.hpp"

namespace thole::acp {

namespace {

constexpr std::chrono::milliseconds output_interval{50};

Json usage_of(const Usage& usage) {
    return Json{{"inputTokens", usage.input_tokens},
                {"outputTokens", usage.output_tokens},
                {"totalTokens", usage.input_tokens + usage.output_tokens}};
}

// A sub-agent's mode and options are those of whoever started it.
bool is_about_options(const Json& update) {
    std::string kind = text_member(update, "sessionUpdate");
    return kind == "current_mode_update" || kind == "config_option_update";
}

// What a sub-agent prints is shown as text.
Client without_terminals(Client client) {
    client.shows_terminals = false;
    return client;
}

std::string title_of(const std::string& task) {
    std::string title = one_line(task.substr(0, task.find('\n')), 80);
    return title.empty() ? "Sub-agent" : title;
}

}  // namespace

std::string stop_reason_of(const std::string& reason) {
    if (reason == "limit") return "max_turn_requests";
    bool is_known = reason == "max_tokens" || reason == "refusal" || reason == "cancelled" ||
                    reason == "error" || reason == "max_turn_requests";
    return is_known ? reason : "end_turn";
}

Json ended_child(const Child& child) {
    Json state{{"state", "idle"}};
    if (child.status == "cancelled") state["stopReason"] = "cancelled";
    if (child.status == "completed") state["stopReason"] = "end_turn";
    return Json{{"sessionUpdate", "subagent_update"},
                {"sessionId", child.spawned.child_session_id},
                {"title", title_of(child.spawned.task)},
                {"description", child.spawned.task},
                {"state", std::move(state)}};
}

ChildView::ChildView(async::Loop& loop, rpc::Connection& connection, const Client& client,
                     const Family::Member& member)
    : connection_(connection),
      id_(member.id),
      parent_id_(member.parent_id),
      session_(*member.session),
      live_(std::make_unique<Projector>(Projector::View::live, without_terminals(client),
                                        std::vector<ModelChoice>())),
      text_(connection.outbox(), member.id),
      output_timer_(loop, [this] { show_output(); }) {
    const State& state = session_.state();
    told_ = dump_json(work_state());
    tell({{"title", title_of(member.task)},
          {"description", member.task},
          {"cwd", state.cwd},
          {"capabilities", {{"cancel", Json::object()}}},
          {"state", work_state()},
          {"_meta",
           {{"thole",
             {{"parentToolCallId", member.call_id},
              {"agent", {{"agentId", member.id}, {"task", member.task}}}}}}}});
    live_->know_title(state.title);
    for (const ToolCallStarted& call : state.open_calls) {
        for (const Json& update : live_->project({0, {}, call}, state)) show(update);
    }
}

ChildView::~ChildView() = default;

void ChildView::tell(Json fields) {
    fields["sessionUpdate"] = "subagent_update";
    fields["sessionId"] = id_;
    connection_.notify("session/update", update_params(parent_id_, dump_json(fields)));
}

void ChildView::show(const Json& update) {
    if (is_about_options(update)) return;
    connection_.notify("session/update", update_params(id_, dump_json(update)));
}

Json ChildView::work_state() const {
    const State& state = session_.state();
    bool waits = !state.pending_approvals.empty() || !state.pending_questions.empty();
    if (waits) return {{"state", "requires_action"}};
    if (last_end_.stop_reason.empty()) return {{"state", "running"}};
    Json idle{{"state", "idle"},
              {"stopReason", stop_reason_of(last_end_.stop_reason)},
              {"usage", usage_of(state.usage)}};
    if (idle["stopReason"] == "error") {
        idle["error"] = {{"code", -32603}, {"message", last_end_.error}};
    }
    return idle;
}

void ChildView::tell_state() {
    Json state = work_state();
    std::string text = dump_json(state);
    if (text == told_) return;
    told_ = std::move(text);
    tell({{"state", std::move(state)}});
}

void ChildView::on_event(const Envelope& envelope) {
    const auto* change = std::get_if<BusyStateChanged>(&envelope.event);
    if (change) last_end_ = change->busy ? BusyStateChanged() : *change;
    if (const auto* completed = std::get_if<ToolCallCompleted>(&envelope.event)) {
        grown_.erase(completed->call_id);
    }
    bool is_end = change && !change->busy;
    if (!is_end) tell_state();
    for (const Json& update : live_->project(envelope, session_.state())) show(update);
    if (is_end) tell_state();
}

void ChildView::on_delta(const Event& piece) {
    if (const auto* tokens = std::get_if<TokensStreamed>(&piece)) {
        text_.show("agent_message_chunk", tokens->message_id, tokens->text);
    } else if (const auto* thought = std::get_if<ThoughtStreamed>(&piece)) {
        if (!thought->redacted) {
            text_.show("agent_thought_chunk", thought->message_id, thought->text);
        }
    } else if (const auto* chunk = std::get_if<ToolOutputChunk>(&piece)) {
        if (!live_->take_output(*chunk)) return;
        grown_.insert(chunk->call_id);
        if (!output_waits_) show_output();
    }
}

void ChildView::show_output() {
    output_waits_ = !grown_.empty();
    for (const std::string& call_id : grown_) {
        std::optional<Json> update = live_->output_update(call_id);
        if (!update) continue;
        std::string params = update_params(id_, dump_json(*update));
        std::string line = rpc::notification_line("session/update", params);
        connection_.outbox().latest(id_ + "/" + call_id, std::move(line));
    }
    grown_.clear();
    if (output_waits_) output_timer_.start(output_interval);
}

void ChildView::end() {
    output_timer_.stop();
    Json fields{{"capabilities", Json::object()}};
    if (last_end_.stop_reason.empty()) fields["state"] = {{"state", "idle"}};
    tell(std::move(fields));
}

Json ChildView::open_call(const ApprovalRequested& approval) const {
    Json call{{"toolCallId", approval.call_id}, {"title", approval.tool}};
    return live_->open_call(approval.call_id).value_or(call);
}

}  // namespace thole::acp
