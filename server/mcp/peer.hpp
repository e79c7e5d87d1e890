// JSON-RPC with one server, over whatever transport: requests of ours with their progress and
// patience, requests of the server, notifications. Everything that comes is checked for size and
// shape; answers that nobody waits for are dropped. Owned by a Server; loop thread. Knows no era.
#pragma once
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "async/loop.hpp"
#include "async/scope.hpp"
#include "journal/event.hpp"
#include "mcp/transport.hpp"
#include "rpc/error.hpp"

namespace thole::mcp {

// What became of a request.
struct Reply {
    JsonValue result{};  // an object, when it is good
    Error error{};       // message "": good
    int code = 0;        // of the server's own error; 0: it gave none
    JsonValue data{};    // likewise
    bool is_good() const { return error.message.empty(); }
};

struct Ask {
    std::string method;
    JsonValue params;  // an object
    http::Headers headers{};
    std::chrono::milliseconds idle{60'000};  // without an answer or progress
    std::chrono::milliseconds total{1'800'000};
    std::function<void(const Json& params)> on_progress{};  // unless it is none
    bool is_handshake = false;                              // must not be taken back
};

class PeerOwner {
public:
    virtual ~PeerOwner() = default;
    // A request of the server. May take long; a stop ends it.
    virtual async::Task<rpc::Answer> answer(std::string method, std::shared_ptr<Json> params) = 0;
    virtual void heard(const std::string& method, const Json& params) = 0;
    virtual void lost(Error why) = 0;
};

class Peer final : public TransportSink {
public:
    Peer(async::Loop& loop, PeerOwner& owner) : loop_(loop), owner_(owner) {}

    // Once, before anything is asked. `closes_to_cancel`: dropping a request tells the server.
    void connect(std::unique_ptr<Transport> transport) { transport_ = std::move(transport); }
    void closes_to_cancel(bool closes) { closes_to_cancel_ = closes; }
    Transport& transport() { return *transport_; }
    bool is_lost() const { return is_lost_; }

    // A stop takes it back.
    async::Task<Reply> request(Ask ask);
    void notify(const std::string& method, const Json& params, const http::Headers& headers);

    // While somebody is asked for the server, its other work may take as long.
    void begin_question() { ++questions_; }
    void end_question() { --questions_; }

    async::Task<void> close();

private:
    struct Pending;
    void on_message(rpc::Incoming message) override;
    void on_failed(std::int64_t id, Error why) override;
    void on_closed(Error why) override;
    void take_request(rpc::Incoming message);
    void take_progress(const Json& params);
    void take_response(rpc::Incoming message);
    void look_at_clock(std::int64_t id);
    void withdraw(std::int64_t id, const Ask& ask, const std::string& why);
    async::Task<void> serve(std::string id, std::string method, std::shared_ptr<Json> params);
    void fail_all(const Error& why);

    async::Loop& loop_;
    PeerOwner& owner_;
    std::unique_ptr<Transport> transport_;
    std::map<std::int64_t, std::shared_ptr<Pending>> pending_;
    std::int64_t last_id_ = 0;
    std::size_t serving_ = 0;
    int questions_ = 0;
    bool closes_to_cancel_ = false;
    bool is_lost_ = false;
    async::Scope work_;
};

}  // namespace thole::mcp
