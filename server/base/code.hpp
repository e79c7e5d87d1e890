// The names of error codes, as they stand in events and JSON documents.
#pragma once
#include <optional>
#include <string_view>

#include "base/result.hpp"

namespace thole {

std::string_view code_name(Code code);  // "authentication", …
std::optional<Code> parse_code(std::string_view name);

}  // namespace thole
