#include "ipc/text_flow.hpp"

#include "base/text.hpp"

namespace thole::ipc {

namespace {

// The text of a piece, null when it is none.
template <class E>
auto text_of(E& event) -> decltype(&std::get<TokensStreamed>(event).text) {
    if (auto* tokens = std::get_if<TokensStreamed>(&event)) return &tokens->text;
    if (auto* thought = std::get_if<ThoughtStreamed>(&event)) return &thought->text;
    if (auto* chunk = std::get_if<ToolOutputChunk>(&event)) return &chunk->text;
    return nullptr;
}

}  // namespace

std::string stream_of(const Event& piece) {
    if (const auto* tokens = std::get_if<TokensStreamed>(&piece)) {
        return "answer " + tokens->message_id;
    }
    if (const auto* thought = std::get_if<ThoughtStreamed>(&piece)) {
        return "thought " + thought->message_id;
    }
    if (const auto* chunk = std::get_if<ToolOutputChunk>(&piece)) return "call " + chunk->call_id;
    return "";
}

bool ends_stream(const Event& event, const std::string& stream) {
    if (std::holds_alternative<BusyStateChanged>(event)) return true;
    if (const auto* message = std::get_if<MessageReceived>(&event)) {
        return stream == "answer " + message->message_id ||
               stream == "thought " + message->message_id;
    }
    const auto* completed = std::get_if<ToolCallCompleted>(&event);
    return completed && stream == "call " + completed->call_id;
}

void TextFlow::saw_piece(const Event& piece) {
    const std::string* text = text_of(piece);
    if (text) streams_[stream_of(piece)].pieces += text->size();
}

std::optional<Event> TextFlow::missing_of(const Event& event) {
    const std::string* text = text_of(event);
    if (!text) {
        std::erase_if(streams_, [&](const auto& one) { return ends_stream(event, one.first); });
        return std::nullopt;
    }
    Lengths& lengths = streams_[stream_of(event)];
    lengths.lines += text->size();
    if (lengths.lines <= lengths.pieces) return std::nullopt;
    const std::size_t unseen = std::min(lengths.lines - lengths.pieces, text->size());
    lengths.pieces = lengths.lines;
    Event missing = event;
    // Lengths differ where the log has something else in the place of a secret.
    *text_of(missing) = clip_utf8_front(*text, unseen);
    return missing;
}

}  // namespace thole::ipc
