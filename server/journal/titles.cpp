#include "journal/titles.hpp"

#include <algorithm>

#include "base/json.hpp"
#include "base/text.hpp"

namespace thole {

namespace {

constexpr std::size_t title_characters = 80;

std::string clip_characters(std::string_view text, std::size_t most) {
    std::size_t at = 0;
    for (std::size_t count = 0; count < most && at < text.size(); ++count) {
        at += std::max<std::size_t>(utf8_sequence_length(text.substr(at)), 1);
    }
    return std::string(text.substr(0, at));
}

// The first line that holds anything.
std::string first_line(std::string_view prompt) {
    const std::string_view text = trim(prompt);
    return clip_characters(trim(text.substr(0, text.find('\n'))), title_characters);
}

std::string prompt_text(const MessageReceived& prompt) {
    if (!prompt.content.empty() || !prompt.blocks->is_array()) return prompt.content;
    for (const Json& block : *prompt.blocks) {
        std::string text = text_member(block, "text");
        if (!text.empty()) return text;
    }
    return "";
}

}  // namespace

std::string title_of(const MessageReceived& prompt) {
    return first_line(prompt_text(prompt));
}

}  // namespace thole
