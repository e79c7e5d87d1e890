// On what terms a session has its MCP servers: which there are, and what all sessions of the
// process share of them. Owned by Sessions; loop thread.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "session/config.hpp"
#include "session/mcp_desk.hpp"
#include "session/server_log.hpp"
#include "session/trust.hpp"

namespace thole {

class ServerTerms {
public:
    struct Parts {
        const Config& config;
        const Trust& trust;
        const std::vector<std::string>& environment;  // of thole
        std::string log_directory;
        const Clock& clock;
        const Secrets& secrets;
    };
    explicit ServerTerms(Parts parts)
        : parts_(parts), log_(parts.log_directory, parts.clock, parts.secrets) {}

    // What is given comes first, then the user's; a workspace replaces none of theirs. This must
    // outlive the session.
    McpDesk::Terms of(GivenServers given, const std::string& workspace);

private:
    Parts parts_;
    std::shared_ptr<mcp::Eras> eras_ = std::make_shared<mcp::Eras>();
    ServerLog log_;
};

}  // namespace thole
