#include "ipc/socket_place.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "async/unix_socket.hpp"
#include "ipc/socket_links.hpp"
#include "support/scratch.hpp"

using namespace thole;
using ipc::SocketPlace;
using test::Scratch;

namespace {

unsigned mode_of(const std::string& path) {
    struct stat status {};
    return ::lstat(path.c_str(), &status) == 0 ? status.st_mode & 0777 : 0;
}

SocketPlace place_in(const Scratch& scratch) {
    return {scratch / "run", ::geteuid(), scratch / "tmp"};
}

std::string fallback(const Scratch& scratch) {
    return scratch / "tmp/thole-" + std::to_string(::geteuid());
}

}  // namespace

TEST_CASE("a socket is in the runtime directory, else in one of the user below /tmp") {
    Scratch scratch;
    scratch.write("run/x", "");
    scratch.write("tmp/x", "");
    SocketPlace place = place_in(scratch);
    CHECK(*ipc::socket_path(place, "s1") == scratch / "run/thole/s1.sock");
    CHECK(mode_of(scratch / "run/thole") == 0700);
    // Not set, not there, no directory, relative, or too long.
    for (std::string bad :
         {std::string(), scratch / "none", scratch / "run/x", std::string("run")}) {
        place.runtime_directory = bad;
        CHECK(*ipc::socket_path(place, "s1") == fallback(scratch) + "/s1.sock");
    }
    CHECK(mode_of(fallback(scratch)) == 0700);
    place = place_in(scratch);
    std::size_t room = 107 - (fallback(scratch) + "/.sock").size();
    place.runtime_directory = scratch / "run/" + std::string(60, 'x');
    scratch.write("run/" + std::string(60, 'x') + "/x", "");
    std::string longest(room, 'i');
    CHECK(*ipc::socket_path(place, longest) == fallback(scratch) + "/" + longest + ".sock");
    Result<std::string> path = ipc::socket_path(place, longest + "i");
    CHECK(path.error().code == Code::too_large);
    CHECK(path.error().message.find("is 108 bytes long, and the limit is 107") !=
          std::string::npos);
}

TEST_CASE("a directory for sockets that others could use is refused") {
    Scratch scratch;
    scratch.write("run/x", "");
    SocketPlace place = place_in(scratch);
    std::string directory = scratch / "run/thole";
    const auto refusal = [&] { return ipc::socket_path(place, "s1").error(); };
    std::filesystem::create_symlink(scratch / "run", directory);
    CHECK(refusal().code == Code::denied);
    CHECK(refusal().message.find("symbolic link") != std::string::npos);
    std::filesystem::remove(directory);
    scratch.write("run/thole", "a file");
    CHECK(refusal().code == Code::denied);
    std::filesystem::remove(directory);
    std::filesystem::create_directory(directory);
    ::chmod(directory.c_str(), 0770);
    CHECK(refusal().message.find("others can write it") != std::string::npos);
    ::chmod(directory.c_str(), 0755);
    CHECK(ipc::socket_path(place, "s1").has_value());
    CHECK(mode_of(directory) == 0700);
    // As another user would see it.
    place.user = ::geteuid() + 1;
    scratch.write("tmp/x", "");
    std::string theirs = scratch / "tmp/thole-" + std::to_string(place.user);
    std::filesystem::create_directory(theirs);
    ::chmod(theirs.c_str(), 0700);
    CHECK(refusal().code == Code::denied);
    CHECK(refusal().message.find(theirs + ": it belongs to another user") != std::string::npos);
}

TEST_CASE("ids that are no ids have no socket") {
    Scratch scratch;
    for (std::string id : {std::string("../x"), std::string("a/b"), std::string(),
                           std::string("a\0b", 3), std::string(300, 'x')}) {
        CHECK(ipc::socket_path(place_in(scratch), id).error().code == Code::invalid_argument);
    }
}

TEST_CASE("a socket has mode 0600 whatever the umask and goes with its door") {
    Scratch scratch;
    scratch.write("run/x", "");
    async::Loop loop;
    ipc::SocketLinks links(loop, place_in(scratch));
    for (mode_t mask : {0000, 0077, 0777}) {
        mode_t before = ::umask(mask);
        Result<std::unique_ptr<Door>> door = links.open_door("s1");
        ::umask(before);
        REQUIRE(door);
        CHECK((*door)->path() == scratch / "run/thole/s1.sock");
        CHECK(mode_of((*door)->path()) == 0600);
        CHECK(mode_of(scratch / "run/thole") == 0700);
        door->reset();
        CHECK_FALSE(std::filesystem::exists(scratch / "run/thole/s1.sock"));
        std::filesystem::remove(scratch / "run/thole");
    }
}

TEST_CASE("a stale socket is replaced, a live one and anything else is not") {
    Scratch scratch;
    scratch.write("run/x", "");
    async::Loop loop;
    ipc::SocketLinks links(loop, place_in(scratch));
    std::unique_ptr<Door> live = std::move(*links.open_door("s1"));
    CHECK(links.open_door("s1").error().code == Code::busy);
    CHECK(async::connect_unix(live->path()).has_value());
    (void)async::listen_unix(scratch / "run/thole/s2.sock");
    CHECK(async::connect_unix(scratch / "run/thole/s2.sock").error().code == Code::unavailable);
    CHECK(links.open_door("s2").has_value());
    scratch.write("run/thole/s3.sock", "a file");
    CHECK(links.open_door("s3").error().code == Code::denied);
    CHECK(scratch.read("run/thole/s3.sock") == "a file");
}

TEST_CASE("a door leaves alone what has taken the place of its socket") {
    Scratch scratch;
    scratch.write("run/x", "");
    async::Loop loop;
    ipc::SocketLinks links(loop, place_in(scratch));
    std::unique_ptr<Door> door = std::move(*links.open_door("s1"));
    std::filesystem::rename(door->path(), door->path() + ".old");
    scratch.write("run/thole/s1.sock", "another");
    door.reset();
    CHECK(scratch.read("run/thole/s1.sock") == "another");
}
