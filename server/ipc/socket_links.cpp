#include "ipc/socket_links.hpp"

#include "ipc/socket_door.hpp"
#include "ipc/socket_link.hpp"

namespace thole::ipc {

SocketLinks::SocketLinks(async::Loop& loop, SocketPlace place, Limits limits)
    : loop_(loop), place_(std::move(place)), limits_(limits) {}

Result<std::unique_ptr<Door>> SocketLinks::open_door(const std::string& session_id) {
    Result<std::string> path = socket_path(place_, session_id);
    if (!path) return path.error();
    Result<async::Descriptor> listening = async::listen_unix(*path);
    if (!listening && listening.error().code == Code::exists) {
        Result<void> removed = remove_stale_socket(*path, place_.user);
        if (!removed) return removed.error();
        listening = async::listen_unix(*path);
    }
    if (!listening) return listening.error();
    return std::unique_ptr<Door>(std::make_unique<SocketDoor>(
        loop_, std::move(*listening), std::move(*path), place_.user, limits_));
}

async::Task<Result<std::unique_ptr<Link>>> SocketLinks::attach(SessionFiles files,
                                                               std::string socket_path,
                                                               std::uint64_t after_id,
                                                               LinkSink& sink) {
    Caller caller(loop_, std::move(files), std::move(socket_path), place_.user, limits_);
    Result<std::unique_ptr<Wire>> wire = co_await caller.call(after_id);
    if (!wire) co_return wire.error();
    auto link = std::make_unique<SocketLink>(loop_, std::move(caller), sink, after_id);
    link->start(std::move(*wire));
    co_return std::unique_ptr<Link>(std::move(link));
}

}  // namespace thole::ipc
