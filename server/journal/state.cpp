#include "journal/state.hpp"

#include <algorithm>
#include <utility>

#include "base/json.hpp"
#include "base/text.hpp"
#include "journal/changes.hpp"
#include "journal/fork.hpp"
#include "journal/plan.hpp"
#include "journal/titles.hpp"

namespace thole {

namespace {

using Kind = ContextItem::Kind;

bool streams(const ContextItem& item) {
    return item.is_open && (item.kind == Kind::answer || item.kind == Kind::thought);
}

void close_streams(State& state) {
    for (ContextItem& item : state.context) {
        if (streams(item)) item.is_open = false;
    }
}

void set_unless_empty(std::string& held, const std::string& value) {
    if (!value.empty()) held = value;
}

template <class T>
void remove_call(std::vector<T>& list, const std::string& call_id) {
    std::erase_if(list, [&](const T& item) { return item.call_id == call_id; });
}

// The item that a streamed piece grows: the last one of its message, when it is open and of `kind`.
// Thoughts have the id of their answer, a letter (t; r when redacted) and a number.
bool is_of_answer(const ContextItem& item, const std::string& message_id) {
    if (item.message_id == message_id) return true;
    const bool is_below = item.kind == Kind::thought && item.message_id.starts_with(message_id) &&
                          !message_id.empty();
    return is_below &&
           (item.message_id[message_id.size()] == 't' || item.message_id[message_id.size()] == 'r');
}

// A text that comes after a thought is another one: providers want the order back.
ContextItem* growing_item(State& state, Kind kind, const std::string& message_id) {
    const auto is_of_message = [&](const ContextItem& item) {
        return is_of_answer(item, message_id) && item.kind != Kind::user;
    };
    const auto last = std::find_if(state.context.rbegin(), state.context.rend(), is_of_message);
    if (last == state.context.rend() || last->kind != kind || !last->is_open) return nullptr;
    return &*last;
}

ContextItem& new_stream(State& state, Kind kind, const std::string& message_id) {
    ContextItem& item = state.context.emplace_back();
    item.kind = kind;
    item.message_id = message_id;
    item.is_open = true;
    return item;
}

void add_once(std::vector<std::string>& list, const std::string& value) {
    if (std::find(list.begin(), list.end(), value) == list.end()) list.push_back(value);
}

bool is_closed(const TaskItem& task) {
    return task.status == "completed" || task.status == "cancelled";
}

// Between which events the task was worked on.
void note_span(TaskItem& task, const Envelope& envelope) {
    const auto id = static_cast<std::int64_t>(envelope.id);
    if (task.status == "in_progress" && task.from_id == 0) task.from_id = id;
    if (is_closed(task) && task.from_id > 0 && task.to_id == 0) task.to_id = id;
    if (!is_closed(task)) task.to_id = 0;
}

// What the model is told of a sub-agent that worked in the background.
std::string report_of(const ChildSessionCompleted& e) {
    std::string text = "[Sub-agent " + e.child_session_id + " has ended: " + e.status + "]\n";
    if (!e.error.empty()) text += e.error + "\n";
    text += e.summary;
    for (const std::string& file : e.changed_files) text += "\n- changed: " + file;
    return text;
}

struct Fold {
    State& state;
    const Envelope& envelope;

    void operator()(const SessionStarted& e) {
        if (!e.forked_from.empty()) become_a_fork(state, e);
        set_unless_empty(state.id, e.session_id);
        set_unless_empty(state.workspace, e.workspace);
        set_unless_empty(state.cwd, e.cwd);
        set_unless_empty(state.model, e.model);
        set_unless_empty(state.mode, e.mode);
        set_unless_empty(state.thought_level, e.thought_level);
        set_unless_empty(state.branch, e.branch);
        set_unless_empty(state.parent_session_id, e.parent_session_id);
        set_unless_empty(state.spawn_reason, e.spawn_reason);
        set_unless_empty(state.inherited_summary, e.inherited_summary);
        set_unless_empty(state.agent, e.agent);
        state.mcp_servers.clear();
        // Who resumes a session names all of them anew.
        state.additional_directories = e.additional_directories;
        state.socket_path = e.socket_path;
        state.pid = e.pid;
        state.process_start = e.process_start;
        state.status = "running";
        stop_work();
    }

    void operator()(const MessageReceived& e) {
        if (e.role == "user") return received_prompt(e);
        if (e.role == "assistant") return received_answer(e);
    }

