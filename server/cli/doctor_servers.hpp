// Starts the MCP servers that a session here would have, looks at what they say, and ends them.
#pragma once
#include <string>
#include <vector>

#include "cli/command.hpp"
#include "mcp/servers.hpp"

namespace thole::cli {

struct SeenServers {
    std::vector<mcp::Standing> standings;
    std::vector<std::string> waiting;     // names of the workspace's that nobody has trusted
    std::vector<std::string> complaints;  // about those that are not started
};

async::Task<SeenServers> try_servers(Parts& parts);

}  // namespace thole::cli
