#include "session/server_terms.hpp"

namespace thole {

McpDesk::Terms ServerTerms::of(GivenServers given, const std::string& workspace) {
    McpDesk::Terms terms;
    terms.servers = joined_servers({given.servers, parts_.config.mcp.servers});
    terms.given = std::move(given);
    terms.of_workspace = [this, workspace] {
        return servers_of_workspace(workspace, parts_.trust, environment_variable);
    };
    terms.environment = parts_.environment;
    terms.eras = eras_;
    terms.wait = parts_.config.mcp.startup_wait;
    terms.log = [this](const std::string& server, std::string_view line) {
        log_.write(server, line);
    };
    return terms;
}

}  // namespace thole
