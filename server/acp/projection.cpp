#include "acp/projection.hpp"

#include <algorithm>
#include <utility>

#include "acp/content.hpp"
#include "acp/tool_calls.hpp"
#include "base/json.hpp"
#include "base/text.hpp"
#include "journal/plan.hpp"

namespace thole::acp {

namespace {

Json as_update(const char* kind, Json fields) {
    fields["sessionUpdate"] = kind;
    return fields;
}

Json plan_entry(const TaskItem& task, std::size_t number) {
    return Json{{"content", task.content},
                {"priority", task.priority},
                {"status", task.status},
                {"_meta", {{"thole", {{"task", {{"id", task.id}, {"number", number}}}}}}}};
}

// ACP has no cancelled entries: they are left out. The whole list goes beside it.
Json plan_update(const std::vector<TaskItem>& tasks) {
    Json entries = Json::array();
    std::size_t number = 0;
    for (const TaskItem& task : tasks) {
        ++number;
        if (task.status != "cancelled") entries.push_back(plan_entry(task, number));
    }
    return Json{{"sessionUpdate", "plan"},
                {"entries", std::move(entries)},
                {"_meta", {{"thole", {{"tasks", task_list(tasks)}}}}}};
}

bool has_open_tasks(const State& state) {
    return std::any_of(state.tasks.begin(), state.tasks.end(), [](const TaskItem& task) {
        return task.status == "pending" || task.status == "in_progress";
    });
}

std::optional<Json> usage_update(const Usage& usage) {
    if (usage.context_size <= 0) return std::nullopt;
    Json update{{"sessionUpdate", "usage_update"},
                {"used", std::max<std::int64_t>(0, usage.context_used)},
                {"size", usage.context_size}};
    bool has_cost = usage.price_known && usage.model_requests > 0;
    if (has_cost) update["cost"] = {{"amount", usage.cost_usd}, {"currency", "USD"}};
    return update;
}

Json title_update(const State& state) {
    Json update{{"sessionUpdate", "session_info_update"}, {"title", state.title}};
    if (!state.updated_at.empty()) update["updatedAt"] = state.updated_at;
    return update;
}

}  // namespace

Json task_list(const std::vector<TaskItem>& tasks) {
    Json list = Json::array();
    for (const TaskItem& task : tasks) {
        Json item{{"number", list.size() + 1},    {"id", task.id},
                  {"content", task.content},      {"status", task.status},
                  {"priority", task.priority},    {"createdAt", task.created_at},
                  {"updatedAt", task.updated_at}, {"files", task.files},
                  {"workers", task.workers}};
        if (!task.reason.empty()) item["reason"] = task.reason;
        if (!task.started_at.empty()) item["startedAt"] = task.started_at;
        if (!task.completed_at.empty()) item["completedAt"] = task.completed_at;
        if (task.plan_step > 0) item["planStep"] = task.plan_step;
        list.push_back(std::move(item));
    }
    return list;
}

Json chunk_update(const std::string& kind, const std::string& message_id, Json block) {
    Json update{{"sessionUpdate", kind}, {"content", std::move(block)}};
    if (!message_id.empty()) update["messageId"] = message_id;
    return update;
}

Json remark_update(const Client& client, const std::string& severity, const std::string& text,
                   const std::string& message_id) {
    if (client.shows_notices) {
        return Json{{"sessionUpdate", "notice"}, {"severity", severity}, {"title", text}};
    }
    return chunk_update("agent_thought_chunk", message_id, text_block(text));
}

Projector::Projector(View view, const Client& client, std::vector<ModelChoice> models)
    : view_(view), client_(client), models_(std::move(models)) {}

Projector::~Projector() = default;

std::vector<Json> Projector::project(const Envelope& envelope, const State& state) {
    state_ = &state;
    event_id_ = envelope.id;
    out_.clear();
    PlanReviews::Change review = reviews_.take(envelope);
    std::visit([this](const auto& event) { show(event); }, envelope.event);
    show_review(std::move(review));
    state_ = nullptr;
    return std::move(out_);
}

std::vector<Json> Projector::end_replay(bool turn_runs) {
    out_.clear();
    for (const std::string& id : order_) {
        const OpenCall& call = calls_.at(id);
        std::string status = call.runs ? "in_progress" : "pending";
        Json fields = call_fields(call.started, turn_runs ? status : "failed");
        if (turn_runs && !call.output.empty()) {
            fields["content"] = running_content(call.started, call.output);
        }
        out_.push_back(as_update("tool_call", std::move(fields)));
    }
    if (std::optional<Json> review = reviews_.open_call()) {
        if (!turn_runs) (*review)["status"] = "failed";
        out_.push_back(as_update("tool_call", std::move(*review)));
    }
    if (tasks_) out_.push_back(plan_update(*tasks_));
    return std::move(out_);
}

std::vector<Json> Projector::present(const State& state) {
    std::vector<Json> updates;
    if (std::optional<Json> usage = usage_update(state.usage)) updates.push_back(*usage);
    if (!state.title.empty()) updates.push_back(title_update(state));
    return updates;
}

void Projector::know_output(const Projector& past) {
    for (auto& [id, call] : calls_) {
        auto found = past.calls_.find(id);
        if (found != past.calls_.end()) call.output = found->second.output;
    }
}

bool Projector::take_output(const ToolOutputChunk& chunk) {
    auto found = calls_.find(chunk.call_id);
    if (found == calls_.end()) return false;
    OpenCall& call = found->second;
    call.output += chunk.text;
    if (call.is_ours) return true;
    // Twice what is shown, so that it is not moved at every piece.
    if (call.output.size() > 4 * output_limit) {
        call.output.erase(0, call.output.size() - 2 * output_limit);
    }
    return true;
}

std::optional<Json> Projector::output_update(const std::string& call_id) const {
    auto found = calls_.find(call_id);
    if (found == calls_.end() || !found->second.terminal.empty()) return std::nullopt;
    const OpenCall& call = found->second;
    Json fields{{"toolCallId", call_id}, {"content", running_content(call.started, call.output)}};
    return as_update("tool_call_update", std::move(fields));
}

std::optional<Json> Projector::output_piece(const std::string& call_id) {
    auto found = calls_.find(call_id);
    bool has_some = found != calls_.end() && found->second.is_ours && !found->second.output.empty();
    if (!has_some) return std::nullopt;
    OpenCall& call = found->second;
    Json fields{{"toolCallId", call_id},
                {"_meta", terminal_output(call.terminal, std::exchange(call.output, {}))}};
    return as_update("tool_call_update", std::move(fields));
}

std::optional<Json> Projector::open_terminal(const std::string& call_id,
                                             const std::string& terminal_id) {
    auto found = calls_.find(call_id);
    if (found == calls_.end()) return std::nullopt;
    found->second.terminal = terminal_id;
    Json fields{{"toolCallId", call_id}, {"content", Json::array({terminal_content(terminal_id)})}};
    return as_update("tool_call_update", std::move(fields));
}

void Projector::forget_terminals() {
    for (auto& [id, call] : calls_) {
        call.terminal.clear();
        call.is_ours = false;
    }
}

std::optional<Json> Projector::open_review() const {
    return reviews_.open_call();
}

std::optional<Json> Projector::open_call(const std::string& call_id) const {
    auto found = calls_.find(call_id);
    if (found == calls_.end()) return std::nullopt;
    return call_fields(found->second.started, "pending");
}

void Projector::show(const MessageReceived& message) {
    if (message.role != "user") return;
    if (!message.blocks->is_array() || !message.command.empty()) {
        out_.push_back(
            chunk_update("user_message_chunk", message.message_id, text_block(message.content)));
        return;
    }
    for (const Json& block : *message.blocks) {
        out_.push_back(chunk_update("user_message_chunk", message.message_id, shown_block(block)));
    }
}

void Projector::show(const TokensStreamed& piece) {
    if (is_live() || piece.text.empty()) return;
    out_.push_back(chunk_update("agent_message_chunk", piece.message_id, text_block(piece.text)));
}

void Projector::show(const ThoughtStreamed& piece) {
    if (is_live() || piece.text.empty() || piece.redacted) return;
    out_.push_back(chunk_update("agent_thought_chunk", piece.message_id, text_block(piece.text)));
}

void Projector::show(const ToolCallStarted& call) {
    auto [place, is_new] = calls_.emplace(call.call_id, OpenCall{call, {}, false, {}});
    if (!is_new) return;
    order_.push_back(call.call_id);
    if (!is_live()) return;
    Json fields = call_fields(call, "pending");
    if (client_.shows_terminals && runs_in_foreground(call)) begin_terminal(place->second, fields);
    out_.push_back(as_update("tool_call", std::move(fields)));
}

void Projector::begin_terminal(OpenCall& call, Json& fields) {
    call.terminal = call.started.call_id;
    call.is_ours = true;
    fields["content"] = Json::array({terminal_content(call.terminal)});
    fields["_meta"].update(terminal_info(call.terminal, state_->cwd));
}

// What was denied has not run in it.
void Projector::end_terminal(OpenCall& call, const ToolCallCompleted& completed, Json& fields) {
    if (std::optional<Json> rest = output_piece(completed.call_id)) out_.push_back(*rest);
    if (call.runs) end_in_terminal(fields, call.terminal, completed);
    if (call.is_ours) fields["_meta"].update(terminal_exit(call.terminal, completed));
}

// A live view gets the pieces as they stream.
void Projector::show(const ToolOutputChunk& chunk) {
    if (!is_live()) take_output(chunk);
}

void Projector::show(const ApprovalResolved& decision) {
    auto found = calls_.find(decision.call_id);
    if (found == calls_.end() || decision.decision != "allow") return;
    found->second.runs = true;
    if (!is_live()) return;
    Json fields{{"toolCallId", decision.call_id}, {"status", "in_progress"}};
    out_.push_back(as_update("tool_call_update", std::move(fields)));
}

// Said at the call's end. What comes after that the model reads with the next look at the job.
void Projector::show(const EffectRefused& refused) {
    auto found = calls_.find(refused.call_id);
    if (found != calls_.end()) found->second.refused.push_back(refused);
}

// What kept a call or a prompt from going on is said with the call or the prompt.
void Projector::show(const HookRan& ran) {
    bool is_said =
        ran.blocked || ran.reason.empty() || (ran.outcome != "failed" && !ran.call_id.empty());
    if (!is_said) remark("warning", "Hook of " + ran.event + ": " + ran.reason);
}

void Projector::show(const ToolCallCompleted& call) {
    auto found = calls_.find(call.call_id);
    if (found == calls_.end()) return;
    Json end = completion_fields(found->second.started, call);
    add_refused(end, found->second.refused);
    if (!found->second.terminal.empty()) end_terminal(found->second, call, end);
    if (!is_live()) {
        std::string status = end["status"].get<std::string>();
        out_.push_back(as_update("tool_call", call_fields(found->second.started, status)));
    }
    out_.push_back(as_update("tool_call_update", std::move(end)));
    calls_.erase(found);
    std::erase(order_, call.call_id);
}

void Projector::show(const TodosUpdated& todos) {
    if (is_live()) {
        out_.push_back(plan_update(todos.tasks));
    } else {
        tasks_ = todos.tasks;
    }
}

void Projector::show(const PlanUpdated& plan) {
    if (!client_.shows_plans) return;
    out_.push_back(
        Json{{"sessionUpdate", "plan_update"},
             {"plan", {{"type", "markdown"}, {"planId", "plan"}, {"content", plan.content}}}});
}

void Projector::show(const PlanReviewed& review) {
    if (!client_.shows_plans || review.decision != "rejected") return;
    out_.push_back(Json{{"sessionUpdate", "plan_removed"}, {"planId", "plan"}});
}

void Projector::show(const PlanDrifted& drifted) {
    remark("warning",
           "Changed without being named by the approved plan: " + drifted_files(drifted));
}

// A replay shows a review once, as it ended.
void Projector::show_review(PlanReviews::Change change) {
    if (!change.ended.is_absent()) {
        const char* kind = is_live() ? "tool_call_update" : "tool_call";
        out_.push_back(as_update(kind, *change.ended));
    }
    bool shows_new = !change.begun.is_absent() && is_live();
    if (shows_new) out_.push_back(as_update("tool_call", *change.begun));
}

void Projector::add_options() {
    out_.push_back(options_update(*state_, models_, client_.shows_switches));
}

void Projector::show(const TitleChanged&) {
    if (!is_live()) return;
    title_ = state_->title;
    out_.push_back(title_update(*state_));
}

void Projector::show(const ModeChanged&) {
    if (!is_live()) return;
    out_.push_back(mode_update(*state_));
    add_options();
}

void Projector::show(const ModelChanged&) {
    if (is_live()) add_options();
}

void Projector::show(const CostUpdated&) {
    if (!is_live()) return;
    if (std::optional<Json> update = usage_update(state_->usage)) out_.push_back(*update);
}

// Where the client shows compactions as such. A replay tells how each has ended.
void Projector::show_compaction(const ContextCompaction& compaction) {
    bool begins = compaction.phase == "started";
    if (begins || compaction_id_.empty()) compaction_id_ = "c" + std::to_string(event_id_);
    Json update{{"compactionId", compaction_id_},
                {"status", begins ? "in_progress" : compaction.phase}};
    if (compaction.phase == "completed") {
        update["summary"] = Json::array({text_block(compaction.summary)});
        update["_meta"]["thole"] = {{"beforeTokens", compaction.before_tokens},
                                    {"afterTokens", compaction.after_tokens}};
    }
    if (compaction.phase == "failed") update["error"] = one_line(compaction.message, 500);
    if (!begins) compaction_id_.clear();
    if (is_live() || !begins) out_.push_back(as_update("compaction_update", std::move(update)));
}

// One that was cancelled says nothing itself.
void Projector::end_compaction() {
    std::string id = std::exchange(compaction_id_, {});
    if (id.empty() || !is_live()) return;
    Json update{{"compactionId", std::move(id)}, {"status", "cancelled"}};
    out_.push_back(as_update("compaction_update", std::move(update)));
}

void Projector::show(const ContextCompaction& compaction) {
    if (client_.shows_compactions) return show_compaction(compaction);
    if (compaction.phase == "completed") {
        remark("info", "The context was summarised: " + std::to_string(compaction.before_tokens) +
                           " tokens became " + std::to_string(compaction.after_tokens) + ".");
    } else if (compaction.phase == "failed") {
        remark("warning", "The context could not be summarised: " + compaction.message);
    }
}

// Several clients clear the plan with each turn, so an unfinished one is shown again.
void Projector::show(const BusyStateChanged& change) {
    end_compaction();
    if (!is_live()) return;
    if (change.busy) {
        if (has_open_tasks(*state_)) out_.push_back(plan_update(state_->tasks));
        return;
    }
    if (state_->title.empty() || state_->title == title_) return;
    title_ = state_->title;
    out_.push_back(title_update(*state_));
}

void Projector::show(const LimitReached& limit) {
    std::string why =
        "The limit " + limit.limit + " = " + std::to_string(limit.value) + " was reached";
    if (limit.limit == "context") {
        why = "The conversation still fills the model's context (" + std::to_string(limit.value) +
              " tokens) after two summaries";
    } else if (limit.value == 0) {
        why = "The limit " + limit.limit + " was reached";
    }
    remark("warning", why + "; the turn ends here.");
}

// Errors that end a turn are the answer to its prompt.
void Projector::show(const ErrorReported& error) {
    if (error.retrying) remark("warning", error.message);
}

void Projector::remark(const std::string& severity, const std::string& text) {
    if (client_.shows_notices && !is_live()) return;
    out_.push_back(
        remark_update(client_, severity, one_line(text, 500), "r" + std::to_string(event_id_)));
}

}  // namespace thole::acp
