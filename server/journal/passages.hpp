// What can be searched in a session: texts, each at the event that it belongs to. Pieces of a
// streamed text that follow each other are one text. The index is made from them and hits are shown
// from them. Internal to journal/; no file, no clock.
#pragma once
#include <functional>
#include <string>

#include "journal/event.hpp"

namespace thole {

struct Passage {
    std::uint64_t event_id = 0;  // of a streamed text: its first piece
    std::string kind{};          // see Hit
    std::string text{};
    bool operator==(const Passage&) const = default;
};

class Passages {
public:
    using Sink = std::function<void(const Passage&)>;
    // `streamed`: as it was where the reading before broke off, see below.
    explicit Passages(Sink sink, std::string streamed = "")
        : sink_(std::move(sink)), streamed_(std::move(streamed)) {}

    // Every event of the session, in order.
    void take(const Envelope& envelope);
    // Gives what streams, though more of it may follow.
    void finish();

    // Null when nothing streams.
    const Passage* open() const { return open_.event_id > 0 ? &open_ : nullptr; }
    // The message whose answer has been given last, so that its end need not repeat it.
    const std::string& streamed() const { return streamed_; }

private:
    void piece(std::uint64_t id, const char* kind, const std::string& message_id,
               const std::string& text);

    Sink sink_;
    std::string streamed_;
    Passage open_;
    std::string open_message_;
};

}  // namespace thole
