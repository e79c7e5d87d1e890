#include "async/unix_socket.hpp"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cerrno>
#include <cstring>

namespace thole::async {

namespace {

constexpr int longest_queue = 64;  // of those who wait to be let in

Code code_of(int error_number) {
    switch (error_number) {
        case EADDRINUSE:
            return Code::exists;
        case ENOENT:
        case ECONNREFUSED:
            return Code::unavailable;
        case EAGAIN:
            return Code::busy;
        case EACCES:
        case EPERM:
        case EROFS:
            return Code::denied;
        default:
            return Code::io;
    }
}

Error socket_error(const std::string& what, int error_number) {
    return fail(code_of(error_number), "cannot " + what + ": " + std::strerror(error_number));
}

Result<sockaddr_un> address_of(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.empty() || path.size() > longest_socket_path) {
        return fail(Code::too_large, "a socket cannot have the path " + path + ": it is " +
                                         std::to_string(path.size()) + " bytes long, not 1 to " +
                                         std::to_string(longest_socket_path));
    }
    std::memcpy(address.sun_path, path.data(), path.size());
    return address;
}

Descriptor new_socket() {
    return Descriptor(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
}

const sockaddr* plain(const sockaddr_un& address) {
    return reinterpret_cast<const sockaddr*>(&address);
}

}  // namespace

Result<Descriptor> listen_unix(const std::string& path) {
    Result<sockaddr_un> address = address_of(path);
    if (!address) return address.error();
    Descriptor socket = new_socket();
    bool is_bound = socket.is_open() && ::bind(socket.fd(), plain(*address), sizeof *address) == 0;
    if (!is_bound) return socket_error("make the socket " + path, errno);
    bool is_ready = ::chmod(path.c_str(), 0600) == 0 && ::listen(socket.fd(), longest_queue) == 0;
    if (is_ready) return socket;
    Error error = socket_error("listen on the socket " + path, errno);
    ::unlink(path.c_str());
    return error;
}

Result<Descriptor> accept_unix(const Descriptor& listening) {
    while (true) {
        int fd = ::accept4(listening.fd(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd >= 0) return Descriptor(fd);
        if (errno == EAGAIN || errno == EWOULDBLOCK) return Descriptor();
        if (errno == EINTR || errno == ECONNABORTED) continue;
        return fail(Code::io, std::string("cannot accept a connection: ") + std::strerror(errno));
    }
}

Result<Descriptor> connect_unix(const std::string& path) {
    Result<sockaddr_un> address = address_of(path);
    if (!address) return address.error();
    Descriptor socket = new_socket();
    int connected = -1;
    if (socket.is_open()) {
        do {
            connected = ::connect(socket.fd(), plain(*address), sizeof *address);
        } while (connected != 0 && errno == EINTR);
    }
    if (connected == 0) return socket;
    return socket_error("connect to the socket " + path, errno);
}

Result<uid_t> peer_user(const Descriptor& socket) {
    ucred peer{};
    socklen_t size = sizeof peer;
    if (::getsockopt(socket.fd(), SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0) return peer.uid;
    return fail(Code::io,
                std::string("cannot ask whose process is at the other end of a socket: ") +
                    std::strerror(errno));
}

}  // namespace thole::async
