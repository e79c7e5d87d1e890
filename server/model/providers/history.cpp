#include "model/providers/history.hpp"

#include <algorithm>

namespace thole::model {

std::size_t tool_round_start(const std::vector<Message>& messages) {
    auto is_prompt = [](const Message& message) {
        bool has_results = std::any_of(
            message.blocks.begin(), message.blocks.end(),
            [](const Block& block) { return std::holds_alternative<ToolResult>(block); });
        return message.role == Message::Role::user && !has_results;
    };
    for (std::size_t i = messages.size(); i > 0; --i) {
        if (is_prompt(messages[i - 1])) return i;
    }
    return 0;
}

bool is_blank(std::string_view text) {
    return text.find_first_not_of(" \t\r\n\v\f") == std::string_view::npos;
}

bool is_unsigned_thought(const Thought& thought) {
    return thought.signature.starts_with(unsigned_prefix);
}

}  // namespace thole::model
