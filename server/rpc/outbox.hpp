// The one ordered way out of a connection. Lines are written at the loop's next turn while the peer
// reads; while it does not, pieces of the same text are joined and states replace older states of
// the same thing, so that memory stays bounded. Plain lines are never joined, dropped or reordered.
// Owned by the connection; loop thread. Frames, does not look into the text.
#pragma once
#include <cstddef>
#include <deque>
#include <memory>
#include <string>
#include <string_view>

#include "async/signal.hpp"
#include "async/stream.hpp"

namespace thole::rpc {

class Outbox {
public:
    Outbox(async::Loop& loop, async::FdWriter& writer) : writer_(writer), changed_(loop) {}

    // A line without its end.
    void line(std::string text);

    // The line head + escaped `text` + tail. Joined to the line that waits last, if that one has
    // the same head and tail.
    void piece(std::string_view head, std::string_view text, std::string_view tail);

    // Takes the place of the waiting line with the same key, if there is one.
    void latest(std::string key, std::string text);

    // What waits here and in the writer.
    std::size_t waiting_bytes() const { return bytes_ + writer_.queued_bytes(); }

    // Writes until it is stopped. One at a time.
    async::Task<void> pump();
    // Waits until everything that was put in is written: true; false when the peer is gone or the
    // task is stopped.
    async::Task<bool> drained();

private:
    struct Entry {
        std::string text;  // of a piece: without its tail
        std::string key;   // of latest()
        std::size_t head = 0;
        std::shared_ptr<const std::string> tail;  // of a piece
    };
    void add(Entry entry);
    void write_some();

    async::FdWriter& writer_;
    async::Signal changed_;
    std::deque<Entry> entries_;
    std::size_t bytes_ = 0;
    std::shared_ptr<const std::string> last_tail_;
};

}  // namespace thole::rpc
