// What one client of a socket watches: the lines of the log from its cursor on, backlog and live
// alike, and, while it has all of them, pieces of streamed text. Owned by its Connection, which
// calls send() whenever there is something and the client reads. Loop thread. Reads the log inline:
// it was just written by this process, and a piece is small. Knows no commands; queues no more than
// a piece or one line.
#pragma once
#include <cstdint>
#include <set>
#include <string>

#include "async/stream.hpp"
#include "ipc/limits.hpp"
#include "journal/journal.hpp"
#include "journal/log_tail.hpp"

namespace thole::ipc {

class Feed {
public:
    // `now`: of the session, subscribed to already.
    Feed(async::FdWriter& writer, LogTail tail, bool wants_deltas, const State& now);

    // Sends the next piece of the log, if the client has taken what was sent before. True: there is
    // more, or what was sent waits in the queue. Errors: io.
    Result<bool> send(std::size_t piece);

    void on_event(const Envelope& envelope);
    // Sent when the client has everything before it. After one that is left out, all of its stream
    // are: what a client gets is the beginning of what the lines of the log say.
    void on_delta(const Event& piece, std::size_t size);

    std::uint64_t last_id() const { return tail_.last_id(); }
    std::size_t sent_bytes() const { return sent_bytes_; }  // or queued
    // Bytes of the log that came while the client did not read what was there before them.
    std::int64_t lag() const;

private:
    bool has_all() const { return is_at_end_ && writer_.queued_bytes() == 0; }
    void write(std::string text);

    async::FdWriter& writer_;
    LogTail tail_;
    bool wants_deltas_;
    std::size_t sent_bytes_ = 0;
    bool is_at_end_ = false;
    std::set<std::string> missed_;  // streams, see text_flow.hpp
    bool is_live_ = false;          // has once come to the end of the backlog
    std::uint64_t shown_id_;        // of the last event that on_event() told of
    std::int64_t round_end_;        // the log's size when the client last came to the end of it
};

}  // namespace thole::ipc
