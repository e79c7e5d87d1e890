// Door with a Unix socket. Connections that come before admit() wait in the kernel's queue; idle it
// costs one descriptor that is polled. Owned by the session; loop thread.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "async/poll.hpp"
#include "async/unix_socket.hpp"
#include "ipc/connection.hpp"
#include "ipc/limits.hpp"
#include "session/links.hpp"

namespace thole::ipc {

class SocketDoor final : public Door {
public:
    // `listening` is the socket at `path`. Only processes of `user` are let in.
    SocketDoor(async::Loop& loop, async::Descriptor listening, std::string path, uid_t user,
               const Limits& limits);
    ~SocketDoor() override;

    const std::string& path() const override { return path_; }
    void admit(Session& session) override;
    async::Task<void> close() override;

private:
    void on_waiting();
    void let_in(async::Descriptor peer);
    std::string refusal_of(const async::Descriptor& peer) const;
    async::Task<void> serve(async::Descriptor peer);
    void remove();

    async::Loop& loop_;
    async::Descriptor listening_;
    std::string path_;
    std::uint64_t inode_ = 0;  // of the socket's file: another's is not removed
    uid_t user_;
    Limits limits_;
    Session* session_ = nullptr;
    std::unique_ptr<async::Poller> poller_;
    async::Timer again_;  // after all descriptors were in use
    std::vector<Connection*> connections_;
    async::Scope serving_;
};

}  // namespace thole::ipc
