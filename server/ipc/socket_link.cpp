#include "ipc/socket_link.hpp"

#include <utility>

#include "async/poll.hpp"
#include "async/sleep.hpp"
#include "journal/log_tail.hpp"

namespace thole::ipc {

namespace {

constexpr int lines_at_once = 64;
constexpr std::chrono::milliseconds no_time{0};

async::Task<void> drain(async::FdWriter& writer) {
    co_await writer.drained();
}

}  // namespace

SocketLink::SocketLink(async::Loop& loop, Caller caller, LinkSink& sink, std::uint64_t after_id)
    : loop_(loop), caller_(std::move(caller)), sink_(sink), last_id_(after_id) {}

void SocketLink::start(std::unique_ptr<Wire> wire) {
    wire_ = std::move(wire);
    work_.spawn(run());
}

void SocketLink::send(const Command& command) {
    if (is_closed_) return;
    unanswered_.emplace(++request_id_, command);
    if (!has_ended_) wire_->writer.write(command_line(command, request_id_));
}

async::Task<void> SocketLink::close() {
    is_closed_ = true;
    work_.request_stop();
    co_await work_.join();
    co_await flush();
    wire_.reset();
}

// What was sent before the link was closed still goes out, if the other process takes it soon.
async::Task<void> SocketLink::flush() {
    if (!wire_ || wire_->writer.queued_bytes() == 0) co_return;
    async::Scope waiting;
    async::Timer patience(loop_, [&waiting] { waiting.request_stop(); });
    patience.start(caller_.limits().farewell);
    waiting.spawn(drain(wire_->writer));
    co_await waiting.join();
}

// A first turn of the loop's own, because attach() has not returned yet.
async::Task<void> SocketLink::run() {
    co_await async::sleep_for(loop_, no_time);
    bool goes_on = !is_closed_;
    while (goes_on) {
        co_await read_until_end();
        goes_on = co_await come_back();
    }
    refuse_unanswered();
    if (!std::exchange(is_closed_, true)) sink_.on_closed(why_);
}

// A process that says goodbye has taken nothing that it did not answer.
void SocketLink::refuse_unanswered() {
    if (!was_told_) return;
    const Error why = fail(
        Code::busy, "session " + caller_.files().id + " did not take it before it let go of us");
    for (const auto& [request_id, command] : std::exchange(unanswered_, {})) {
        if (!is_closed_) sink_.on_refused(command, why);
    }
}

async::Task<void> SocketLink::read_until_end() {
    int lines = 0;
    while (!is_closed_ && !has_ended_) {
        std::optional<Result<std::string>> line = co_await wire_->reader.next();
        if (is_closed_) co_return;
        if (!line) {
            end(fail(Code::unavailable, "the process that ran session " + caller_.files().id +
                                            " closed the connection"));
        } else if (*line) {
            take(**line);
        }
        if (++lines % lines_at_once == 0) co_await async::sleep_for(loop_, no_time);
    }
}

void SocketLink::end(Error why) {
    if (std::exchange(has_ended_, true)) return;
    why_ = std::move(why);
}

// Whether the link goes on. What was sent and not answered is sent again only when the other
// process told that it had taken no more.
async::Task<bool> SocketLink::come_back() {
    if (is_closed_ || !may_return_) co_return false;
    if (!was_told_ && !unanswered_.empty()) co_return false;
    if (++returns_ > caller_.limits().returns) {
        why_.code = Code::limit;
        co_return false;
    }
    wire_.reset();
    Result<std::unique_ptr<Wire>> wire = co_await caller_.call(last_id_);
    if (is_closed_) co_return false;
    if (!wire) {
        if (was_told_) why_ = wire.error();
        co_return false;
    }
    wire_ = std::move(*wire);
    has_ended_ = was_told_ = false;
    for (const auto& [request_id, command] : unanswered_) {
        wire_->writer.write(command_line(command, request_id));
    }
    co_return true;
}

void SocketLink::take(const std::string& line) {
    Result<Message> message = read_message(line);
    if (!message) {
        may_return_ = false;
        return end(message.error());
    }
    if (std::holds_alternative<LogLine>(*message)) return take_event(line);
    if (const auto* delta = std::get_if<Delta>(&*message)) return take(*delta);
    if (const auto* ack = std::get_if<Ack>(&*message)) unanswered_.erase(ack->request_id);
    if (const auto* nack = std::get_if<Nack>(&*message)) return take(*nack);
    if (const auto* note = std::get_if<DamageNote>(&*message)) return sink_.on_damage(note->what);
    if (const auto* goodbye = std::get_if<Disconnected>(&*message)) take(*goodbye);
}

void SocketLink::take_event(const std::string& line) {
    Result<DecodedLine> decoded = decode_line(line, caller_.files().blobs());
    if (!decoded) return sink_.on_damage(decoded.error().message);
    const Envelope& envelope = decoded->envelope;
    if (envelope.id <= last_id_) return;
    last_id_ = envelope.id;
    returns_ = 0;
    if (!decoded->damage.empty()) sink_.on_damage(decoded->damage);
    std::optional<Event> missing = text_.missing_of(envelope.event);
    if (missing && !is_closed_) sink_.on_delta(*missing);
    if (!is_closed_) sink_.on_event(envelope);
}

void SocketLink::take(const Delta& delta) {
    text_.saw_piece(delta.piece);
    sink_.on_delta(delta.piece);
}

void SocketLink::take(const Nack& nack) {
    auto found = unanswered_.find(nack.request_id);
    if (found == unanswered_.end()) return;
    const Command command = std::move(found->second);
    unanswered_.erase(found);
    sink_.on_refused(command, nack.why);
}

void SocketLink::take(const Disconnected& goodbye) {
    was_told_ = true;
    may_return_ = goodbye.code == "too_slow";
    end(fail(Code::unavailable, goodbye.reason));
}

}  // namespace thole::ipc
