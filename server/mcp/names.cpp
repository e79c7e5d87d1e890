#include "mcp/names.hpp"

#include <algorithm>
#include <cctype>

#include "base/sha256.hpp"

namespace thole::mcp {
namespace {

constexpr std::size_t longest_server = 24;
constexpr std::size_t hash_length = 6;

bool is_safe(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-';
}

}  // namespace

std::string safe_name(std::string_view name, std::size_t longest) {
    std::string safe(name.substr(0, longest));
    std::replace_if(
        safe.begin(), safe.end(), [](char c) { return !is_safe(c); }, '_');
    return safe.empty() ? "_" : safe;
}

std::string tool_name(std::string_view server, std::string_view tool,
                      std::set<std::string>& taken) {
    std::string head = "mcp__" + safe_name(server, longest_server) + "__";
    std::string name = head + safe_name(tool, tool.size());
    std::string original = std::string(server) + "\n" + std::string(tool);
    for (int round = 0; name.size() > longest_name || taken.contains(name); ++round) {
        std::string hash = sha256_hex(original + std::to_string(round)).substr(0, hash_length);
        std::size_t room = longest_name - head.size() - hash_length - 1;
        name = head + safe_name(tool, room) + "_" + hash;
    }
    taken.insert(name);
    return name;
}

}  // namespace thole::mcp
