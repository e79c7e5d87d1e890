// The MCP servers of a live session, and what they may ask of it: where it works, its people's
// answers, their attention. What they tell waits for a turn, because editors show nothing between
// turns. Owned by LiveSession; loop thread.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "agent/conversation.hpp"
#include "mcp/servers.hpp"
#include "session/mcp_config.hpp"

namespace thole {

// What a front end adds to the servers of the configuration.
struct GivenServers {
    std::vector<mcp::ServerConfig> servers{};
    bool shows_questions = true;  // its people can be asked what a server wants to know
};

class McpDesk final : private mcp::Host {
public:
    // What a session has.
    struct Terms {
        GivenServers given;
        std::vector<mcp::ServerConfig> servers;      // the user's, and those that were given
        std::function<FoundServers()> of_workspace;  // those that are trusted now; null: none
        std::vector<std::string> environment;        // of thole
        std::shared_ptr<mcp::Eras> eras = std::make_shared<mcp::Eras>();
        std::chrono::seconds wait{10};
        std::function<void(const std::string& server, std::string_view line)> log{};
    };
    struct Parts {
        async::Loop& loop;
        http::Http& http;
        Conversation& conversation;
        std::vector<std::string> roots;
    };
    McpDesk(Parts parts, Terms terms);

    mcp::Servers& servers() { return servers_; }
    const GivenServers& given() const { return given_; }

    // Takes over the workspace's servers as they are trusted now. What is wrong with its files is
    // the result.
    std::vector<std::string> heed_workspace();

    // A turn runs: what has happened is told, and servers that were given up get another chance.
    void begin_turn();

    // Whether the prompt means more than it says: "/server:prompt", or a resource of a server.
    bool means_more(const std::string& text, const JsonValue& blocks) const;
    // What it means, as content blocks. Errors: of Servers::prompt; cancelled.
    async::Task<void> expand(std::string text, JsonValue blocks, Result<JsonValue>& meaning);

    async::Task<void> close() { return servers_.close(); }

private:
    struct Mention {
        std::string server, uri;  // server "": whichever has it
    };
    static mcp::Servers::Parts parts_of(const Parts& parts, Terms terms, mcp::Host& host);
    std::vector<Mention> mentions(const std::string& text, const JsonValue& blocks) const;
    async::Task<Result<mcp::Content>> read(Mention mention);

    std::vector<std::string> roots() const override { return parts_.roots; }
    bool asks() const override;
    async::Task<Result<JsonValue>> ask(QuestionRequested question) override;
    void tell(const std::string& notice) override;
    void servers_changed() override;

    Parts parts_;
    GivenServers given_;
    std::function<FoundServers()> of_workspace_;
    std::vector<std::string> untold_;
    mcp::Servers servers_;
};

}  // namespace thole