    void received_prompt(const MessageReceived& e) {
        const bool names = state.prompts++ == 0 && !state.has_own_title;
        if (names) state.title = title_of(e);
        ContextItem& item = state.context.emplace_back();
        item.message_id = e.message_id;
        item.text = e.content;
        item.blocks = e.blocks;
        state.turn_agent = e.agent;
        state.turn_model = e.model;
        state.turn_tools = e.tools;
    }

    void received_answer(const MessageReceived& e) {
        close_streams(state);  // its thoughts too, which have ids of their own
        bool has_text = false;
        auto first_call = state.context.end();
        for (auto item = state.context.begin(); item != state.context.end(); ++item) {
            if (item->message_id != e.message_id || item->kind == Kind::user) continue;
            has_text = has_text || item->kind == Kind::answer;
            if (item->kind == Kind::call) first_call = std::min(first_call, item);
        }
        if (has_text || e.content.empty()) return;
        ContextItem answer;
        answer.kind = Kind::answer;
        answer.message_id = e.message_id;
        answer.text = e.content;
        state.context.insert(first_call, std::move(answer));
    }

    void operator()(const TokensStreamed& e) {
        ContextItem* item = growing_item(state, Kind::answer, e.message_id);
        if (!item) item = &new_stream(state, Kind::answer, e.message_id);
        item->text += e.text;
    }

    void operator()(const ThoughtStreamed& e) {
        ContextItem* item = growing_item(state, Kind::thought, e.message_id);
        const bool grows = item && item->signature.empty() && !item->redacted && !e.redacted;
        if (!grows) item = &new_stream(state, Kind::thought, e.message_id);
        item->text += e.text;
        item->signature += e.signature;
        item->redacted = e.redacted;
    }

    void operator()(const ToolCallStarted& e) {
        ContextItem& item = state.context.emplace_back();
        item.kind = Kind::call;
        item.message_id = e.message_id;
        item.call_id = e.call_id;
        item.tool = e.tool;
        item.input = e.input;
        item.is_open = true;
        state.open_calls.push_back(e);
        ++state.usage.tool_calls;
    }

    void operator()(const ToolOutputChunk&) {}

    // A result whose call is unknown would make the next request invalid: left out.
    void operator()(const ToolCallCompleted& e) {
        note_files(e);
        const auto call = std::find_if(
            state.context.rbegin(), state.context.rend(), [&](const ContextItem& item) {
                return item.kind == Kind::call && item.call_id == e.call_id && item.is_open;
            });
        remove_call(state.open_calls, e.call_id);
        remove_call(state.pending_approvals, e.call_id);
        remove_call(state.pending_questions, e.call_id);
        if (call == state.context.rend()) return;
        call->is_open = false;
        ContextItem item;
        item.kind = Kind::result;
        item.call_id = e.call_id;
        item.tool = call->tool;
        item.text = e.output;
        item.blocks = e.content;
        item.is_error = e.status != "completed";
        state.context.push_back(std::move(item));
    }

    void note_file(const std::string& path) {
        add_once(state.turn_files, path);
        for (TaskItem& task : state.tasks) {
            if (task.status == "in_progress") add_once(task.files, path);
        }
    }

    // A command that failed may have changed files all the same.
    void note_files(const ToolCallCompleted& e) {
        for (const std::string& file : e.changed_files) note_file(file);
        if (e.status != "completed") return;
        const auto started =
            std::find_if(state.open_calls.begin(), state.open_calls.end(),
                         [&](const ToolCallStarted& call) { return call.call_id == e.call_id; });
        const bool says_itself = !e.diffs.empty() || started == state.open_calls.end();
        for (const FileDiff& diff : says_itself ? e.diffs : started->diffs) note_file(diff.path);
    }

    void operator()(const ApprovalRequested& e) { state.pending_approvals.push_back(e); }

    void operator()(const ApprovalResolved& e) {
        remove_call(state.pending_approvals, e.call_id);
        if (e.decision != "allow" || e.scope != "session") return;
        auto& granted = state.granted_rules;
        for (const std::string& rule : e.rules) {
            const bool is_new = std::find(granted.begin(), granted.end(), rule) == granted.end();
            if (is_new) granted.push_back(rule);
        }
    }

    void operator()(const EffectRefused&) {}
    void operator()(const HooksChanged&) {}

