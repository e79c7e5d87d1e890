#include "cli/doctor_servers.hpp"

#include <unistd.h>

#include "session/mcp_config.hpp"

namespace thole::cli {
namespace {

// Nobody is there to answer; what a server tells shows in its standing.
class EmptyHouse final : public mcp::Host {
public:
    explicit EmptyHouse(std::string cwd) : cwd_(std::move(cwd)) {}
    std::vector<std::string> roots() const override { return {cwd_}; }
    bool asks() const override { return false; }
    async::Task<Result<JsonValue>> ask(QuestionRequested) override {
        co_return fail(Code::denied, "nobody can be asked");
    }
    void tell(const std::string&) override {}
    void servers_changed() override {}

private:
    std::string cwd_;
};

std::vector<std::string> environment() {
    std::vector<std::string> all;
    for (char** one = environ; *one; ++one) all.emplace_back(*one);
    return all;
}

}  // namespace

async::Task<SeenServers> try_servers(Parts& parts) {
    FoundServers found = servers_of_workspace(workspace_of(parts.cwd), Trust(parts.state_directory),
                                              environment_variable);
    const McpConfig& config = parts.config().mcp;
    EmptyHouse house(parts.cwd);
    mcp::Server::Parts each{parts.loop, parts.http,    house,
                            parts.cwd,  environment(), std::make_shared<mcp::Eras>()};
    mcp::Servers servers(
        {each, joined_servers({config.servers, found.servers}), config.startup_wait});
    co_await servers.ready();
    SeenServers seen{servers.standings(), std::move(found.waiting), std::move(found.complaints)};
    co_await servers.close();
    co_return std::move(seen);
}

}  // namespace thole::cli
