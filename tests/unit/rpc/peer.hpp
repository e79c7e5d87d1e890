// A connection under test with a scripted peer at the other end of a socket pair, both on one loop.
#pragma once
#include <sys/socket.h>
#include <unistd.h>

#include <doctest/doctest.h>

#include <optional>
#include <string>
#include <vector>

#include "async/loop.hpp"
#include "async/scope.hpp"
#include "base/json.hpp"
#include "rpc/connection.hpp"

namespace thole::test {

class Peer {
public:
    explicit Peer(const rpc::MethodTable& methods, rpc::Connection::Limits limits = {})
        : fds_(open_pair()) {
        in_.emplace(loop, fds_[1], std::size_t{64} * 1024 * 1024);
        out_.emplace(loop, fds_[1]);
        connection.emplace(loop, rpc::Connection::Fds{fds_[0], fds_[0]}, methods, limits);
    }
    ~Peer() {
        connection.reset();
        close(fds_[0]);
        close(fds_[1]);
    }

    void send(const std::string& line) { out_->write(line + "\n"); }
    // No more input for the connection; it can still write.
    async::Task<void> hang_up() {
        co_await out_->drained();
        shutdown(fds_[1], SHUT_WR);
    }
    // The next line that the connection wrote; "" at the end.
    async::Task<std::string> next() {
        std::optional<Result<std::string>> line = co_await in_->next();
        co_return line && line->has_value() ? **line : std::string();
    }

    // What the connection writes when it is given `lines` and then the end of input.
    std::vector<std::string> exchange(const std::vector<std::string>& lines) {
        std::vector<std::string> written;
        loop.run(exchange_all(lines, written));
        return written;
    }
    // Runs the connection until `script` has come to its end and hung up.
    void play(async::Task<void> script) { loop.run(play_all(std::move(script))); }

    async::Loop loop;
    std::optional<rpc::Connection> connection;

private:
    struct Pair {
        int fd[2];
        int operator[](int which) const { return fd[which]; }
    };
    static Pair open_pair() {
        Pair pair{};
        REQUIRE(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair.fd) == 0);
        return pair;
    }
    async::Task<void> run_connection() {
        co_await connection->run();
        connection.reset();
        shutdown(fds_[0], SHUT_WR);
    }
    async::Task<void> exchange_all(const std::vector<std::string>& lines,
                                   std::vector<std::string>& written) {
        async::Scope scope;
        scope.spawn(run_connection());
        for (const std::string& line : lines) send(line);
        co_await hang_up();
        while (true) {
            std::string line = co_await next();
            if (line.empty()) break;
            written.push_back(line);
        }
        co_await scope.join();
    }
    async::Task<void> play_all(async::Task<void> script) {
        async::Scope scope;
        scope.spawn(run_connection());
        co_await script;
        co_await hang_up();
        co_await scope.join();
    }

    Pair fds_;
    std::optional<async::LineReader> in_;
    std::optional<async::FdWriter> out_;
};

}  // namespace thole::test
