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

std::string hash_of(const std::string& text) {
    return sha256_hex(text).substr(0, hash_length);
}

}  // namespace

std::string safe_name(std::string_view name, std::size_t longest) {
    std::string safe(name.substr(0, longest));
    std::replace_if(
        safe.begin(), safe.end(), [](char c) { return !is_safe(c); }, '_');
    return safe.empty() ? "_" : safe;
}

std::string typed_name(const std::string& server) {
    bool is_plain = !server.empty() && server.find_first_of(" \t\r\n:/@") == std::string::npos;
    return is_plain ? server : safe_name(server, server.size());
}

std::string server_part(std::string_view name, std::set<std::string>& taken) {
    std::string part;
    for (char c : safe_name(name, name.size())) {
        bool is_second = c == '_' && (part.empty() || part.back() == '_');
        if (!is_second && part.size() < longest_server) part += c;
    }
    if (part.ends_with('_')) part.pop_back();
    if (part.empty()) part = "server";
    std::string whole = part;
    for (int round = 0; !taken.insert(whole).second; ++round) {
        std::string head = part.substr(0, longest_server - hash_length - 1);
        if (head.ends_with('_')) head.pop_back();
        whole = head + "_" + hash_of(std::string(name) + std::to_string(round));
    }
    return whole;
}

std::string tool_name(std::string_view server_part, std::string_view tool,
                      std::set<std::string>& taken) {
    std::string head = "mcp__" + std::string(server_part) + "__";
    std::string name = head + safe_name(tool, tool.size());
    std::string original = std::string(server_part) + "\n" + std::string(tool);
    for (int round = 0; name.size() > longest_name || taken.contains(name); ++round) {
        std::size_t room = longest_name - head.size() - hash_length - 1;
        name = head + safe_name(tool, room) + "_" + hash_of(original + std::to_string(round));
    }
    taken.insert(name);
    return name;
}

}  // namespace thole::mcp
