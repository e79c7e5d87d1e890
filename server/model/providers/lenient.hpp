// Reading of other people's JSON without copies and without failing. Shared by the HTTP providers.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "base/json_fwd.hpp"

namespace thole::model {

// The member's text, as long as `object` lives; an empty one when it is absent or no string.
const std::string& text_of(const Json& object, std::string_view key);

// Sets `count` when the member is a number and not negative; at most 10^12.
void set_count(std::int64_t& count, const Json& usage, std::string_view key);

int int_of(const Json& object, std::string_view key, int otherwise);

}  // namespace thole::model
