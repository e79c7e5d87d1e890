// Writing JSON strings straight into text: for dump_json(), and for the two places that are too hot
// for a tree of values, the lines of the log and the updates to an editor. Pure; any bytes.
#pragma once
#include <string>
#include <string_view>

namespace thole {

// Appends `text` as the inside of a JSON string, without quotes. Bytes that are not UTF-8 become
// U+FFFD; false when there were any.
bool append_escaped(std::string& out, std::string_view text);

// The whole JSON string, with quotes.
std::string json_string(std::string_view text);

}  // namespace thole
