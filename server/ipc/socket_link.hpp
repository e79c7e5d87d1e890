// Link over a Unix socket. One task reads the connection and calls the sink; when we were cut off
// as too slow it comes back by itself from the last id, so that the sink sees each event once.
// Owned by whoever attached; loop thread.
#pragma once
#include <map>
#include <memory>
#include <string>

#include "async/scope.hpp"
#include "ipc/caller.hpp"
#include "ipc/messages.hpp"
#include "ipc/text_flow.hpp"
#include "session/links.hpp"

namespace thole::ipc {

class SocketLink final : public Link {
public:
    SocketLink(async::Loop& loop, Caller caller, LinkSink& sink, std::uint64_t after_id);

    void start(std::unique_ptr<Wire> wire);

    void send(const Command& command) override;
    // May begin inside a call of the sink.
    async::Task<void> close() override;

private:
    async::Task<void> run();
    async::Task<void> read_until_end();
    async::Task<bool> come_back();
    async::Task<void> flush();
    void take(const std::string& line);
    void take(const Nack& nack);
    void take(const Delta& delta);
    void take_event(const std::string& line);
    void take(const Disconnected& goodbye);
    void end(Error why);
    void refuse_unanswered();

    async::Loop& loop_;
    Caller caller_;
    LinkSink& sink_;
    std::uint64_t last_id_;
    TextFlow text_;
    std::unique_ptr<Wire> wire_;
    std::map<std::uint64_t, Command> unanswered_;  // by request id
    std::uint64_t request_id_ = 0;
    bool is_closed_ = false;  // the sink is not called any more
    bool has_ended_ = false;  // nothing more comes over this connection
    bool may_return_ = true;
    bool was_told_ = false;  // why it ended; so all answers to our commands came before
    Error why_;
    int returns_ = 0;  // without an event in between
    async::Scope work_;
};

}  // namespace thole::ipc
