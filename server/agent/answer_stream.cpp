#include "agent/answer_stream.hpp"

#include <utility>

#include "base/code.hpp"

namespace thole {
namespace {

constexpr std::size_t repeated_text_limit = 32 * 1024;

std::string_view stop_name(model::StopReason stop) {
    switch (stop) {
        case model::StopReason::end_turn:
            return "end_turn";
        case model::StopReason::tool_use:
            return "tool_use";
        case model::StopReason::max_tokens:
            return "max_tokens";
        case model::StopReason::refusal:
            return "refusal";
    }
    return "end_turn";
}

std::string text_of(const model::Reply& reply) {
    std::string text;
    for (const model::Block& block : reply.blocks) {
        if (const auto* part = std::get_if<model::Text>(&block)) text += part->text;
    }
    return text;
}

}  // namespace

// Event ids grow for ever, so an id made of the last one is new in this session.
void AnswerStream::restart() {
    message_id_ = "m" + std::to_string(conversation_.state().last_event_id + 1);
    thoughts_ = 0;
    is_thinking_ = has_text_ = false;
}

void AnswerStream::take(const model::Piece& piece) {
    if (piece.kind == model::Piece::Kind::thought) {
        if (!is_thinking_) ++thoughts_;
        is_thinking_ = true;
        conversation_.stream(ThoughtStreamed{thought_id(), std::string(piece.text), {}, false});
        return;
    }
    if (piece.kind == model::Piece::Kind::thought_ends) return end_thought(piece);
    is_thinking_ = false;
    if (piece.kind != model::Piece::Kind::text) return;
    has_text_ = true;
    conversation_.stream(TokensStreamed{message_id_, std::string(piece.text)});
}

// A signature may come without a word, and is kept where it stands among texts and calls.
void AnswerStream::end_thought(const model::Piece& piece) {
    bool has_words = std::exchange(is_thinking_, false);
    if (piece.text.empty()) return;
    if (!has_words) ++thoughts_;
    std::string id = message_id_ + (piece.redacted ? "r" : "t") + std::to_string(thoughts_);
    conversation_.emit(ThoughtStreamed{std::move(id), {}, std::string(piece.text), piece.redacted});
}

void AnswerStream::finish(const model::Reply& reply) {
    MessageReceived received;
    received.role = "assistant";
    received.message_id = message_id_;
    received.content = text_of(reply);
    if (received.content.size() > repeated_text_limit) received.content.clear();
    received.stop_reason = stop_name(reply.stop);
    received.model = reply.model;
    conversation_.emit(std::move(received));
}

void AnswerStream::break_off() {
    if (!has_text_ && thoughts_ == 0) return;
    MessageReceived received;
    received.role = "assistant";
    received.message_id = message_id_;
    received.stop_reason = "cancelled";
    conversation_.emit(std::move(received));
}

void AnswerStream::discard(Error error, bool retrying) {
    ErrorReported reported;
    reported.code = code_name(error.code);
    reported.message = std::move(error.message);
    reported.discarded_message_id = has_text_ || thoughts_ > 0 ? message_id_ : "";
    reported.retrying = retrying;
    conversation_.emit(std::move(reported));
    restart();
}

}  // namespace thole
