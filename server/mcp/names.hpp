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

// How people type a server's name in "/server:prompt" and "@server:uri": as it is, unless it holds
// what ends a word or a name there.
std::string typed_name(const std::string& server);

// What stands for the server `name` in the names of its tools: one that nobody in `taken` has, and
// that is added there. It holds no "__" and neither begins nor ends with "_", so that a rule about
// mcp__github__* is about no other server.
std::string server_part(std::string_view name, std::set<std::string>& taken);

// A name that nobody in `taken` has, and that is added there. What had to be changed beyond letters
// (too long, or taken) ends in a hash of the original, so that it is the same the next time.
std::string tool_name(std::string_view server_part, std::string_view tool,
                      std::set<std::string>& taken);

}  // namespace thole::mcp
