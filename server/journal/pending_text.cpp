#include "journal/pending_text.hpp"

#include <algorithm>
#include <cassert>

namespace thole {

namespace {

// Each joins the piece to the line and says whether it did.
bool join(TokensStreamed& line, const TokensStreamed& piece) {
    if (line.message_id != piece.message_id) return false;
    line.text += piece.text;
    return true;
}

// A signature ends a thought; a redacted one stands alone.
bool join(ThoughtStreamed& line, const ThoughtStreamed& piece) {
    const bool is_one = line.message_id == piece.message_id && line.signature.empty() &&
                        !line.redacted && !piece.redacted;
    if (!is_one) return false;
    line.text += piece.text;
    line.signature = piece.signature;
    return true;
}

bool join(ToolOutputChunk& line, const ToolOutputChunk& piece) {
    if (line.call_id != piece.call_id) return false;
    line.text += piece.text;
    return true;
}

template <class T>
bool join_as(Event& line, const Event& piece) {
    auto* held = std::get_if<T>(&line);
    const auto* more = std::get_if<T>(&piece);
    return held && more && join(*held, *more);
}

bool join_any(Event& line, const Event& piece) {
    return join_as<TokensStreamed>(line, piece) || join_as<ThoughtStreamed>(line, piece) ||
           join_as<ToolOutputChunk>(line, piece);
}

std::size_t size_of(const Event& piece) {
    if (const auto* tokens = std::get_if<TokensStreamed>(&piece)) return tokens->text.size();
    if (const auto* output = std::get_if<ToolOutputChunk>(&piece)) return output->text.size();
    const auto* thought = std::get_if<ThoughtStreamed>(&piece);
    assert(thought && "only text streams");
    return thought->text.size() + thought->signature.size();
}

}  // namespace

void PendingText::add(const Event& piece) {
    bytes_ += size_of(piece);
    // Outputs of calls that run together may come in turns; a message's text keeps its order.
    const bool keeps_order = !std::holds_alternative<ToolOutputChunk>(piece);
    const auto from = keeps_order && !lines_.empty() ? lines_.end() - 1 : lines_.begin();
    const bool is_joined =
        std::any_of(from, lines_.end(), [&](Event& line) { return join_any(line, piece); });
    if (!is_joined) lines_.push_back(piece);
}

std::vector<Event> PendingText::take() {
    bytes_ = 0;
    return std::exchange(lines_, {});
}

}  // namespace thole
