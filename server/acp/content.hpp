// Content blocks: those of a prompt, checked, and those that are shown. Pure.
#pragma once
#include <string>
#include <string_view>

#include "base/json_fwd.hpp"
#include "journal/event.hpp"

namespace thole::acp {

struct Prompt {
    std::string text;     // of its text blocks, joined by newlines
    JsonValue blocks;     // all of them, when it is more than one text
    std::string command;  // the first text block, when that begins with "/"; else ""
};

// `blocks` as in session/prompt: text, resource_link, image and resource. Errors: invalid_argument,
// naming the block.
Result<Prompt> read_prompt(const Json& blocks);

Json text_block(std::string_view text);

// {"type":"content","content":block}
Json tool_content(Json block);

// Text of a tool as Markdown that shows it as it is.
std::string fenced(std::string_view text);

// A block fit for a client: one that would make a line too long becomes a remark.
Json shown_block(const Json& block);

}  // namespace thole::acp
