#include "acp/agents_view.hpp"

#include "acp/tool_calls.hpp"
#include "base/json.hpp"
#include "base/text.hpp"
#include "session/agent_tree.hpp"

namespace thole::acp {

namespace {

constexpr std::chrono::milliseconds telling_interval{100};

Json as_update(const char* kind, Json fields) {
    fields["sessionUpdate"] = kind;
    return fields;
}

std::string title_of(const ToolCallStarted& call) {
    return one_line(call.title.empty() ? call.tool : call.title, 160);
}

}  // namespace

AgentsView::AgentsView(Parts parts)
    : parts_(std::move(parts)),
      timer_(parts_.loop, [this] { tell(); }),
      family_(parts_.sessions, parts_.root, *this) {}

Session* AgentsView::find(const std::string& agent_id) const {
    const Family::Member* member = family_.find(agent_id);
    return member ? member->session : nullptr;
}

async::Task<void> AgentsView::close() {
    timer_.stop();
    co_await family_.close();
}

void AgentsView::follow(const Event& event) {
    if (const auto* spawned = std::get_if<ChildSessionSpawned>(&event)) {
        changed(spawned->child_session_id);
    } else if (const auto* activity = std::get_if<ChildSessionActivity>(&event)) {
        changed(activity->child_session_id);
    } else if (const auto* done = std::get_if<ChildSessionCompleted>(&event)) {
        changed(done->child_session_id);
    } else if (const auto* merged = std::get_if<WorktreeMerged>(&event)) {
        changed(merged->child_session_id);
    }
    family_.follow(event);
}

void AgentsView::ask_pending() {
    for (const Family::Member* member : family_.members()) ask_pending(*member);
}

void AgentsView::ask_pending(const Family::Member& member) {
    const State& state = member.session->state();
    for (const ApprovalRequested& approval : state.pending_approvals) ask(member, approval);
    for (const QuestionRequested& question : state.pending_questions) {
        parts_.dialogs.ask(question, asker_of(member));
    }
}

void AgentsView::introduce() {
    if (!parts_.client.shows_subagents) return;
    for (const Child& child : parts_.root.state().children) {
        if (!child.ended_at.empty()) parts_.show(ended_child(child));
    }
}

void AgentsView::on_joined(const Family::Member& member) {
    changed(member.id);
    if (parts_.client.shows_subagents) {
        sessions_[member.id] =
            std::make_unique<ChildView>(parts_.loop, parts_.connection, parts_.client, member);
    }
    ask_pending(member);
}

// A dialog needs its call on the screen.
void AgentsView::ask(const Family::Member& member, const ApprovalRequested& approval) {
    if (auto own = sessions_.find(member.id); own != sessions_.end()) {
        JsonValue shown(own->second->open_call(approval));
        return parts_.dialogs.ask(approval, std::move(shown), asker_of(member));
    }
    ToolCallStarted call;
    call.call_id = approval.call_id;
    call.tool = call.title = approval.tool;
    call.input = approval.input;
    for (const ToolCallStarted& open : member.session->state().open_calls) {
        if (open.call_id == approval.call_id) call = open;
    }
    begin_call(member, call);
    Asker asker = asker_of(member);
    call.call_id = asker.shown_id(call.call_id);
    parts_.dialogs.ask(approval, JsonValue(call_fields(call, "pending")), std::move(asker));
}

void AgentsView::begin_call(const Family::Member& member, const ToolCallStarted& call) {
    ToolCallStarted shown = call;
    shown.call_id = asker_of(member).shown_id(call.call_id);
    bool is_new = calls_.emplace(shown.call_id, shown).second;
    if (!is_new) return;
    Json fields = call_fields(shown, "pending");
    std::string parent = root_call(member);
    fields["_meta"]["thole"]["parentToolCallId"] = parent;
    fields["_meta"]["thole"]["agent"] = {{"agentId", member.id}, {"task", member.task}};
    fields["_meta"]["claudeCode"]["parentToolUseId"] = parent;
    parts_.show(as_update("tool_call", std::move(fields)));
}

void AgentsView::end_call(const Family::Member& member, const ToolCallCompleted& completed) {
    ToolCallCompleted shown = completed;
    shown.call_id = asker_of(member).shown_id(completed.call_id);
    auto node = calls_.extract(shown.call_id);
    if (node.empty()) return;
    parts_.show(as_update("tool_call_update", completion_fields(node.mapped(), shown)));
}

void AgentsView::on_event(const Family::Member& member, const Envelope& envelope) {
    const Event& event = envelope.event;
    Asker asker = asker_of(member);
    auto own = sessions_.find(member.id);
    bool has_own = own != sessions_.end();
    if (has_own) own->second->on_event(envelope);
    if (const auto* approval = std::get_if<ApprovalRequested>(&event)) {
        ask(member, *approval);
    } else if (const auto* resolved = std::get_if<ApprovalResolved>(&event)) {
        parts_.dialogs.settled(asker.dialog_id(resolved->call_id));
    } else if (const auto* question = std::get_if<QuestionRequested>(&event)) {
        parts_.dialogs.ask(*question, std::move(asker));
    } else if (const auto* answered = std::get_if<QuestionResolved>(&event)) {
        parts_.dialogs.settled(asker.dialog_id(answered->question_id));
    }
    if (!has_own) show_in_call(member, event);
    changed(member.id);
}

// For clients to which all of it is one session.
void AgentsView::show_in_call(const Family::Member& member, const Event& event) {
    if (const auto* call = std::get_if<ToolCallStarted>(&event)) {
        say(member, title_of(*call));
    } else if (const auto* resolved = std::get_if<ApprovalResolved>(&event)) {
        std::string id = asker_of(member).shown_id(resolved->call_id);
        bool runs = resolved->decision == "allow" && calls_.contains(id);
        Json fields{{"toolCallId", id}, {"status", "in_progress"}};
        if (runs) parts_.show(as_update("tool_call_update", std::move(fields)));
    } else if (const auto* completed = std::get_if<ToolCallCompleted>(&event)) {
        end_call(member, *completed);
    }
}

void AgentsView::on_delta(const Family::Member& member, const Event& piece) {
    auto own = sessions_.find(member.id);
    if (own != sessions_.end()) own->second->on_delta(piece);
}

void AgentsView::on_left(const Family::Member& member) {
    parts_.dialogs.drop_agent(member.id);
    if (auto own = sessions_.extract(member.id)) own.mapped()->end();
    std::erase_if(calls_, [&](const auto& entry) {
        bool is_its = entry.first.starts_with(member.id + "/");
        Json fields{{"toolCallId", entry.first}, {"status", "failed"}};
        if (is_its) parts_.show(as_update("tool_call_update", std::move(fields)));
        return is_its;
    });
}

// The call of the session itself that it all goes back to.
std::string AgentsView::root_call(const Family::Member& member) const {
    const Family::Member* parent = family_.find(member.parent_id);
    return parent ? root_call(*parent) : member.call_id;
}

void AgentsView::say(const Family::Member& member, const std::string& line) {
    std::string indent = family_.find(member.parent_id) ? "  " : "";
    parts_.grew(ToolOutputChunk{root_call(member), indent + line + "\n"});
}

void AgentsView::changed(const std::string& agent_id) {
    if (!parts_.client.shows_agents) return;
    changed_.insert(agent_id);
    if (std::exchange(timer_runs_, true)) return;
    timer_.start(telling_interval);
}

void AgentsView::tell() {
    timer_runs_ = false;
    Json nodes = Json::array();
    auto add = [&](const State& parent) {
        for (const Child& child : parent.children) {
            const std::string& id = child.spawned.child_session_id;
            if (!changed_.contains(id)) continue;
            const Family::Member* member = family_.find(id);
            const State* live = member ? &member->session->state() : nullptr;
            nodes.push_back(agent_node_to_json(agent_node(parent, child, live)));
        }
    };
    add(parts_.root.state());
    for (const Family::Member* member : family_.members()) add(member->session->state());
    changed_.clear();
    Json params{{"sessionId", parts_.root.state().id}, {"agents", std::move(nodes)}};
    parts_.connection.notify("_thole/agents/changed", dump_json(params));
}

}  // namespace thole::acp
