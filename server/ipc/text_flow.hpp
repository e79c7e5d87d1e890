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

// What names the stream that a piece of text (TokensStreamed, ThoughtStreamed, ToolOutputChunk)
// belongs to: an answer, its thoughts, or the output of a call. "" for other events.
std::string stream_of(const Event& piece);
// Whether nothing of the stream comes after this event.
bool ends_stream(const Event& event, const std::string& stream);

class TextFlow {
public:
    void saw_piece(const Event& piece);
    // An event of the log. Gives what of its text was never seen as a piece: the whole, its end, or
    // nothing.
    std::optional<Event> missing_of(const Event& event);

private:
    struct Lengths {
        std::size_t pieces = 0, lines = 0;  // bytes
    };
    std::map<std::string, Lengths> streams_;
};

}  // namespace thole::ipc
