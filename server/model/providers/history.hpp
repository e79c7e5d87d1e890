// What the HTTP providers ask of a conversation before they write it in their own words.
#pragma once
#include <string_view>
#include <vector>

#include "model/provider.hpp"

namespace thole::model {

// The first message of the tool round that the next reply continues: everything after the user's
// last message without tool results.
std::size_t tool_round_start(const std::vector<Message>& messages);

// Nothing but white space, or nothing: APIs refuse such texts.
bool is_blank(std::string_view text);

// Thoughts of OpenAI-compatible servers carry no signature; Thought::signature then holds this and
// the name of the field in which the server sends them and wants them back.
inline constexpr std::string_view unsigned_prefix = "field:";
bool is_unsigned_thought(const Thought& thought);

}  // namespace thole::model
