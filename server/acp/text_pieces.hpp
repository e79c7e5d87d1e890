// The short way for streamed text: from the journal's piece to the wire without a JSON tree. Owned
// by the view of one session; loop thread.
#pragma once
#include <string>
#include <string_view>

#include "rpc/outbox.hpp"

namespace thole::acp {

class TextPieces {
public:
    TextPieces(rpc::Outbox& outbox, std::string session_id)
        : outbox_(outbox), session_id_(std::move(session_id)) {}

    // A session/update of `kind` (agent_message_chunk, agent_thought_chunk) with `text`. Pieces of
    // the same message are joined while they wait.
    void show(std::string_view kind, const std::string& message_id, std::string_view text);

private:
    rpc::Outbox& outbox_;
    std::string session_id_;
    std::string kind_, message_id_;
    std::string head_;  // of the line, for this kind and message
};

// The params of a session/update, as JSON text.
std::string update_params(const std::string& session_id, const std::string& update);

}  // namespace thole::acp
