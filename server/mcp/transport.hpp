// How messages reach a server and come back: over the pipes of a program (stdio_transport.hpp) or
// by HTTP (http_transport.hpp). Owned by a Peer. Loop thread. Frames and carries; knows JSON-RPC's
// ids but no MCP.
#pragma once
#include <cstdint>
#include <string>

#include "async/task.hpp"
#include "http/http.hpp"
#include "rpc/envelope.hpp"

namespace thole::mcp {

struct Outgoing {
    std::string line;          // one JSON-RPC message
    std::int64_t id = 0;       // of a request; 0: a notification or an answer
    http::Headers headers;     // for HTTP
    bool is_greeting = false;  // what comes after it depends on the whole of its answer
};

// None of these is called from within a call of the transport.
class TransportSink {
public:
    virtual ~TransportSink() = default;
    virtual void on_message(rpc::Incoming message) = 0;
    // The request gets no answer; 0: some request does not, nobody can say which.
    virtual void on_failed(std::int64_t id, Error why) = 0;
    // The server is gone. Once; the last call.
    virtual void on_closed(Error why) = 0;
};

class Transport {
public:
    virtual ~Transport() = default;
    virtual void send(Outgoing message) = 0;
    // Nobody waits for the answer to this request any more.
    virtual void drop(std::int64_t id) { (void)id; }
    // The handshake has settled the protocol's version; `listens`: the server may want to say
    // something by itself.
    virtual void agree(const std::string& version, bool listens) { (void)version, (void)listens; }
    // Ends the server, or lets go of it; must be awaited before the end. At most about a second.
    virtual async::Task<void> close() = 0;
};

}  // namespace thole::mcp
