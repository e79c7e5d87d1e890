#include "ipc/socket_door.hpp"

#include <sys/stat.h>
#include <unistd.h>

namespace thole::ipc {

namespace {

constexpr int guests_at_once = 16;
constexpr std::chrono::milliseconds no_descriptor_pause{1000};

std::uint64_t inode_of(const std::string& path) {
    struct stat status {};
    return ::lstat(path.c_str(), &status) == 0 ? status.st_ino : 0;
}

}  // namespace

SocketDoor::SocketDoor(async::Loop& loop, async::Descriptor listening, std::string path, uid_t user,
                       const Limits& limits)
    : loop_(loop),
      listening_(std::move(listening)),
      path_(std::move(path)),
      inode_(inode_of(path_)),
      user_(user),
      limits_(limits),
      again_(loop, [this] { poller_->watch(async::Poller::readable); }) {}

SocketDoor::~SocketDoor() {
    remove();
}

void SocketDoor::admit(Session& session) {
    session_ = &session;
    poller_ = async::Poller::open(loop_, listening_.fd(), [this](unsigned) { on_waiting(); });
    if (poller_) poller_->watch(async::Poller::readable);
}

void SocketDoor::on_waiting() {
    for (int i = 0; i < guests_at_once; ++i) {
        Result<async::Descriptor> peer = async::accept_unix(listening_);
        if (!peer) {
            // Who waits would wake us again at once.
            poller_->watch(0);
            again_.start(no_descriptor_pause);
            return;
        }
        if (!peer->is_open()) return;
        let_in(std::move(*peer));
    }
}

void SocketDoor::let_in(async::Descriptor peer) {
    std::string refusal = refusal_of(peer);
    if (refusal.empty()) return serving_.spawn(serve(std::move(peer)));
    async::FdWriter writer(loop_, peer.fd());
    writer.write(std::move(refusal));
}

// A line for somebody who may not come in.
std::string SocketDoor::refusal_of(const async::Descriptor& peer) const {
    Result<uid_t> user = async::peer_user(peer);
    if (!user) return disconnected_line({"denied", user.error().message, 0});
    if (*user != user_) {
        return disconnected_line({"denied",
                                  "this session belongs to user " + std::to_string(user_) +
                                      "; you are user " + std::to_string(*user),
                                  0});
    }
    if (connections_.size() < limits_.connections) return {};
    return disconnected_line({"limit", "this session has too many connections; close some", 0});
}

async::Task<void> SocketDoor::serve(async::Descriptor peer) {
    Connection connection(loop_, *session_, std::move(peer), limits_);
    connections_.push_back(&connection);
    co_await connection.run();
    std::erase(connections_, &connection);
}

async::Task<void> SocketDoor::close() {
    poller_.reset();
    again_.stop();
    remove();
    async::Timer patience(loop_, [this] { serving_.request_stop(); });
    if (!connections_.empty()) patience.start(limits_.farewell);
    const std::vector<Connection*> all = connections_;
    for (Connection* connection : all) connection->finish();
    co_await serving_.join();
}

void SocketDoor::remove() {
    if (!listening_.is_open()) return;
    if (inode_of(path_) == inode_) ::unlink(path_.c_str());
    listening_.reset();
}

}  // namespace thole::ipc