    // What it adds to a call stands in the call's result.
    void operator()(const HookRan& e) {
        const bool is_refused = e.event == "prompt" && e.blocked;
        if (is_refused) {
            std::erase_if(state.context, [&](const ContextItem& item) {
                return item.kind == Kind::user && item.message_id == e.message_id;
            });
        } else if (e.call_id.empty() && !e.context.empty()) {
            state.context.emplace_back().text = "[From the hook of " + e.event + "]\n" + e.context;
        }
    }

    void operator()(const QuestionRequested& e) { state.pending_questions.push_back(e); }

    void operator()(const QuestionResolved& e) {
        std::erase_if(state.pending_questions, [&](const QuestionRequested& question) {
            return question.question_id == e.question_id;
        });
    }

    void operator()(const CostUpdated& e) {
        Usage& usage = state.usage;
        usage.input_tokens += e.input_tokens;
        usage.output_tokens += e.output_tokens;
        usage.cached_read_tokens += e.cached_read_tokens;
        usage.cached_write_tokens += e.cached_write_tokens;
        usage.thought_tokens += e.thought_tokens;
        ++usage.model_requests;
        usage.cost_usd += e.cost_usd;
        usage.price_known = usage.price_known && e.price_known;
        usage.context_used = e.context_used;
        usage.context_size = e.context_size;
    }

    void operator()(const Checkpoint&) {}
    void operator()(const TodosUpdated& e) {
        state.tasks = e.tasks;
        for (TaskItem& task : state.tasks) note_span(task, envelope);
    }

    // False: the table has no such transition; a log of another version may hold one.
    bool move_plan(PlanAction action) {
        const auto next = next_plan_status(parse_plan_status(state.plan_status), action);
        if (next) state.plan_status = plan_status_name(*next);
        return next.has_value();
    }

    void operator()(const PlanUpdated& e) {
        const std::string before = state.plan_status;
        const bool is_users = e.by == "user" || e.by == "file";
        if (!move_plan(is_users ? PlanAction::edit : PlanAction::write)) return;
        const bool is_other = before == "none" || before == "rejected" || before == "done";
        if (is_other) state.plan_before.clear();
        if (before == "in_review" || before == "approved") state.plan_before = state.plan.content;
        state.plan = e;
        // Lines that feedback speaks of are not where they were, and what the user changed stays.
        if (is_users && before == "drafting") state.plan_review = {};
        const bool is_void = before == "approved" && is_users;
        state.plan_reason = is_void ? "the plan was changed after it had been approved" : "";
    }

    void operator()(const PlanReviewed& e) {
        const auto action = action_of_decision(e.decision);
        if (!action || !move_plan(*action)) return;
        state.plan_reason.clear();
        if (e.decision == "approved") state.approved_sha256 = e.sha256;
        if (e.decision == "feedback") {
            state.plan_before = state.plan.content;
            state.plan_review = e;
        }
        std::string text = review_message(e);
        if (text.empty()) return;
        state.context.emplace_back().text = std::move(text);
    }

    void operator()(const PlanStatusChanged& e) {
        const bool is_approved = state.plan_status == "approved";
        if (e.status == "done") {
            move_plan(PlanAction::finish);
        } else if (e.status == "in_review" &&
                   move_plan(is_approved ? PlanAction::reopen : PlanAction::submit)) {
            state.plan_reason = e.reason;
            state.plan_review = {};
        }
    }

    void operator()(const PlanDrifted&) {}

    void operator()(const ModeChanged& e) {
        if (e.mode == "plan" && state.mode != "plan") {
            state.mode_before_plan = state.mode;
            state.agent_before_plan = state.agent;
        }
        state.mode = e.mode;
    }

    void operator()(const AgentChanged& e) {
        state.agent = e.agent;
        state.turn_agent.clear();
    }

    void operator()(const McpServersChanged& e) { state.mcp_servers = e.servers; }

    void operator()(const ChildSessionSpawned& e) {
        add_once(state.child_session_ids, e.child_session_id);
        Child& child = state.children.emplace_back();
        child.spawned = e;
        child.started_at = rfc3339(envelope.time);
        for (TaskItem& task : state.tasks) {
            if (task.status == "in_progress") add_once(task.workers, e.child_session_id);
        }
    }

    Child* find_child(const std::string& id) {
        for (Child& child : state.children) {
            if (child.spawned.child_session_id == id) return &child;
        }
        return nullptr;
    }

