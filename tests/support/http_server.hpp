// A small HTTP/1.1 server for tests, on plain sockets: each connection has a thread of its own that
// reads requests and lets the test's function answer each as it likes, rightly or wrongly. Ending
// the server ends its connections.
#pragma once
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <list>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace thole::test {

struct HttpRequest {
    std::string method;
    std::string target;   // as in the request line
    std::string headers;  // the raw lines
    std::string body;

    // The value of a header, names compared exactly; empty when there is none.
    std::string header(const std::string& name) const {
        std::size_t at = headers.find("\r\n" + name + ": ");
        if (at == std::string::npos) return {};
        at += name.size() + 4;
        return headers.substr(at, headers.find("\r\n", at) - at);
    }
};

// The server's end of a connection.
class HttpPeer {
public:
    explicit HttpPeer(int fd) : fd_(fd) {}

    void send(std::string_view text) {
        while (!text.empty()) {
            ssize_t sent = ::send(fd_, text.data(), text.size(), MSG_NOSIGNAL);
            if (sent <= 0) return;
            text.remove_prefix(static_cast<std::size_t>(sent));
        }
    }
    void answer(int status, std::string_view body, const std::string& headers = "") {
        send("HTTP/1.1 " + std::to_string(status) + " Text\r\n" + headers +
             "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n");
        send(body);
    }
    void begin_chunks(int status = 200) {
        send("HTTP/1.1 " + std::to_string(status) + " Text\r\nTransfer-Encoding: chunked\r\n\r\n");
    }
    void chunk(std::string_view text) {
        char size[32];
        std::snprintf(size, sizeof size, "%zx\r\n", text.size());
        send(std::string(size) + std::string(text) + "\r\n");
    }
    void end_chunks() { send("0\r\n\r\n"); }

    // Blocks until the client has closed the connection (or the server ends).
    void wait_for_close() {
        char byte = 0;
        while (::recv(fd_, &byte, 1, 0) > 0) continue;
    }
    void close() { ::shutdown(fd_, SHUT_RDWR); }

    // False at the end of the connection.
    bool read(HttpRequest& request) {
        while (received_.find("\r\n\r\n") == std::string::npos) {
            if (!receive()) return false;
        }
        std::size_t head = received_.find("\r\n\r\n") + 4;
        request.headers = received_.substr(0, head);
        std::size_t method_end = request.headers.find(' ');
        std::size_t target_end = request.headers.find(' ', method_end + 1);
        request.method = request.headers.substr(0, method_end);
        request.target = request.headers.substr(method_end + 1, target_end - method_end - 1);
        std::size_t size = std::strtoul(request.header("Content-Length").c_str(), nullptr, 10);
        while (received_.size() < head + size) {
            if (!receive()) return false;
        }
        request.body = received_.substr(head, size);
        received_.erase(0, head + size);
        return true;
    }

private:
    bool receive() {
        char chunk[4096];
        ssize_t count = ::recv(fd_, chunk, sizeof chunk, 0);
        if (count <= 0) return false;
        received_.append(chunk, static_cast<std::size_t>(count));
        return true;
    }
    int fd_;
    std::string received_;
};

class HttpServer {
public:
    // Called on the connection's thread for each request.
    using Answer = std::function<void(const HttpRequest&, HttpPeer&)>;

    explicit HttpServer(Answer answer) : answer_(std::move(answer)), listener_(listen_anywhere()) {
        sockaddr_in address{};
        socklen_t size = sizeof address;
        ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
        port_ = ntohs(address.sin_port);
        acceptor_ = std::thread([this] { accept_all(); });
    }
    ~HttpServer() {
        ::shutdown(listener_, SHUT_RDWR);
        acceptor_.join();
        for (auto& connection : connections_) ::shutdown(connection.fd, SHUT_RDWR);
        for (auto& connection : connections_) {
            connection.thread.join();
            ::close(connection.fd);
        }
        ::close(listener_);
    }
    HttpServer(const HttpServer&) = delete;
    HttpServer& operator=(const HttpServer&) = delete;

    int port() const { return port_; }
    std::string url(const std::string& target = "/") const {
        return "http://127.0.0.1:" + std::to_string(port_) + target;
    }
    // What has been asked so far.
    std::vector<HttpRequest> requests() const {
        std::lock_guard lock(mutex_);
        return requests_;
    }
    std::size_t connections() const {
        std::lock_guard lock(mutex_);
        return connections_.size();
    }

private:
    struct Connection {
        int fd;
        std::thread thread;
    };
    static int listen_anywhere() {
        int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        ::bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address);
        ::listen(fd, 64);
        return fd;
    }
    void accept_all() {
        for (int fd = 0; (fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC)) >= 0;) {
            int at_once = 1;
            ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &at_once, sizeof at_once);
            std::lock_guard lock(mutex_);
            connections_.push_back({fd, std::thread([this, fd] { serve(fd); })});
        }
    }
    void serve(int fd) {
        HttpPeer peer(fd);
        for (HttpRequest request; peer.read(request);) {
            {
                std::lock_guard lock(mutex_);
                requests_.push_back(request);
            }
            answer_(request, peer);
        }
        peer.close();
    }

    Answer answer_;
    int listener_;
    int port_ = 0;
    mutable std::mutex mutex_;
    std::vector<HttpRequest> requests_;
    std::list<Connection> connections_;
    std::thread acceptor_;
};

}  // namespace thole::test
