// Turns the pieces of one model request into streamed events with message ids: one id for the text,
// one for each run of thoughts. A new one is made for every try.
#pragma once
#include <string>

#include "agent/conversation.hpp"
#include "model/provider.hpp"

namespace thole {

class AnswerStream {
public:
    explicit AnswerStream(Conversation& conversation) : conversation_(conversation) { restart(); }

    void take(const model::Piece& piece);
    // Closes the answer.
    void finish(const model::Reply& reply);
    // Closes what a cancelled request left open.
    void break_off();
    // Says that what has come so far does not count, and begins again.
    void discard(Error error, bool retrying);

    const std::string& message_id() const { return message_id_; }

private:
    void restart();
    void end_thought(const model::Piece& piece);
    std::string thought_id() const { return message_id_ + "t" + std::to_string(thoughts_); }

    Conversation& conversation_;
    std::string message_id_;
    int thoughts_ = 0;
    bool is_thinking_ = false;
    bool has_text_ = false;
};

}  // namespace thole
