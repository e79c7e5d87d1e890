#include "async/unix_socket.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <vector>

#include "support/scratch.hpp"

using namespace thole;
using namespace thole::async;

TEST_CASE("a socket takes connections and tells whose they are") {
    test::Scratch scratch;
    std::string path = scratch / "a.sock";
    Descriptor listening = std::move(*listen_unix(path));
    Result<Descriptor> nobody = accept_unix(listening);
    REQUIRE(nobody);
    CHECK_FALSE(nobody->is_open());
    Descriptor client = std::move(*connect_unix(path));
    Descriptor server = std::move(*accept_unix(listening));
    REQUIRE(server.is_open());
    CHECK(*peer_user(client) == ::geteuid());
    CHECK(*peer_user(server) == ::geteuid());
    REQUIRE(::write(client.fd(), "hello", 5) == 5);
    char text[8] = {};
    CHECK(::read(server.fd(), text, sizeof text) == 5);
    CHECK(std::string(text) == "hello");
    // Nothing waits.
    CHECK(::read(server.fd(), text, sizeof text) == -1);
}

TEST_CASE("a socket has mode 0600 whatever the umask") {
    test::Scratch scratch;
    mode_t before = ::umask(0777);
    Result<Descriptor> listening = listen_unix(scratch / "a.sock");
    ::umask(before);
    REQUIRE(listening);
    struct stat status {};
    REQUIRE(::lstat((scratch / "a.sock").c_str(), &status) == 0);
    CHECK((status.st_mode & 07777) == 0600);
}

TEST_CASE("sockets that cannot be made or reached say why") {
    test::Scratch scratch;
    std::string path = scratch / "a.sock";
    CHECK(connect_unix(path).error().code == Code::unavailable);
    CHECK(listen_unix(scratch / "none/a.sock").error().code == Code::unavailable);
    std::string longest = scratch.path() + "/" + std::string(106 - scratch.path().size(), 'x');
    CHECK(longest.size() == longest_socket_path);
    CHECK(listen_unix(longest).has_value());
    CHECK(listen_unix(longest + "x").error().code == Code::too_large);
    CHECK(connect_unix(longest + "x").error().code == Code::too_large);
    CHECK(connect_unix("").error().code == Code::too_large);
    {
        Descriptor listening = std::move(*listen_unix(path));
        CHECK(listen_unix(path).error().code == Code::exists);
    }
    // Nobody listens any more; the file is still there.
    CHECK(connect_unix(path).error().code == Code::unavailable);
    CHECK(listen_unix(path).error().code == Code::exists);
    CHECK(peer_user(Descriptor()).error().code == Code::io);
}

TEST_CASE("a queue that is full says so at once") {
    test::Scratch scratch;
    Descriptor listening = std::move(*listen_unix(scratch / "a.sock"));
    std::vector<Descriptor> waiting;
    Result<Descriptor> next = connect_unix(scratch / "a.sock");
    while (next && waiting.size() < 10'000) {
        waiting.push_back(std::move(*next));
        next = connect_unix(scratch / "a.sock");
    }
    REQUIRE_FALSE(next);
    CHECK(next.error().code == Code::busy);
}
