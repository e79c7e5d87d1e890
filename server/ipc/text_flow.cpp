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

std::string key_of(const Event& piece) {
    if (const auto* tokens = std::get_if<TokensStreamed>(&piece)) return "t" + tokens->message_id;
    if (const auto* thought = std::get_if<ThoughtStreamed>(&piece)) {
        return "h" + thought->message_id;
    }
    return "c" + std::get<ToolOutputChunk>(piece).call_id;
}

}  // namespace

bool is_streamed_text(const Event& event) {
    return text_of(event) != nullptr;
}

void TextFlow::saw_piece(const Event& piece) {
    const std::string* text = text_of(piece);
    if (text) flows_[key_of(piece)].pieces += text->size();
}

std::optional<Event> TextFlow::missing_of(const Event& event) {
    const std::string* text = text_of(event);
    if (!text) {
        flows_.clear();
        return std::nullopt;
    }
    Lengths& lengths = flows_[key_of(event)];
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
