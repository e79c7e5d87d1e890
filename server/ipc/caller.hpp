// Getting in touch with the process that runs a session: connects to its socket, makes sure whose
// it is, subscribes, and waits for the answer, never longer than the limit. Loop thread. Used once
// for attaching and again for coming back.
#pragma once
#include <memory>
#include <string>

#include "async/stream.hpp"
#include "async/unix_socket.hpp"
#include "ipc/limits.hpp"
#include "journal/journal.hpp"

namespace thole::ipc {

// An open connection, subscribed.
struct Wire {
    Wire(async::Loop& loop, async::Descriptor connected);

    async::Descriptor socket;
    async::LineReader reader;
    async::FdWriter writer;
};

class Caller {
public:
    Caller(async::Loop& loop, SessionFiles files, std::string path, uid_t user,
           const Limits& limits);

    // Errors: unavailable, denied, too_large, timed_out, cancelled, corrupt (it is no socket of
    // this session); what the other process says.
    async::Task<Result<std::unique_ptr<Wire>>> call(std::uint64_t after_id);

    const SessionFiles& files() const { return files_; }
    const Limits& limits() const { return limits_; }

private:
    using Answer = Result<std::unique_ptr<Wire>>;
    async::Task<void> try_call(std::uint64_t after_id, Answer& answer);
    async::Task<Result<async::Descriptor>> connect();
    async::Task<Result<void>> subscribe(Wire& wire, std::uint64_t after_id);
    Error failure(Code code, const std::string& why) const;

    async::Loop* loop_;
    SessionFiles files_;
    std::string path_;
    uid_t user_;
    Limits limits_;
};

}  // namespace thole::ipc
