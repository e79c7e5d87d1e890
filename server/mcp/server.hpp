// One MCP server of one session: starts it at first need, greets it in whichever era it speaks,
// keeps what it offers up to date, asks it, answers what it asks, and starts it again, with growing
// pauses, when it has died. Whatever it does, nobody waits for it longer than is said here. Owned
// by Servers; loop thread.
#pragma once
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "async/scope.hpp"
#include "async/signal.hpp"
#include "http/http.hpp"
#include "mcp/catalog.hpp"
#include "mcp/elicitation.hpp"
#include "mcp/host.hpp"
#include "mcp/peer.hpp"
#include "mcp/server_config.hpp"

namespace thole::mcp {

// legacy: revisions to 2025-11-25, with a handshake; modern: 2026-07-28, without.
enum class Era { unknown, legacy, modern };

// Which era each configured server spoke the last time: asking costs time. Shared by the sessions
// of the process.
using Eras = std::map<std::string, Era>;

enum class Status { idle, starting, ready, down };

class Server final : private PeerOwner {
public:
    struct Parts {
        async::Loop& loop;
        http::Http& http;
        Host& host;
        std::string cwd;                       // of a program
        std::vector<std::string> environment;  // of thole
        std::shared_ptr<Eras> eras;
        // A line that a server wrote for its own people: on standard error, or as a message of its
        // log. Null: nobody reads it.
        std::function<void(const std::string& server, std::string_view line)> log{};
    };
    Server(ServerConfig config, const Parts& parts);
    ~Server() override;

    const ServerConfig& config() const { return config_; }
    Status status() const { return status_; }
    const std::string& fault() const { return fault_; }  // of one that is down
    std::string version() const { return version_; }     // of the protocol; "" before the handshake
    std::chrono::steady_clock::time_point began() const { return began_; }
    const std::vector<Tool>& tools() const { return tools_; }
    const std::vector<Prompt>& prompts() const { return prompts_; }
    bool has_resources() const { return has_resources_; }
    bool has_failed() const { return has_failed_; }     // since it was last ready
    std::uint64_t edition() const { return edition_; }  // grows when what it offers changes

    // Starts it in the background, unless it runs, or died so short a time ago that it must wait.
    void begin();
    // Forgets how often it has died: it may begin at once.
    void forgive();
    // Until it no longer starts, or a stop.
    async::Task<void> settled();
    // Whether it has told of changes that are not read yet; of many in a row only the first count.
    bool is_behind() const { return is_behind_; }
    // Until they are, or a stop.
    async::Task<void> up_to_date();
    // Until it is ready. Errors: why it is not; cancelled.
    async::Task<Result<void>> ensure();

    // A request in the server's own era; questions that it asks meanwhile are about `call_id`.
    async::Task<Reply> ask(Ask ask, std::string call_id);

    // From now on it offers nothing and is not started any more; close() must follow.
    void withdraw();
    bool is_withdrawn() const { return is_withdrawn_; }
    // Ends it. Nothing is started any more.
    async::Task<void> close();

private:
    async::Task<rpc::Answer> answer(std::string method, std::shared_ptr<Json> params) override;
    void heard(const std::string& method, const Json& params) override;
    void lost(Error why) override;

    async::Task<void> start();
    async::Task<void> attempt(Result<void>& outcome);
    Result<void> open();
    async::Task<void> retire();
    async::Task<Result<void>> greet();
    async::Task<Result<bool>> greet_modern();
    async::Task<Reply> discover();
    async::Task<Reply> initialize();
    Result<void> agree(const Reply& reply);
    void know(const Json& capabilities);
    async::Task<Result<void>> read_catalog();
    async::Task<Result<std::vector<Json>>> list(std::string method, std::string key);
    async::Task<void> listen();
    async::Task<void> read_again();
    void note_failure(const Error& why);
    async::Task<Reply> send(Ask ask);
    void hide_in(Ask& ask) const;
    Reply hidden(Reply reply) const;
    void write_log(std::string_view line);
    async::Task<Result<void>> respond_all(const Json& requests, Json& responses);
    async::Task<Result<JsonValue>> respond(std::string method, std::shared_ptr<Json> params);
    async::Task<Result<JsonValue>> elicit(std::shared_ptr<Json> params);
    async::Task<Result<JsonValue>> ask_field(const std::string& message, const FormField& field);
    Json capabilities() const;
    Json roots() const;
    std::string era_key() const;

    ServerConfig config_;
    Parts parts_;
    std::vector<std::string> secrets_;
    std::shared_ptr<Peer> peer_;
    Status status_ = Status::idle;
    Era era_ = Era::unknown;
    std::string fault_, version_;
    std::chrono::steady_clock::time_point began_{}, not_before_{};
    int failures_ = 0;  // since the last good answer
    std::vector<Tool> tools_;
    std::vector<Prompt> prompts_;
    bool has_tools_ = false, has_prompts_ = false, has_resources_ = false;
    bool has_failed_ = false;
    bool is_closing_ = false, is_withdrawn_ = false;
    bool is_stale_ = false, is_reading_ = false, is_behind_ = false;
    std::size_t logged_ = 0;  // bytes, of this start
    std::uint64_t edition_ = 0;
    std::vector<std::string> calls_;  // that run
    async::Line changed_;
    async::Scope work_;
};

}  // namespace thole::mcp
