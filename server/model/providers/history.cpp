#include "model/providers/history.hpp"

#include <algorithm>
#include <cctype>

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

std::vector<const Block*> results_first(const Message& message) {
    std::vector<const Block*> blocks;
    for (const Block& block : message.blocks) blocks.push_back(&block);
    std::stable_partition(blocks.begin(), blocks.end(), [](const Block* block) {
        return std::holds_alternative<ToolResult>(*block);
    });
    return blocks;
}

bool is_blank(std::string_view text) {
    return text.find_first_not_of(" \t\r\n\v\f") == std::string_view::npos;
}

std::string safe_id(std::string id) {
    constexpr std::size_t longest = 64;
    for (char& c : id) {
        bool is_safe = std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-';
        if (!is_safe) c = '_';
    }
    return id.size() > longest ? id.substr(id.size() - longest) : id;
}

// Base64 has no colon.
bool is_claude_thought(const Thought& thought) {
    return !thought.signature.empty() && thought.signature.find(':') == std::string::npos;
}

std::optional<std::string_view> tagged(const Thought& thought, std::string_view tag) {
    std::string_view signature = thought.signature;
    if (!signature.starts_with(tag)) return std::nullopt;
    return signature.substr(tag.size());
}

}  // namespace thole::model
