// What the HTTP providers ask of a conversation before they write it in their own words.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/provider.hpp"

namespace thole::model {

// The first message of the tool round that the next reply continues: everything after the user's
// last message without tool results.
std::size_t tool_round_start(const std::vector<Message>& messages);

// The blocks of a message with the results of calls before anything that the user says beside them,
// as Claude's APIs demand. The pointers live as long as the message.
std::vector<const Block*> results_first(const Message& message);

// Nothing but white space, or nothing: APIs refuse such texts.
bool is_blank(std::string_view text);

// An id that every API takes: letters, digits, "_" and "-", at most 64 of them.
std::string safe_id(std::string id);

// Thought::signature as it is is that of a Claude, the same at Anthropic and Bedrock. Others begin
// with a word and ":" that say whose it is, because a conversation may change its model:
// "field:" and the name of the field in which an OpenAI-compatible server sends unsigned thoughts
// and wants them back; "tags:" when they stood in the text, between tags; "details:" and the JSON
// of OpenRouter's reasoning_details; the others are explained where they are made.
inline constexpr std::string_view field_tag = "field:";
inline constexpr std::string_view text_tag = "tags:";
inline constexpr std::string_view details_tag = "details:";
bool is_claude_thought(const Thought& thought);
// What stands after `tag`; nullopt when the signature is another's.
std::optional<std::string_view> tagged(const Thought& thought, std::string_view tag);

}  // namespace thole::model
