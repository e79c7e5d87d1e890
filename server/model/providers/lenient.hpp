// Reading of other people's JSON without copies and without failing. Shared by the HTTP providers.
#pragma once
#include <string>
#include <string_view>

#include "base/json.hpp"

namespace thole::model {

// The member's text; an empty one when it is absent or no string.
inline const std::string& text_of(const Json& object, std::string_view key) {
    static const std::string none;
    const Json& value = member(object, key);
    return value.is_string() ? value.get_ref<const std::string&>() : none;
}

// Sets `count` when the member is a number.
inline void set_count(std::int64_t& count, const Json& usage, std::string_view key) {
    const Json& value = member(usage, key);
    if (value.is_number()) count = value.get<std::int64_t>();
}

inline int int_of(const Json& object, std::string_view key, int otherwise) {
    const Json& value = member(object, key);
    return value.is_number_integer() ? value.get<int>() : otherwise;
}

}  // namespace thole::model
