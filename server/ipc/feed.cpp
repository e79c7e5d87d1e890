#include "ipc/feed.hpp"

#include "ipc/messages.hpp"
#include "ipc/text_flow.hpp"

namespace thole::ipc {

Feed::Feed(async::FdWriter& writer, LogTail tail, bool wants_deltas, const State& now)
    : writer_(writer),
      tail_(std::move(tail)),
      wants_deltas_(wants_deltas),

      shown_id_(now.last_event_id),
      round_end_(tail_.log_size()) {}

void Feed::write(std::string text) {
    sent_bytes_ += text.size();
    writer_.write(std::move(text));
}

Result<bool> Feed::send(std::size_t piece) {
    if (writer_.queued_bytes() > 0) return true;
    Result<LogTail::Piece> next = tail_.next(piece);
    if (!next) return next.error();
    if (!next->damage.empty()) write(damage_line(next->damage));
    write(std::move(next->lines));
    is_at_end_ = next->is_end;
    if (tail_.offset() >= round_end_) {
        is_live_ = true;
        round_end_ = tail_.log_size();
    }
    return !has_all();
}

void Feed::on_event(const Envelope& envelope) {
    is_at_end_ = false;
    shown_id_ = envelope.id;
    if (missed_.empty()) return;
    std::erase_if(missed_,
                  [&](const std::string& one) { return ends_stream(envelope.event, one); });
}

void Feed::on_delta(const Event& piece, std::size_t size) {
    if (!wants_deltas_ || tail_.last_id() > shown_id_) return;
    if (!is_at_end_) (void)send(size).has_value();
    const bool fits = has_all() && tail_.last_id() == shown_id_;
    if (!fits) missed_.insert(stream_of(piece));
    if (!missed_.empty() && missed_.count(stream_of(piece)) > 0) return;
    write(delta_line(piece));
}

std::int64_t Feed::lag() const {
    return is_live_ ? tail_.log_size() - round_end_ : 0;
}

}  // namespace thole::ipc
