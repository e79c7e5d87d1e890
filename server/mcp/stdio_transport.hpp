// A server that is a program of ours: started below a supervisor as every program of thole is, so
// that nothing of it outlives the session or thole. What it says on standard error goes to a log,
// and the last of it is kept for the moment in which it dies. Owned by a Peer; loop thread.
#pragma once
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "async/poll.hpp"
#include "async/process.hpp"
#include "async/scope.hpp"
#include "async/signal.hpp"
#include "mcp/line_splitter.hpp"
#include "mcp/server_config.hpp"
#include "mcp/transport.hpp"

namespace thole::mcp {

class StdioTransport final : public Transport {
public:
    struct Place {
        std::string cwd;
        std::vector<std::string> environment;       // whole
        std::function<void(std::string_view)> log;  // gets its lines on standard error
    };
    // Errors: of async::Process::spawn.
    static Result<std::unique_ptr<StdioTransport>> start(async::Loop& loop,
                                                         const ServerConfig& server, Place place,
                                                         TransportSink& sink);

    void send(Outgoing message) override;
    // Closes its input, waits, SIGTERM, SIGKILL.
    async::Task<void> close() override;

private:
    StdioTransport(async::Loop& loop, TransportSink& sink);
    void take(async::Stream stream, std::string_view text);
    void take_words(std::string_view text);
    void hang_up(const char* why);
    async::Task<void> watch();
    Error ending(const async::Exit& exit) const;

    async::Loop& loop_;
    TransportSink& sink_;
    LineSplitter lines_, words_;
    std::function<void(std::string_view)> log_;
    std::string last_words_;
    std::string broken_;  // why it was ended by us
    std::unique_ptr<async::Process> process_;
    async::Timer silence_;  // since the end of its output
    async::Scope work_;
    bool is_closing_ = false;
};

}  // namespace thole::mcp
