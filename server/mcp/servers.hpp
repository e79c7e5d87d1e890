// The MCP servers of one session: those of the editor, of the user's configuration and of the
// workspace, each a process or connection of its own, started when the first model request wants to
// know what they offer. A server that is slow or broken costs that request a stated time, and the
// later ones none. Owned by a session; loop thread.
#pragma once
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "async/scope.hpp"
#include "mcp/content.hpp"
#include "mcp/server.hpp"

namespace thole::mcp {

// Tools of all servers that a model is offered. OpenAI takes 128, with ours.
inline constexpr std::size_t most_offered = 100;

// A tool as it stands beside ours.
struct Offer {
    std::string full_name;  // mcp__server__tool
    std::size_t server = 0;
    std::string server_name;
    Tool tool;
    bool only_reads = false;  // said by a server that is trusted
};

struct CallRequest {
    std::size_t server = 0;
    Tool tool;
    JsonValue arguments;
    std::string call_id;
    std::function<void(const std::string&)> on_progress;  // a line, not too often
};

struct CallResult {
    bool has_failed = false;
    Content content;
};

// For people.
struct Standing {
    std::string name, typed, source, target;  // typed_name(), ServerConfig::shown()
    std::string state;                        // idle starting ready down
    std::string fault, protocol;
    std::size_t tools = 0;
    std::vector<Prompt> prompts;
};

class Servers {
public:
    struct Parts {
        Server::Parts server;
        std::vector<ServerConfig> configs;       // no two of a name
        std::chrono::milliseconds wait{10'000};  // for a server's start, before a model request
    };
    explicit Servers(Parts parts);
    ~Servers();

    bool is_empty() const { return servers_.empty(); }
    // Those that the workspace names, as it does now: others of it are ended, new ones join. A name
    // that somebody else's server has stays theirs. Only while no call runs. True: some have ended.
    bool replace_workspaces(const std::vector<ServerConfig>& configs);
    // Starts what does not run, and waits for it for as long as is bearable: once for each start.
    async::Task<void> ready();
    // Grows when offers() has changed.
    std::uint64_t edition() const;
    // In the order of the configuration and, in it, of the server; at most most_offered.
    std::vector<Offer> offers() const;
    std::vector<Standing> standings() const;

    // A stop takes the call back. What goes wrong is the result.
    async::Task<CallResult> call(CallRequest request);

    // "server:prompt" → its place; nothing when no server has it as far as is known.
    bool has_prompt(const std::string& name) const;
    // "server:prompt words" as content blocks. Errors: not_found, invalid_argument, unavailable.
    async::Task<Result<JsonValue>> prompt(std::string typed);

    bool has_resources() const;
    std::vector<std::string> with_resources() const;
    bool knows(const std::string& server) const { return find(server) != nullptr; }
    bool is_trusted(const std::string& server) const;
    async::Task<Result<Content>> read_resource(std::string server, std::string uri);
    // Its resources and templates of resources, one a line.
    async::Task<Result<std::string>> list_resources(std::string server);

    // Those that were given up are tried again.
    void forgive();
    async::Task<void> close();

private:
    Server* find(std::string_view name) const;
    async::Task<Result<Reply>> ask(Server& server, Ask asked, std::string call_id);
    struct Listing {
        std::string method, key, uri;  // where in the answer, and which member of each
    };
    async::Task<Result<std::string>> listed(Server& server, Listing listing);
    async::Task<void> close_one(Server& server);
    void tell_late();
    void tell_excess();
    static Result<JsonValue> good_result(const Server& server, const Result<Reply>& reply);
    static CallResult result_of(const Server& server, const Reply& reply);

    Parts parts_;
    std::vector<std::unique_ptr<Server>> servers_;
    std::vector<const Server*> told_;  // that they are late
    std::size_t told_excess_ = 0;      // of how many tools people have been told
    bool is_closed_ = false;
    async::Scope withdrawn_;  // end
};

}  // namespace thole::mcp
