#include "session/live_session.hpp"

#include <algorithm>

#include "base/code.hpp"
#include "base/json.hpp"
#include "base/text.hpp"
#include "policy/modes.hpp"
#include "workspace/files.hpp"

namespace thole {
namespace {

std::string text_of(const SendMessage& prompt) {
    if (prompt.blocks.is_absent()) return prompt.content;
    std::string text;
    for (const Json& block : *prompt.blocks) {
        if (text_member(block, "type") != "text") continue;
        text += (text.empty() ? "" : "\n") + text_member(block, "text");
    }
    return text;
}

// How a session counts when it is closed after a turn that ended so.
std::string status_after(const std::string& stop_reason) {
    if (stop_reason == "cancelled") return "cancelled";
    return stop_reason == "error" ? "failed" : "completed";
}

bool is_one_text(const JsonValue& blocks) {
    return blocks.is_absent() ||
           (blocks->size() == 1 && text_member((*blocks)[0], "type") == "text");
}

}  // namespace

LiveSession::LiveSession(Parts parts)
    : loop_(parts.loop),
      clock_(parts.clock),
      models_(parts.models),
      journal_(std::move(parts.journal)),
      damage_(std::move(parts.damage)),
      last_session_file_(std::move(parts.last_session_file)),
      files_(parts.loop),
      agent_(Agent::Parts{parts.loop, parts.http, parts.models, *this, files_, parts.rules,
                          std::move(parts.roots), parts.limits, std::move(parts.environment)}),
      changed_(parts.loop) {}

LiveSession::~LiveSession() = default;

void LiveSession::subscribe(Subscriber& subscriber) {
    subscribers_.push_back(&subscriber);
    journal_->subscribe(subscriber);
}

void LiveSession::unsubscribe(Subscriber& subscriber) {
    std::erase(subscribers_, &subscriber);
    journal_->unsubscribe(subscriber);
}

async::Task<void> LiveSession::run() {
    while (!is_ending_) {
        if (queue_.empty()) {
            co_await changed_.wait();
            continue;
        }
        SendMessage prompt = std::move(queue_.front());
        queue_.pop_front();
        co_await run_prompt(std::move(prompt));
    }
    co_await agent_.close();
    co_await background_.join();
    emit(SessionEnded{ended_as_});
    co_await journal_->close();
}

void LiveSession::end() {
    (void)take(Cancel{});
    is_ending_ = true;
    changed_.notify();
}

async::Task<void> LiveSession::run_prompt(SendMessage prompt) {
    is_busy_ = true;
    std::string id = prompt.message_id;
    MessageReceived received;
    received.role = "user";
    received.message_id = id;
    received.content = text_of(prompt);
    if (!is_one_text(prompt.blocks)) received.blocks = prompt.blocks;
    emit(std::move(received));
    emit(BusyStateChanged{true, id, {}, {}, {}});
    note_last_session();
    TurnEnd end;
    async::Scope turn;
    turn_ = &turn;
    turn.spawn(run_turn(end));
    co_await turn.join();
    turn_ = nullptr;
    Result<void> on_disk = co_await journal_->sync();
    if (!on_disk) end = TurnEnd{"error", on_disk.error()};
    end_turn(id, std::move(end));
    checkpoint();
}

// A snapshot only saves time at the next opening; a broken journal has already been told.
async::Task<void> LiveSession::keep_snapshot() {
    Result<void> saved = co_await journal_->save_snapshot();
    (void)saved;
}

async::Task<void> LiveSession::run_turn(TurnEnd& end) {
    Result<void> ready = journal_->health();
    if (ready) ready = co_await choose_model();
    if (ready) {
        end = co_await agent_.run_turn();
    } else {
        end = TurnEnd{"error", ready.error()};
    }
}

// A session may begin without a model (no key yet); a prompt needs one.
async::Task<Result<void>> LiveSession::choose_model() {
    if (!state().model.empty()) co_return Result<void>();
    Result<std::string> model = co_await models_.default_model();
    if (!model) co_return model.error();
    emit(ModelChanged{*model, state().thought_level, "default"});
    co_return Result<void>();
}

void LiveSession::end_turn(const std::string& message_id, TurnEnd end) {
    is_busy_ = false;
    ended_as_ = status_after(end.stop_reason);
    end_prompt(message_id, std::move(end));
}

// A broken journal shows nothing more; that the turn has ended is told all the same, as event 0.
void LiveSession::end_prompt(const std::string& message_id, TurnEnd end) {
    BusyStateChanged ended{false, message_id, end.stop_reason, {}, {}};
    if (end.stop_reason == "error") {
        ended.error_code = code_name(end.error.code);
        ended.error = end.error.message;
    }
    if (journal_->append(ended) != 0) return;
    Envelope envelope{0, clock_.now(), ended};
    std::vector<Subscriber*> watching = subscribers_;
    for (Subscriber* subscriber : watching) subscriber->on_event(envelope);
}

void LiveSession::note_last_session() {
    if (last_session_file_.empty() || !state().parent_session_id.empty()) return;
    std::string pointer = state().id + "\n";
    Result<std::string> before = read_file(last_session_file_, 4096);
    if (before && *before == pointer) return;
    WriteOptions options;
    options.mode = 0600;
    options.durable = false;
    (void)write_file_atomically(last_session_file_, pointer, options);
}

void LiveSession::heal() {
    State before = state();
    for (const ApprovalRequested& approval : before.pending_approvals) {
        emit(ApprovalResolved{approval.call_id, "cancelled", "once", "policy", "interrupted", {}});
    }
    for (const QuestionRequested& question : before.pending_questions) {
        emit(QuestionResolved{question.question_id, JsonValue(Json{{"kind", "cancelled"}})});
    }
    for (const ToolCallStarted& call : before.open_calls) {
        ToolCallCompleted completed;
        completed.call_id = call.call_id;
        completed.status = "interrupted";
        completed.output =
            "This call was interrupted: the process that ran it ended. It may have "
            "done a part of its work.";
        emit(std::move(completed));
    }
    for (const ContextItem& item : before.context) {
        if (item.kind != ContextItem::Kind::answer || !item.is_open) continue;
        emit(MessageReceived{"assistant", item.message_id, {}, {}, "interrupted", {}});
    }
    if (before.is_busy) {
        emit(BusyStateChanged{false, before.busy_message_id, "cancelled", {}, {}});
    }
}

async::Task<ApprovalAnswer> LiveSession::ask_approval(ApprovalRequested request) {
    std::string id = request.call_id;
    async::OneShot<ApprovalAnswer> answer(loop_);
    approvals_.insert_or_assign(id, WaitingApproval{&answer, request.always_rules});
    emit(std::move(request));
    Result<ApprovalAnswer> given = co_await answer.wait();
    approvals_.erase(id);
    if (given) co_return *given;
    emit(ApprovalResolved{id, "cancelled", "once", "user", "the turn was cancelled", {}});
    ApprovalAnswer nobody;
    nobody.is_cancelled = true;
    co_return nobody;
}

async::Task<Result<JsonValue>> LiveSession::ask_question(QuestionRequested question) {
    if (!has_answerer()) co_return fail(Code::denied, "nobody can be asked in this session");
    std::string id = question.question_id;
    async::OneShot<JsonValue> answer(loop_);
    questions_.insert_or_assign(id, &answer);
    emit(std::move(question));
    Result<JsonValue> given = co_await answer.wait();
    questions_.erase(id);
    if (!given) emit(QuestionResolved{id, JsonValue(Json{{"kind", "cancelled"}})});
    co_return given;
}

}  // namespace thole
