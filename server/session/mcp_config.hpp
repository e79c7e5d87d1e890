// Which MCP servers there are: [mcp] of the user's configuration, and what a workspace brings
// (.thole/config.toml, .mcp.json), which counts only when the user trusts it (trust.hpp). Blocking,
// small files.
#pragma once
#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "mcp/server_config.hpp"
#include "session/toml_reader.hpp"
#include "session/trust.hpp"

namespace thole {

// [mcp]
struct McpConfig {
    std::vector<mcp::ServerConfig> servers;
    std::chrono::seconds startup_wait{10};  // of a model request for servers that start
};

// Gives the value of an environment variable, "" when unset.
using Variables = std::function<std::string(const char*)>;

// The table [mcp] below `root`. `source` is the file; ${NAME} in values means a variable.
void read_mcp(TomlReader& root, const std::string& source, const Variables& variables,
              McpConfig& config);

// The names of the servers that a file of a workspace would bring, whatever else it says; at most
// ten.
std::vector<std::string> servers_named_in(const TrustedFile& file);

struct FoundServers {
    std::vector<mcp::ServerConfig> servers;
    std::vector<std::string> waiting;     // names of those that nobody has trusted
    std::vector<std::string> complaints;  // sentences about files that do not count
};
// Those of the workspace that are trusted; extensions.hpp tells of those that wait for it.
FoundServers servers_of_workspace(const std::string& workspace, const Trust& trust,
                                  const Variables& variables);

// All of them in this order, the first of each name.
std::vector<mcp::ServerConfig> joined_servers(std::vector<std::vector<mcp::ServerConfig>> parts);

}  // namespace thole
