#include "session/live_session.hpp"

#include <algorithm>
#include <set>

#include "async/worker.hpp"
#include "base/code.hpp"
#include "base/json.hpp"
#include "base/memory.hpp"
#include "base/text.hpp"
#include "journal/index.hpp"
#include "policy/modes.hpp"
#include "workspace/files.hpp"

namespace thole {
namespace {

constexpr std::chrono::seconds finish_patience{30};
constexpr std::chrono::seconds index_delay{1};

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

// A call that had started a sub-agent, which goes on with it.
bool has_child_at_work(const State& state, const std::string& call_id) {
    return std::any_of(state.children.begin(), state.children.end(), [&](const Child& child) {
        return child.spawned.call_id == call_id && !child.spawned.background &&
               child.ended_at.empty();
    });
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
      config_(parts.config),
      last_session_file_(std::move(parts.last_session_file)),
      index_file_(std::move(parts.index_file)),
      files_(parts.loop),
      profiles_(std::move(parts.profiles)),
      plan_({*journal_, parts.secrets, parts.clock, parts.config.plan, parts.plan_directory,
             [this] { return has_answerer(); },
             [this](const std::string& mode) { children_.follow_mode(mode); }},
            journal_->files().id),
      sessions_(parts.sessions),
      terms_(std::move(parts.terms)),
      mcp_({parts.loop, parts.http, *this, parts.roots.directories()}, std::move(parts.servers)),
      children_({parts.loop, parts.sessions, *journal_, files_, profiles_, parts.limits,
                 terms_.budget, terms_.depth, [this] { return has_answerer(); },
                 [this] { return granted_rules(); }, mcp_.given()}),
      extensions_(std::move(parts.extensions)),
      rules_(parts.config.rules),
      hooks_({parts.loop, *this, parts.roots, std::move(parts.hook_environment),
              [this] { return hooks_now(); }}),
      agent_(Agent::Parts{parts.loop, parts.http, parts.models, *this, files_, rules_, profiles_,
                          std::move(parts.roots), parts.limits, terms_.budget,
                          std::move(parts.environment), parts.config.context, &mcp_.servers(),
                          &hooks_, std::move(parts.skills), &terminals_}),
      changed_(parts.loop),
      idle_(parts.loop),
      index_timer_(parts.loop, [this] { background_.spawn(keep_index()); }),
      reviewed_(parts.loop),
      door_(std::move(parts.door)) {}

LiveSession::~LiveSession() = default;

void LiveSession::subscribe(Subscriber& subscriber) {
    subscribers_.push_back(&subscriber);
    journal_->subscribe(subscriber);
}

void LiveSession::unsubscribe(Subscriber& subscriber) {
    std::erase(subscribers_, &subscriber);
    journal_->unsubscribe(subscriber);
}

// Asked anew for each call: what the user grants upstairs holds for those that work already.
std::vector<std::string> LiveSession::granted_rules() const {
    std::vector<std::string> rules = state().granted_rules;
    if (!terms_.granted_rules) return rules;
    for (std::string& rule : terms_.granted_rules()) rules.push_back(std::move(rule));
    return rules;
}

async::Task<void> LiveSession::run() {
    if (door_) door_->admit(*this);
    background_.spawn(children_.salvage(going_on_));
    std::string beginning = is_reopened_ ? "resumed" : "new";
    co_await tell_hooks(hook_event(true), beginning);
    if (!interrupted_turn_.empty()) {
        std::string id = interrupted_turn_;
        co_await run_turn(std::move(id), true);
        if (is_idle()) idle_.wake_all();
    }
    while (!is_ending_) {
        if (queue_.empty()) {
            co_await changed_.wait();
            continue;
        }
        Work work = std::move(queue_.front());
        queue_.pop_front();
        if (auto* prompt = std::get_if<SendMessage>(&work)) {
            co_await run_prompt(std::move(*prompt));
        } else if (auto* reviewed = std::get_if<Reviewed>(&work)) {
            co_await run_review(std::move(reviewed->id));
        } else {
            co_await run_compaction();
        }
        if (is_idle()) idle_.wake_all();
    }
    co_await finish();
}

async::Task<void> LiveSession::finish() {
    index_timer_.stop();
    bool compacts = config_.auto_compact_on_finish && has_worked_ && ended_as_ == "completed";
    co_await children_.close();
    if (compacts) co_await compact_at_end();
    co_await tell_hooks(hook_event(false), ended_as_);
    co_await agent_.close();
    co_await mcp_.close();
    emit(SessionEnded{ended_as_});
    if (door_) co_await door_->close();
    co_await background_.join();
    co_await journal_->close();
    co_await keep_index();
}

void LiveSession::end() {
    (void)take(Cancel{});
    is_ending_ = true;
    changed_.notify();
    idle_.wake_all();
}

async::Task<void> LiveSession::until_idle() {
    while (!is_idle() && !is_ending_) {
        async::Wake wake = co_await idle_.wait();
        if (wake == async::Wake::stopped) co_return;
    }
    bool goes_on = !is_ending_;
    while (goes_on) goes_on = co_await children_.one_ended();
}

async::Task<void> LiveSession::run_prompt(SendMessage prompt) {
    std::string id = prompt.message_id;
    MessageReceived received;
    received.role = "user";
    received.message_id = id;
    bool is_made = !prompt.command.empty();
    received.content = is_made ? prompt.content : text_of(prompt);
    if (is_made || !is_one_text(prompt.blocks)) received.blocks = prompt.blocks;
    received.command = std::move(prompt.command);
    received.model = std::move(prompt.model);
    received.agent = std::move(prompt.agent);
    received.tools = std::move(prompt.tools);
    std::string text = received.content;
    is_busy_ = true;
    bool has_meaning = co_await find_meaning(received);
    if (!has_meaning) co_return;
    emit(std::move(received));
    if (state().plan_status == "in_review") answer_review(text);
    co_await run_turn(std::move(id), false);
}

async::Task<void> LiveSession::run_turn(std::string message_id, bool continues) {
    is_busy_ = true;
    heed_extensions();
    interrupted_turn_.clear();
    emit(BusyStateChanged{true, message_id, {}, {}, {}});
    mcp_.begin_turn();
    note_last_session();
    TurnEnd end;
    async::Scope turn;
    turn_ = &turn;
    is_in_turn_ = true;
    continues_turn_ = continues;
    plan_.begin_turn();
    turn.spawn(work_turn(continues, end));
    co_await turn.join();
    turn_ = nullptr;
    is_in_turn_ = false;
    review_.reset();
    plan_.end_turn(message_id);
    std::string limit = std::exchange(limit_, {});
    if (!limit.empty() && end.stop_reason == "cancelled") {
        emit(LimitReached{limit, 0});
        end.stop_reason = "limit";
    }
    Result<void> on_disk = co_await journal_->sync();
    if (!on_disk) end = TurnEnd{"error", on_disk.error()};
    end_turn(message_id, std::move(end));
    checkpoint();
    index_timer_.start(index_delay);
}

async::Task<void> LiveSession::run_compaction() {
    is_busy_ = true;
    std::string id = compaction_work + std::to_string(state().last_event_id + 1);
    emit(BusyStateChanged{true, id, {}, {}, {}});
    Result<void> done;
    async::Scope turn;
    turn_ = &turn;
    turn.spawn(compact(done));
    co_await turn.join();
    turn_ = nullptr;
    limit_.clear();
    is_busy_ = false;
    TurnEnd end{"end_turn", {}};
    if (!done) end = TurnEnd{"error", done.error()};
    if (!done && done.error().code == Code::cancelled) end = TurnEnd{"cancelled", {}};
    end_prompt(id, std::move(end));
    checkpoint();
}

async::Task<void> LiveSession::compact(Result<void>& done) {
    done = journal_->health();
    if (done) done = co_await choose_model();
    if (done) done = co_await agent_.compact();
}

// Whoever leaves does not wait for long.
async::Task<void> LiveSession::compact_at_end() {
    if (state().context.size() < 3) co_return;
    Result<void> done;
    async::Scope turn;
    async::Timer patience(loop_, [&turn] { turn.request_stop(); });
    patience.start(finish_patience);
    turn.spawn(compact(done));
    co_await turn.join();
}

// A snapshot only saves time at the next opening; a broken journal has already been told.
async::Task<void> LiveSession::keep_snapshot() {
    Result<void> saved = co_await journal_->save_snapshot();
    (void)saved;
}

// The index is derived: what is not brought up to date now is when somebody searches.
async::Task<void> LiveSession::keep_index() {
    if (index_file_.empty() || state().prompts == 0 || is_indexing_) co_return;
    is_indexing_ = true;
    auto work = [index = index_file_, files = journal_->files()](std::stop_token) {
        update_index(index, files);
        give_back_memory();
    };
    co_await async::on_worker(loop_, std::move(work));
    is_indexing_ = false;
}

async::Task<void> LiveSession::work_turn(bool continues, TurnEnd& end) {
    Result<void> ready = journal_->health();
    if (ready) ready = co_await choose_model();
    if (ready && !continues) ready = co_await ask_hooks();
    if (!ready && ready.error().code == Code::cancelled) {
        end = TurnEnd{"cancelled", {}};
    } else if (!ready) {
        end = TurnEnd{"error", ready.error()};
    } else if (continues) {
        end = co_await agent_.continue_turn();
    } else {
        end = co_await agent_.run_turn();
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
    has_worked_ = true;
    ended_as_ = status_after(end.stop_reason);
    end_prompt(message_id, std::move(end));
}

// A broken journal shows nothing more; that the turn has ended is told all the same, as event 0.
void LiveSession::end_prompt(const std::string& message_id, TurnEnd end) {
    BusyStateChanged ended{false, message_id, end.stop_reason, {}, {}};
    if (!end.error.message.empty()) {
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

void LiveSession::heal(bool continues) {
    is_reopened_ = true;
    State before = state();
    std::set<std::string> waiting;
    for (const ApprovalRequested& approval : before.pending_approvals) {
        if (continues) {
            waiting.insert(approval.call_id);
        } else {
            emit(ApprovalResolved{
                approval.call_id, "cancelled", "once", "policy", "interrupted", {}});
        }
    }
    for (const QuestionRequested& question : before.pending_questions) {
        emit(QuestionResolved{question.question_id, JsonValue(Json{{"kind", "cancelled"}})});
    }
    bool goes_on = !waiting.empty();
    for (const ToolCallStarted& call : before.open_calls) {
        bool resumes = continues && has_child_at_work(before, call.call_id);
        goes_on = goes_on || resumes;
        if (resumes) going_on_.insert(call.call_id);
        if (resumes || waiting.contains(call.call_id)) continue;
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
    bool is_reviewed = before.is_busy && before.plan_status == "in_review";
    if (goes_on || (continues && is_reviewed)) {
        interrupted_turn_ = before.busy_message_id.empty() ? "continued" : before.busy_message_id;
    } else if (before.is_busy) {
        emit(BusyStateChanged{false, before.busy_message_id, "cancelled", {}, {}});
    }
}

async::Task<ApprovalAnswer> LiveSession::ask_approval(ApprovalRequested request) {
    std::string id = request.call_id;
    async::OneShot<ApprovalAnswer> answer(loop_);
    WaitingApproval waiting{&answer, request.always_rules, nullptr};
    if (config_.approval_timeout.count() > 0) {
        waiting.patience =
            std::make_unique<async::Timer>(loop_, [this, id] { give_up_waiting(id); });
        waiting.patience->start(config_.approval_timeout);
    }
    approvals_.insert_or_assign(id, std::move(waiting));
    if (!is_asked_again(id)) emit(std::move(request));
    if (auto early = early_answers_.extract(id)) (void)submit(std::move(early.mapped()));
    Result<ApprovalAnswer> given = co_await answer.wait();
    approvals_.erase(id);
    if (given) co_return *given;
    emit(ApprovalResolved{id, "cancelled", "once", "user", "the turn was cancelled", {}});
    ApprovalAnswer nobody;
    nobody.is_cancelled = true;
    co_return nobody;
}

void LiveSession::give_up_waiting(const std::string& call_id) {
    auto found = approvals_.find(call_id);
    if (found == approvals_.end()) return;
    auto node = approvals_.extract(found);
    std::string reason =
        "nobody answered within " + std::to_string(config_.approval_timeout.count()) + " seconds";
    emit(ApprovalResolved{call_id, "deny", "once", "policy", reason, {}});
    node.mapped().answer->set(ApprovalAnswer{false, false, reason});
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
