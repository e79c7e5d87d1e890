// The names under which the tools of servers stand beside ours: mcp__server__tool, of the letters
// and the length that every model API takes. Pure.
#pragma once
#include <set>
#include <string>
#include <string_view>

namespace thole::mcp {

inline constexpr std::size_t longest_name = 64;

// [A-Za-z0-9_-] as it is, anything else as "_"; at most `longest` bytes, never empty.
std::string safe_name(std::string_view name, std::size_t longest);

// A name that nobody in `taken` has, and that is added there. What had to be changed beyond letters
// (too long, or taken) ends in a hash of the original, so that it is the same the next time.
std::string tool_name(std::string_view server, std::string_view tool, std::set<std::string>& taken);

}  // namespace thole::mcp
