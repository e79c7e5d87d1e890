// Makes streamed text whole at the far end of a socket: pieces that the session left out, because
// the client was behind, are taken from the lines of the log that repeat them. Owned by a
// SocketLink. Pure; keeps lengths, no text.
#pragma once
#include <cstddef>
#include <map>
#include <optional>
#include <string>

#include "journal/event.hpp"

namespace thole::ipc {

// Whether the event is a piece of streamed text: TokensStreamed, ThoughtStreamed, ToolOutputChunk.
bool is_streamed_text(const Event& event);

class TextFlow {
public:
    void saw_piece(const Event& piece);
    // An event of the log. Gives what of its text was never seen as a piece: the whole, its end, or
    // nothing.
    std::optional<Event> missing_of(const Event& event);

private:
    struct Lengths {
        std::size_t pieces = 0, lines = 0;  // bytes since the last event that was no text
    };
    std::map<std::string, Lengths> flows_;
};

}  // namespace thole::ipc
