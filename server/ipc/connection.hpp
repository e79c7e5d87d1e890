// One client at the socket of a session: reads its commands in order and answers each, and sends it
// what it watches. Owned by the task of SocketDoor that runs it; loop thread. A client that cannot
// keep up, or goes, is nobody's problem but its own: nothing of the session waits for it.
#pragma once
#include <memory>
#include <optional>
#include <string>

#include "async/poll.hpp"
#include "async/signal.hpp"
#include "async/unix_socket.hpp"
#include "ipc/feed.hpp"
#include "ipc/limits.hpp"
#include "ipc/messages.hpp"
#include "session/session.hpp"

namespace thole::ipc {

class Connection final : private Subscriber {
public:
    Connection(async::Loop& loop, Session& session, async::Descriptor peer, const Limits& limits);
    ~Connection() override;

    // Until the client is gone, or was cut off, or finish() and everything was sent. A stop ends it
    // at once.
    async::Task<void> run();

    // Takes no more commands, lets go of the session, sends the rest of the log and ends.
    void finish();

private:
    enum class Phase { open, finishing, leaving };

    void on_event(const Envelope& envelope) override;
    void on_delta(const Event& piece) override;

    async::Task<void> read_commands();
    async::Task<void> take(const std::string& line);
    async::Task<Result<Subscribed>> subscribe(Subscribe wish);
    std::string answer_to(const Request& request);

    async::Task<void> write_lines();
    async::Task<void> say_goodbye();
    async::Task<void> wait_until_drained();
    bool send_piece();
    void write(std::string line);
    std::size_t taken_bytes() const;
    void watch_progress();
    void check_progress();

    void leave(std::string code, std::string reason);
    void release();

    async::Loop& loop_;
    Session& session_;
    Limits limits_;
    async::Descriptor peer_;
    async::LineReader reader_;
    async::FdWriter writer_;
    async::Signal changed_;
    async::Scope reading_;
    async::Scope writing_;
    std::optional<Feed> feed_;
    Phase phase_ = Phase::open;
    Disconnected last_words_;  // no code: none
    bool is_watching_ = false;
    bool is_answerer_ = false;
    std::size_t answered_bytes_ = 0;
    async::Timer stall_;
    bool is_stall_due_ = false;
    std::size_t taken_before_ = 0;
};

}  // namespace thole::ipc
