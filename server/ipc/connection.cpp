#include "ipc/connection.hpp"

#include <unistd.h>

#include "async/sleep.hpp"
#include "async/worker.hpp"
#include "base/text.hpp"

namespace thole::ipc {

namespace {

constexpr int lines_at_once = 64;
constexpr std::chrono::milliseconds no_time{0};

Error unexpected_id(std::uint64_t after_id, std::uint64_t last_id) {
    return fail(Code::invalid_argument, "Subscribe.after_id: " + std::to_string(after_id) +
                                            " is to come; the last event is " +
                                            std::to_string(last_id));
}

}  // namespace

Connection::Connection(async::Loop& loop, Session& session, async::Descriptor peer,
                       const Limits& limits)
    : loop_(loop),
      session_(session),
      limits_(limits),
      peer_(std::move(peer)),
      reader_(loop, peer_.fd(), limits.longest_line),
      writer_(loop, peer_.fd()),
      changed_(loop),
      stall_(loop, [this] { check_progress(); }) {}

Connection::~Connection() = default;

async::Task<void> Connection::run() {
    std::stop_token stop = co_await async::current_stop();
    const std::stop_callback on_stop(stop, [this] { leave({}, {}); });
    reading_.spawn(read_commands());
    writing_.spawn(write_lines());
    co_await writing_.join();
    release();
    stall_.stop();
    reading_.request_stop();
    co_await reading_.join();
    co_await say_goodbye();
}

void Connection::finish() {
    if (phase_ != Phase::open) return;
    phase_ = Phase::finishing;
    last_words_ = {"closed", "the process has let go of the session", 0};
    release();
    reading_.request_stop();
    changed_.notify();
}

// The rest happens on a turn of its own: this may be called from within the session.
void Connection::leave(std::string code, std::string reason) {
    if (phase_ == Phase::leaving) return;
    phase_ = Phase::leaving;
    last_words_ = {std::move(code), std::move(reason), 0};
    reading_.request_stop();
    writing_.request_stop();
}

void Connection::release() {
    if (std::exchange(is_watching_, false)) session_.unsubscribe(*this);
    if (std::exchange(is_answerer_, false)) session_.remove_answerer();
}

async::Task<void> Connection::read_commands() {
    int lines = 0;
    while (phase_ == Phase::open) {
        std::optional<Result<std::string>> line = co_await reader_.next();
        if (phase_ != Phase::open) break;
        if (!line) {
            leave({}, {});
        } else if (*line) {
            co_await take(**line);
        } else if (line->error().code == Code::too_large) {
            write(nack_line(Request{{}, {}, line->error()}, line->error()));
        }
        if (writer_.queued_bytes() > limits_.queued_answers) co_await writer_.drained();
        if (++lines % lines_at_once == 0) co_await async::sleep_for(loop_, no_time);
    }
}

async::Task<void> Connection::take(const std::string& line) {
    if (trim(line).empty()) co_return;
    Request request = read_request(line);
    const auto* wish = request.wish ? std::get_if<Subscribe>(&*request.wish) : nullptr;
    if (!wish) co_return write(answer_to(request));
    Result<Subscribed> subscribed = co_await subscribe(*wish);
    if (phase_ != Phase::open) co_return;
    write(subscribed ? subscribed_line(*subscribed, request)
                     : nack_line(request, subscribed.error()));
    changed_.notify();
}

std::string Connection::answer_to(const Request& request) {
    if (!request.wish) return nack_line(request, request.wish.error());
    Result<std::string> taken = session_.submit(std::get<Command>(*request.wish));
    return taken ? ack_line(request, *taken) : nack_line(request, taken.error());
}

async::Task<Result<Subscribed>> Connection::subscribe(Subscribe wish) {
    if (feed_) {
        co_return fail(Code::exists, "this connection has subscribed; open another to begin anew");
    }
    std::uint64_t last_id = session_.state().last_event_id;
    if (wish.after_id > last_id) co_return unexpected_id(wish.after_id, last_id);
    auto open = [log = session_.files().log(), after_id = wish.after_id](std::stop_token) {
        return LogTail::open(log, after_id);
    };
    Result<LogTail> tail = co_await async::on_worker(loop_, std::move(open));
    if (!tail) co_return tail.error();
    if (phase_ != Phase::open) co_return cancelled();
    session_.subscribe(*this);
    is_watching_ = true;
    is_answerer_ = wish.answers;
    if (is_answerer_) session_.add_answerer();
    last_id = session_.state().last_event_id;
    feed_.emplace(writer_, std::move(*tail), wish.deltas, session_.state());
    co_return Subscribed{session_.files().id, ::getpid(), last_id};
}

void Connection::on_event(const Envelope& envelope) {
    if (!feed_) return;
    feed_->on_event(envelope);
    changed_.notify();
    if (writer_.queued_bytes() == 0 || feed_->lag() <= limits_.lag) return;
    leave("too_slow", "too many events were waiting for this client; come back with last_id");
}

void Connection::on_delta(const Event& piece) {
    if (!feed_ || phase_ != Phase::open) return;
    feed_->on_delta(piece, limits_.piece);
    if (writer_.queued_bytes() > 0) changed_.notify();
}

// Whether there is more of the log for this client.
bool Connection::send_piece() {
    if (!feed_ || phase_ == Phase::leaving) return false;
    Result<bool> has_more = feed_->send(limits_.piece);
    if (!has_more) leave("io", has_more.error().message);
    return has_more && *has_more;
}

async::Task<void> Connection::write_lines() {
    while (phase_ != Phase::leaving && !writer_.is_broken()) {
        bool has_more = send_piece();
        if (writer_.queued_bytes() > 0) {
            watch_progress();
            co_await writer_.drained();
        } else if (has_more) {
            co_await async::sleep_for(loop_, no_time);
        } else if (phase_ == Phase::finishing) {
            co_return;
        } else {
            co_await changed_.wait();
        }
    }
}

async::Task<void> Connection::say_goodbye() {
    if (!last_words_.code.empty()) {
        last_words_.last_id = feed_ ? feed_->last_id() : 0;
        write(disconnected_line(last_words_));
    }
    if (writer_.queued_bytes() == 0) co_return;
    std::stop_token stop = co_await async::current_stop();
    async::Scope waiting(stop);
    async::Timer patience(loop_, [&waiting] { waiting.request_stop(); });
    patience.start(limits_.goodbye);
    waiting.spawn(wait_until_drained());
    co_await waiting.join();
}

async::Task<void> Connection::wait_until_drained() {
    co_await writer_.drained();
}

void Connection::write(std::string line) {
    answered_bytes_ += line.size();
    writer_.write(std::move(line));
    if (writer_.queued_bytes() > 0) changed_.notify();
}

std::size_t Connection::taken_bytes() const {
    const std::size_t sent = answered_bytes_ + (feed_ ? feed_->sent_bytes() : 0);
    return sent - writer_.queued_bytes();
}

void Connection::watch_progress() {
    if (std::exchange(is_stall_due_, true)) return;
    taken_before_ = taken_bytes();
    stall_.start(limits_.stall);
}

void Connection::check_progress() {
    is_stall_due_ = false;
    if (writer_.queued_bytes() == 0 || phase_ == Phase::leaving) return;
    if (taken_bytes() != taken_before_) return watch_progress();
    leave("too_slow", "this client took nothing for too long; come back with last_id");
}

}  // namespace thole::ipc
