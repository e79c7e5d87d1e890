// One MCP server as an editor, the user's configuration or a workspace names it, and what a program
// of it gets to see of our environment. Values; pure.
#pragma once
#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json_fwd.hpp"
#include "base/result.hpp"

namespace thole::mcp {

using Pairs = std::vector<std::pair<std::string, std::string>>;

struct ServerConfig {
    std::string name{};
    std::string command{};  // a program that speaks on its standard input and output
    std::vector<std::string> args{};
    Pairs env{};
    std::string url{};  // or one that speaks streamable HTTP there
    Pairs headers{};
    std::string source{};        // "the editor", or the file that names it
    bool is_trusted = false;     // what it says of itself is believed: that a tool only reads
    bool is_workspaces = false;  // named by a file of the workspace
    std::chrono::seconds patience{60};  // with a call that shows no progress
    // Patterns of the tools that are used, by the server's own names ("get_*"); none: all.
    std::vector<std::string> tools{};
    bool operator==(const ServerConfig&) const = default;

    bool is_http() const { return !url.empty(); }
    bool uses(std::string_view tool) const;
    // For people: "npx -y some-server", "https://example.com/mcp"; no environment, no headers, and
    // of the URL neither password nor query.
    std::string shown() const;
    // Values that it was given and that nobody else should read: what stands in headers, variables,
    // arguments and parameters of the URL whose names say so, and passwords in URLs.
    std::vector<std::string> secrets() const;
};

// Beside the command line, as ACP and .mcp.json have it: {command, args, env} or {type: "http",
// url, headers}; env and headers as objects or as lists of {name, value}. Errors: invalid_argument,
// "mcpServers[x].url: …".
Result<ServerConfig> read_server(const Json& json, const std::string& name);

// Whether a variable's or header's name says that its value is a secret.
bool is_secret_name(std::string_view name);

// What a program gets of `ours` (KEY=VALUE): paths, locale, terminal, proxies and certificates, but
// no keys; and then what was given for it.
std::vector<std::string> program_environment(const std::vector<std::string>& ours,
                                             const Pairs& given);

}  // namespace thole::mcp
