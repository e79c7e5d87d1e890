#include "session/attached_session.hpp"

#include <algorithm>

#include "async/worker.hpp"
#include "base/code.hpp"
#include "base/ids.hpp"
#include "journal/changes.hpp"
#include "journal/log_reader.hpp"
#include "policy/modes.hpp"

namespace thole {
namespace {

constexpr int most_attempts = 5;

template <class T>
bool names_call(const std::vector<T>& open, const std::string& call_id) {
    return std::any_of(open.begin(), open.end(),
                       [&](const T& one) { return one.call_id == call_id; });
}

bool names_question(const std::vector<QuestionRequested>& open, const std::string& id) {
    return std::any_of(open.begin(), open.end(),
                       [&](const QuestionRequested& one) { return one.question_id == id; });
}

}  // namespace

AttachedSession::AttachedSession(Parts parts) : parts_(std::move(parts)), changed_(parts_.loop) {}

AttachedSession::~AttachedSession() = default;

async::Task<Result<void>> AttachedSession::attach() {
    auto look = [files = parts_.files](std::stop_token) { return inspect_session(files); };
    Result<Seen> seen = co_await async::on_worker(parts_.loop, std::move(look));
    if (!seen) co_return seen.error();
    std::string socket = seen->state.socket_path;
    if (socket.empty()) {
        co_return fail(Code::busy, "session " + parts_.files.id + " is written by process " +
                                       std::to_string(seen->state.pid) +
                                       ", which nobody can attach to");
    }
    bool is_first = state_.last_event_id == 0;
    std::uint64_t after_id = is_first ? seen->state.last_event_id : state_.last_event_id;
    if (is_first) {
        state_ = std::move(seen->state);
        damage_ = seen->damage;
    }
    LinkSink& sink = *this;
    Result<std::unique_ptr<Link>> link =
        co_await parts_.links.attach(parts_.files, std::move(socket), after_id, sink);
    if (!link) co_return link.error();
    link_ = std::move(*link);
    has_link_ended_ = false;
    co_return Result<void>();
}

async::Task<void> AttachedSession::run() {
    while (!is_ending_) {
        bool wants_owner = !link_ && !own_ && !waiting_.empty();
        if (has_link_ended_) {
            co_await drop_link();
        } else if (wants_owner) {
            co_await take_over();
        } else {
            co_await changed_.wait();
        }
    }
    co_await drop_link();
    if (own_) own_->end();
    co_await own_work_.join();
}

void AttachedSession::end() {
    is_ending_ = true;
    changed_.notify();
}

// An attached session leaves its work to the process that runs it.
async::Task<void> AttachedSession::until_idle() {
    if (own_) co_await own_->until_idle();
}

async::Task<void> AttachedSession::drop_link() {
    has_link_ended_ = false;
    if (!link_) co_return;
    std::unique_ptr<Link> ended = std::move(link_);
    co_await ended->close();
}

// The session is free, or another process was faster and we are attached to that one.
async::Task<void> AttachedSession::take_over() {
    Error why;
    for (int attempt = 0; attempt < most_attempts && !is_ending_; ++attempt) {
        Result<std::unique_ptr<LiveSession>> opened = co_await parts_.open_here();
        if (opened) {
            Result<void> adopted = adopt(std::move(*opened));
            if (!adopted) refuse_waiting(adopted.error());
            co_return send_waiting();
        }
        why = opened.error();
        if (why.code != Code::busy) break;
        Result<void> attached = co_await attach();
        if (attached) co_return send_waiting();
        why = attached.error();
    }
    refuse_waiting(why);
}

Result<void> AttachedSession::adopt(std::unique_ptr<LiveSession> session) {
    own_ = std::move(session);
    Result<void> caught_up = catch_up();
    own_->subscribe(*this);
    if (files_) own_->lend_files(files_);
    own_->lend_terminals(terminals_);
    for (int i = 0; i < answerers_; ++i) own_->add_answerer();
    if (waits_for_answers_) own_->wait_for_answers();
    own_work_.spawn(own_->run());
    return caught_up;
}

// What happened between the last event that we saw and now.
Result<void> AttachedSession::catch_up() {
    const std::string log = parts_.files.log();
    Result<LogRange> range = range_after(log, state_.last_event_id);
    if (!range) return range.error();
    Result<LogRead> read = read_log(log, parts_.files.blobs(), *range,
                                    [this](const Envelope& envelope, std::string_view) {
                                        forget_begun(envelope.event);
                                        show(envelope);
                                        return true;
                                    });
    if (!read) return read.error();
    return {};
}

void AttachedSession::send_waiting() {
    std::deque<Command> commands = std::exchange(waiting_, {});
    for (Command& command : commands) {
        Command copy = command;
        Result<std::string> taken = submit(std::move(copy));
        if (!taken) on_refused(command, taken.error());
    }
}

void AttachedSession::refuse_waiting(const Error& why) {
    std::deque<Command> commands = std::exchange(waiting_, {});
    for (const Command& command : commands) {
        const auto* prompt = std::get_if<SendMessage>(&command);
        if (prompt) fail_prompt(prompt->message_id, why);
        if (!prompt)
            show_unrecorded(
                ErrorReported{std::string(code_name(why.code)), why.message, {}, false});
    }
}

Result<void> AttachedSession::check(const Command& command) const {
    const State& now = state_;
    const auto* approve = std::get_if<Approve>(&command);
    const auto* deny = std::get_if<Deny>(&command);
    if (approve || deny) {
        const std::string& id = approve ? approve->call_id : deny->call_id;
        if (names_call(now.pending_approvals, id)) return {};
        return fail(Code::not_found, "no approval is open for call '" + id + "'");
    }
    if (const auto* answer = std::get_if<AnswerQuestion>(&command)) {
        if (names_question(now.pending_questions, answer->question_id)) return {};
        return fail(Code::not_found, "no question '" + answer->question_id + "' is open");
    }
    if (const auto* review = std::get_if<ReviewChanges>(&command)) {
        return check_review(now, review->path, review->event_id);
    }
    if (const auto* set = std::get_if<SetMode>(&command)) {
        Result<Mode> mode = parse_mode(set->mode);
        if (!mode) return mode.error();
    }
    return {};
}

Result<std::string> AttachedSession::submit(Command command) {
    if (own_) return own_->submit(std::move(command));
    if (Result<void> fine = check(command); !fine) return fine.error();
    std::string id;
    auto* prompt = std::get_if<SendMessage>(&command);
    if (prompt) {
        if (prompt->message_id.empty()) prompt->message_id = "u" + random_token(12);
        id = prompt->message_id;
    }
    bool is_connected = link_ && !has_link_ended_;
    if (is_connected) {
        link_->send(command);
        if (prompt) sent_.push_back(std::move(*prompt));
    } else if (std::holds_alternative<Cancel>(command)) {
        refuse_waiting(cancelled());
    } else {
        waiting_.push_back(std::move(command));
        changed_.notify();
    }
    return id;
}

void AttachedSession::subscribe(Subscriber& subscriber) {
    subscribers_.push_back(&subscriber);
}

void AttachedSession::unsubscribe(Subscriber& subscriber) {
    std::erase(subscribers_, &subscriber);
}

void AttachedSession::lend_files(Files* files) {
    files_ = files;
    if (own_) own_->lend_files(files);
}

void AttachedSession::lend_terminals(Terminals* terminals) {
    terminals_ = terminals;
    if (own_) own_->lend_terminals(terminals);
}

void AttachedSession::add_answerer() {
    ++answerers_;
    if (own_) own_->add_answerer();
}

void AttachedSession::remove_answerer() {
    --answerers_;
    if (own_) own_->remove_answerer();
}

void AttachedSession::wait_for_answers() {
    waits_for_answers_ = true;
    if (own_) own_->wait_for_answers();
}

// A subscriber may leave, or make another leave, while it is told.
void AttachedSession::show(const Envelope& envelope) {
    std::vector<Subscriber*> watching = subscribers_;
    for (Subscriber* subscriber : watching) {
        bool is_here =
            std::find(subscribers_.begin(), subscribers_.end(), subscriber) != subscribers_.end();
        if (is_here) subscriber->on_event(envelope);
    }
}

void AttachedSession::show_unrecorded(Event event) {
    show(Envelope{0, parts_.clock.now(), std::move(event)});
}

void AttachedSession::fail_prompt(const std::string& message_id, const Error& why) {
    bool is_cancelled = why.code == Code::cancelled;
    BusyStateChanged ended{false, message_id, is_cancelled ? "cancelled" : "error", {}, {}};
    if (!is_cancelled) {
        ended.error_code = code_name(why.code);
        ended.error = why.message;
    }
    show_unrecorded(std::move(ended));
}

// Prompts that the session has taken are not sent again.
void AttachedSession::forget_begun(const Event& event) {
    std::string begun;
    if (const auto* message = std::get_if<MessageReceived>(&event)) {
        begun = message->message_id;
    } else if (const auto* change = std::get_if<BusyStateChanged>(&event)) {
        begun = change->message_id;
    }
    std::erase_if(sent_, [&](const SendMessage& prompt) { return prompt.message_id == begun; });
    std::erase_if(waiting_, [&](const Command& command) {
        const auto* prompt = std::get_if<SendMessage>(&command);
        return prompt && prompt->message_id == begun;
    });
}

// From the link, or from the session that this process runs since it took over.
void AttachedSession::on_event(const Envelope& envelope) {
    if (!own_) apply(state_, envelope);
    forget_begun(envelope.event);
    show(envelope);
}

void AttachedSession::on_damage(const std::string& text) {
    show_unrecorded(ErrorReported{std::string(code_name(Code::corrupt)), text, {}, true});
}

void AttachedSession::on_delta(const Event& piece) {
    std::vector<Subscriber*> watching = subscribers_;
    for (Subscriber* subscriber : watching) subscriber->on_delta(piece);
}

// An answer that came second is no news: what was decided shows as ApprovalResolved. A session that
// is just being closed takes no prompts; they go to the one that comes after it.
void AttachedSession::on_refused(const Command& command, const Error& why) {
    bool is_answer = std::holds_alternative<Approve>(command) ||
                     std::holds_alternative<Deny>(command) ||
                     std::holds_alternative<AnswerQuestion>(command);
    if (is_answer) return;
    const auto* prompt = std::get_if<SendMessage>(&command);
    if (!prompt) {
        show_unrecorded(ErrorReported{std::string(code_name(why.code)), why.message, {}, false});
        return;
    }
    if (why.code == Code::busy && !own_) return;  // stays among the sent until the link ends
    std::erase_if(sent_,
                  [&](const SendMessage& sent) { return sent.message_id == prompt->message_id; });
    fail_prompt(prompt->message_id, why);
}

void AttachedSession::on_closed(const Error& why) {
    has_link_ended_ = true;
    changed_.notify();
    if (state_.is_busy) {
        std::string message_id = state_.busy_message_id;
        state_.is_busy = false;
        state_.busy_message_id.clear();
        fail_prompt(message_id, why);
    }
    for (SendMessage& prompt : sent_) waiting_.push_back(std::move(prompt));
    sent_.clear();
}

}  // namespace thole
