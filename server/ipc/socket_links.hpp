// Links with Unix sockets: the doors of this process's sessions and the ways to others'. One for
// the process, made by main, outlives what it made. Loop thread. The protocol is in
// docs/protocol.md, "Sockets".
#pragma once
#include <memory>
#include <string>

#include "async/loop.hpp"
#include "ipc/limits.hpp"
#include "ipc/socket_place.hpp"
#include "session/links.hpp"

namespace thole::ipc {

class SocketLinks final : public Links {
public:
    SocketLinks(async::Loop& loop, SocketPlace place, Limits limits = {});

    // Also: busy (another process listens at the socket of this session).
    Result<std::unique_ptr<Door>> open_door(const std::string& session_id) override;
    async::Task<Result<std::unique_ptr<Link>>> attach(SessionFiles files, std::string socket_path,
                                                      std::uint64_t after_id,
                                                      LinkSink& sink) override;

private:
    async::Loop& loop_;
    SocketPlace place_;
    Limits limits_;
};

}  // namespace thole::ipc
