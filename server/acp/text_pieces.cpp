#include "acp/text_pieces.hpp"

#include "base/json_text.hpp"

namespace thole::acp {

void TextPieces::show(std::string_view kind, const std::string& message_id, std::string_view text) {
    static constexpr std::string_view tail = R"("}}}})";
    if (text.empty()) return;
    if (head_.empty() || kind != kind_ || message_id != message_id_) {
        kind_ = kind;
        message_id_ = message_id;
        head_ = R"({"jsonrpc":"2.0","method":"session/update","params":{"sessionId":)";
        head_ += json_string(session_id_) + R"(,"update":{"sessionUpdate":)" + json_string(kind);
        if (!message_id.empty()) head_ += R"(,"messageId":)" + json_string(message_id);
        head_ += R"(,"content":{"type":"text","text":")";
    }
    outbox_.piece(head_, text, tail);
}

std::string update_params(const std::string& session_id, const std::string& update) {
    return R"({"sessionId":)" + json_string(session_id) + R"(,"update":)" + update + "}";
}

}  // namespace thole::acp