    void operator()(const ChildSessionActivity& e) {
        Child* child = find_child(e.child_session_id);
        if (!child) return;
        set_unless_empty(child->status, e.status);
        child->activity = e.activity;
    }

    void operator()(const ChildSessionCompleted& e) {
        Child* child = find_child(e.child_session_id);
        if (!child) return;
        child->completed = e;
        child->status = e.status;
        child->activity.clear();
        child->ended_at = rfc3339(envelope.time);
        if (child->spawned.background) state.context.emplace_back().text = report_of(e);
        if (child->result == "none" && !e.changed_files.empty()) child->result = "changes";
    }

    void operator()(const WorktreeCreated& e) {
        state.worktree_path = e.path;
        state.branch = e.branch;
        state.base_commit = e.base_commit;
    }

    void operator()(const WorktreeMerged& e) {
        Child* child = find_child(e.child_session_id);
        if (!child || e.result == "refused") return;
        child->result = e.result == "changes" ? "merged" : e.result;
    }

    void operator()(const ChangesReviewed&) {}

    void operator()(const TitleChanged& e) {
        state.title = e.title;
        state.has_own_title = true;
    }

    void operator()(const ArchiveChanged& e) { state.is_archived = e.archived; }

    void operator()(const ModelChanged& e) {
        set_unless_empty(state.model, e.model);
        state.thought_level = e.thought_level;
    }

    void operator()(const ContextWarning&) {}

    void operator()(const ContextCompaction& e) {
        if (e.phase != "completed" || e.summary.empty()) return;
        const auto border = static_cast<std::ptrdiff_t>(first_kept(state.context, e.kept_messages));
        std::vector<ContextItem> kept(1);
        kept[0].kind = Kind::summary;
        kept[0].text = e.summary;
        std::copy_if(state.context.begin() + border, state.context.end(), std::back_inserter(kept),
                     [](const ContextItem& item) { return item.kind != Kind::summary; });
        state.context = std::move(kept);
        state.session_summary = e.summary;
        if (e.after_tokens > 0) state.usage.context_used = e.after_tokens;
    }

    void operator()(const BusyStateChanged& e) {
        if (!e.busy) stop_work();
        if (!e.busy) end_wishes();
        state.is_busy = e.busy;
        state.busy_message_id = e.busy ? e.message_id : "";
        if (e.busy) state.last_error.clear();
        if (e.busy) state.turn_files.clear();
        set_unless_empty(state.last_error, e.error);
    }

    void operator()(const LimitReached&) {}

    void operator()(const ErrorReported& e) {
        if (!e.retrying) state.last_error = e.message;
        if (e.discarded_message_id.empty()) return;
        std::erase_if(state.context, [&](const ContextItem& item) {
            return streams(item) && is_of_answer(item, e.discarded_message_id);
        });
    }

    void operator()(const SessionEnded& e) {
        const bool is_known =
            e.reason == "completed" || e.reason == "cancelled" || e.reason == "failed";
        state.status = is_known ? e.reason : e.reason == "error" ? "failed" : "completed";
        stop_work();
    }

    void operator()(const UnknownEvent&) {}

    // A prompt asks for its own turn only.
    void end_wishes() {
        state.turn_agent.clear();
        state.turn_model.clear();
        state.turn_tools.clear();
    }

    void stop_work() {
        close_streams(state);
        state.is_busy = false;
        state.busy_message_id.clear();
    }
};

// To file a session is no work in it.
bool is_label(const Event& event) {
    return std::holds_alternative<TitleChanged>(event) ||
           std::holds_alternative<ArchiveChanged>(event);
}

// A plan that is another one is reviewed anew; what the user writes is part of the review.
void note_review(State& state, const Envelope& envelope) {
    const bool waits = state.is_busy && state.plan_status == "in_review";
    const auto* update = std::get_if<PlanUpdated>(&envelope.event);
    const bool begins = state.review_id == 0 || (update && update->by != "user");
    if (!waits) state.review_id = 0;
    if (waits && begins) state.review_id = envelope.id;
}

}  // namespace

void apply(State& state, const Envelope& envelope) {
    note_changes(state, envelope);
    std::visit(Fold{state, envelope}, envelope.event);
    note_review(state, envelope);
    state.last_event_id = envelope.id;
    const std::string now = rfc3339(envelope.time);
    if (state.created_at.empty()) state.created_at = now;
    if (!is_label(envelope.event) || state.updated_at.empty()) state.updated_at = now;
}

}  // namespace thole
