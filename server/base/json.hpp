// nlohmann/json for source files. Headers of thole include base/json_fwd.hpp instead, because this
// one costs seconds of compile time. basic_json is instantiated once, in base/json.cpp.
#pragma once
#include <nlohmann/json.hpp>

#include "base/json_fwd.hpp"
#include "base/result.hpp"

namespace nlohmann {
extern template class basic_json<>;
}

namespace thole {

// Parses one JSON text. Errors: corrupt, with the byte position. Never throws.
Result<Json> parse_json(std::string_view text);

// One line, no spaces; bytes that are not UTF-8 become U+FFFD. Never throws.
std::string dump_json(const Json& value);

// The member `key` if `object` is an object that has it, else null. The reference lives as long as
// `object`.
const Json& member(const Json& object, std::string_view key);

// The member as a string, or "" when it is absent or not a string. For lenient reading of
// other people's data; strict reading is base/fields.hpp.
std::string text_member(const Json& object, std::string_view key);

}  // namespace thole
