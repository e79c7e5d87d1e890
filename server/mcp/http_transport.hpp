// A server that is reached by streamable HTTP, of both eras: each message is a POST, whose answer
// is JSON or a stream of events; a server of the older era may have a session and a stream of its
// own (GET). Streams that break off are resumed where they ended. Owned by a Peer; loop thread.
#pragma once
#include <map>
#include <string>

#include "async/channel.hpp"
#include "async/scope.hpp"
#include "http/http.hpp"
#include "mcp/server_config.hpp"
#include "mcp/transport.hpp"

namespace thole::mcp {

class HttpTransport final : public Transport {
public:
    HttpTransport(async::Loop& loop, http::Http& http, const ServerConfig& server,
                  TransportSink& sink);

    void send(Outgoing message) override;
    void drop(std::int64_t id) override;
    void agree(const std::string& version, bool listens) override;
    async::Task<void> close() override;

private:
    struct Stream;
    struct Incoming {
        rpc::Incoming message;
        std::int64_t failed = -1;  // else: this request has
        Error why{};
        bool is_over = false;
    };

    async::Task<void> post(Outgoing message);
    async::Task<void> exchange(Outgoing message, async::Scope& own);
    async::Task<void> resume(Stream& stream, async::Scope& own);
    async::Task<void> listen();
    async::Task<void> deliver();
    async::Task<void> say_goodbye();
    async::Task<Result<http::Response>> transfer(http::Request request, Stream& stream);
    http::Request request(const std::string& method, const http::Headers& more) const;
    void judge(const Result<http::Response>& response, Stream& stream);
    bool take_refusal(const http::Response& response, std::int64_t id);
    void fail_request(std::int64_t id, Error why);
    void lose(Error why);

    async::Loop& loop_;
    http::Http& http_;
    const ServerConfig& server_;
    TransportSink& sink_;
    std::string session_, version_;
    std::map<std::int64_t, async::Scope*> open_;
    async::Channel<Incoming> inbox_;
    async::Scope work_;
    bool is_over_ = false;
};

}  // namespace thole::mcp
