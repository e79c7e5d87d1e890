#include "async/stream.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <random>
#include <vector>

#include "async/descriptor.hpp"
#include "async/sleep.hpp"

using namespace thole::async;
using thole::Code;
using thole::Result;
using Lines = std::vector<std::string>;

namespace {

struct Ends {
    Descriptor read_end;
    Descriptor write_end;
};

Ends make_pipe() {
    int fds[2];
    REQUIRE(::pipe2(fds, O_CLOEXEC) == 0);
    return {Descriptor(fds[0]), Descriptor(fds[1])};
}

Ends make_sockets() {
    int fds[2];
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) == 0);
    return {Descriptor(fds[0]), Descriptor(fds[1])};
}

void put(const Descriptor& end, std::string_view text) {
    REQUIRE(::write(end.fd(), text.data(), text.size()) == static_cast<ssize_t>(text.size()));
}

std::string shown(const Result<std::string>& line) {
    return line ? *line : "error: " + line.error().message;
}

Task<void> read_all(LineReader& reader, Lines& lines) {
    while (true) {
        std::optional<Result<std::string>> line = co_await reader.next();
        if (!line) co_return;
        lines.push_back(shown(*line));
    }
}

Task<void> read_input(Loop& loop, int fd, std::size_t max_line, Lines& lines) {
    LineReader reader(loop, fd, max_line);
    co_await read_all(reader, lines);
}

// What is read of `text` from a pipe that is then closed.
Lines lines_of(std::string_view text, std::size_t max_line = 100) {
    Ends ends = make_pipe();
    put(ends.write_end, text);
    ends.write_end.reset();
    Lines lines;
    Loop loop;
    loop.run(read_input(loop, ends.read_end.fd(), max_line, lines));
    return lines;
}

std::string too_long(int limit) {
    return "error: a line of input is longer than " + std::to_string(limit) +
           " bytes and was skipped; send smaller messages";
}

Task<void> write_all(Loop& loop, Descriptor& end, const Lines& lines, bool& was_drained) {
    FdWriter writer(loop, end.fd());
    for (const auto& line : lines) writer.write(line + "\n");
    was_drained = co_await writer.drained();
    end.reset();
}

Task<void> write_and_read(Loop& loop, Ends& ends, const Lines& lines, Lines& got) {
    bool was_drained = false;
    Scope scope;
    scope.spawn(write_all(loop, ends.write_end, lines, was_drained));
    scope.spawn(read_input(loop, ends.read_end.fd(), 64U << 20U, got));
    co_await scope.join();
    CHECK(was_drained);
}

Lines sent_through(Ends ends, const Lines& lines) {
    Lines got;
    Loop loop;
    loop.run(write_and_read(loop, ends, lines, got));
    return got;
}

Task<void> read_in_pieces(Loop& loop, std::string_view text, Lines& lines) {
    Ends ends = make_pipe();
    Scope scope;
    LineReader reader(loop, ends.read_end.fd(), 8);
    scope.spawn(read_all(reader, lines));
    std::size_t piece = 1;
    for (std::size_t at = 0; at < text.size(); at += piece, piece = piece % 3 + 1) {
        put(ends.write_end, text.substr(at, piece));
        co_await sleep_for(loop, std::chrono::milliseconds(0));
    }
    ends.write_end.reset();
    co_await scope.join();
}

Task<void> stop_then_go_on(Loop& loop, Lines& lines) {
    Ends ends = make_pipe();
    LineReader reader(loop, ends.read_end.fd(), 100);
    put(ends.write_end, "one\ntw");
    Scope first;
    first.spawn(read_all(reader, lines));
    co_await sleep_for(loop, std::chrono::milliseconds(1));
    first.request_stop();
    co_await first.join();
    lines.push_back("stopped");
    put(ends.write_end, "o\n");
    ends.write_end.reset();
    co_await read_all(reader, lines);
}

Task<void> write_at_once(Loop& loop, std::string& arrived) {
    Ends ends = make_pipe();
    FdWriter writer(loop, ends.write_end.fd());
    writer.write("now\n");
    char text[16] = {};
    REQUIRE(::read(ends.read_end.fd(), text, sizeof text) == 4);
    arrived = text;
    CHECK(writer.queued_bytes() == 0);
    bool drained = co_await writer.drained();
    CHECK(drained);
}

Task<void> note_drained(FdWriter& writer, std::vector<bool>& seen) {
    bool drained = co_await writer.drained();
    seen.push_back(drained);
}

Task<void> lose_reader(Loop& loop, std::vector<bool>& seen) {
    Ends ends = make_pipe();
    FdWriter writer(loop, ends.write_end.fd());
    writer.write(std::string(1U << 20U, 'x'));
    CHECK(writer.queued_bytes() > 0);
    Scope waiters;
    Scope stopped;
    waiters.spawn(note_drained(writer, seen));
    stopped.spawn(note_drained(writer, seen));
    stopped.request_stop();
    co_await stopped.join();
    CHECK_FALSE(writer.is_broken());
    ends.read_end.reset();
    co_await waiters.join();
    CHECK(writer.is_broken());
    CHECK(writer.queued_bytes() == 0);
    writer.write("into the void");
    CHECK(writer.queued_bytes() == 0);
}

Task<void> write_to(Loop& loop, int fd, std::string text, bool& drained) {
    FdWriter writer(loop, fd);
    writer.write(std::move(text));
    drained = co_await writer.drained();
}

bool is_non_blocking(const Descriptor& end) {
    return (::fcntl(end.fd(), F_GETFL) & O_NONBLOCK) != 0;
}

Task<void> use_both(Loop& loop, Ends& ends) {
    FdWriter writer(loop, ends.write_end.fd());
    LineReader reader(loop, ends.read_end.fd(), 10);
    writer.write("x\n");
    co_await reader.next();
    CHECK_FALSE(is_non_blocking(ends.read_end));
    CHECK_FALSE(is_non_blocking(ends.write_end));
}

}  // namespace

TEST_CASE("lines come without their ends, the last one with or without") {
    CHECK(lines_of("") == Lines{});
    CHECK(lines_of("\n") == Lines{""});
    CHECK(lines_of("a\nb\r\n\r\n\rc\n") == Lines{"a", "b", "", "\rc"});
    CHECK(lines_of("a\nb") == Lines{"a", "b"});
    CHECK(lines_of("a\nb\r") == Lines{"a", "b"});
    CHECK(lines_of(std::string_view("a\0b\n", 4)) == Lines{std::string("a\0b", 3)});
}

TEST_CASE("a line that is too long is one error, and reading goes on behind it") {
    CHECK(lines_of("12345\n12345\r\n123456\nx\n", 5) == Lines{"12345", "12345", too_long(5), "x"});
    CHECK(lines_of(std::string(60'000, 'a') + "\nx", 5) == Lines{too_long(5), "x"});
    CHECK(lines_of("1234567", 5) == Lines{too_long(5)});
    CHECK(lines_of("123456", 5) == Lines{too_long(5)});
}

TEST_CASE("how the input is cut into pieces makes no difference") {
    std::string text = "a\r\nbc\n\n12345678\n123456789\n12345678\r\n1234567890123\nlast";
    Lines lines;
    Loop loop;
    loop.run(read_in_pieces(loop, text, lines));
    CHECK(lines == Lines{"a", "bc", "", "12345678", too_long(8), "12345678", too_long(8), "last"});
}

TEST_CASE("a stopped reader loses nothing") {
    Lines lines;
    Loop loop;
    loop.run(stop_then_go_on(loop, lines));
    CHECK(lines == Lines{"one", "stopped", "two"});
}

TEST_CASE("lines of all sizes pass through pipes and sockets in order") {
    ::signal(SIGPIPE, SIG_IGN);
    std::mt19937 random(7);
    Lines lines;
    for (int i = 0; i < 2000; ++i) {
        std::size_t size = i % 100 == 0 ? random() % 300'000 : random() % 200;
        lines.emplace_back(size, static_cast<char>('a' + i % 26));
    }
    CHECK(sent_through(make_pipe(), lines) == lines);
    CHECK(sent_through(make_sockets(), lines) == lines);
}

TEST_CASE("a line of 20 MiB passes") {
    ::signal(SIGPIPE, SIG_IGN);
    Lines lines{"before", std::string(20U << 20U, 'x'), "after"};
    CHECK(sent_through(make_pipe(), lines) == lines);
}

TEST_CASE("a file is read and written") {
    std::string path = "/tmp/thole-stream-XXXXXX";
    Descriptor file(::mkstemp(path.data()));
    REQUIRE(file.is_open());
    bool drained = false;
    Lines lines;
    Loop loop;
    loop.run(write_to(loop, file.fd(), "one\ntwo", drained));
    CHECK(drained);
    ::lseek(file.fd(), 0, SEEK_SET);
    loop.run(read_input(loop, file.fd(), 100, lines));
    ::unlink(path.c_str());
    CHECK(lines == Lines{"one", "two"});
}

TEST_CASE("/dev/null is empty and swallows everything") {
    Descriptor null(::open("/dev/null", O_RDWR | O_CLOEXEC));
    Lines lines;
    bool drained = false;
    Loop loop;
    loop.run(read_input(loop, null.fd(), 100, lines));
    loop.run(write_to(loop, null.fd(), "gone", drained));
    CHECK(lines.empty());
    CHECK(drained);
}

TEST_CASE("a terminal is read line by line until its end") {
    Descriptor master(::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC));
    REQUIRE(::grantpt(master.fd()) == 0);
    REQUIRE(::unlockpt(master.fd()) == 0);
    Descriptor terminal(::open(::ptsname(master.fd()), O_RDWR | O_NOCTTY | O_CLOEXEC));
    put(master, "hello\nworld\n\x04");
    Lines lines;
    Loop loop;
    loop.run(read_input(loop, terminal.fd(), 100, lines));
    CHECK(lines == Lines{"hello", "world"});
}

TEST_CASE("a descriptor that cannot be read is an error and then the end") {
    Ends ends = make_pipe();
    Lines lines;
    Loop loop;
    loop.run(read_input(loop, -1, 100, lines));
    CHECK(lines == Lines{"error: cannot read input: Bad file descriptor"});
}

TEST_CASE("a small line goes out without a turn of the loop") {
    std::string arrived;
    Loop loop;
    loop.run(write_at_once(loop, arrived));
    CHECK(arrived == "now\n");
}

TEST_CASE("a writer whose reader goes is broken, and tells those who wait") {
    ::signal(SIGPIPE, SIG_IGN);
    std::vector<bool> seen;
    Loop loop;
    loop.run(lose_reader(loop, seen));
    CHECK(seen == std::vector<bool>{false, false});
}

TEST_CASE("a full disk breaks a writer") {
    Descriptor full(::open("/dev/full", O_WRONLY | O_CLOEXEC));
    bool drained = true;
    Loop loop;
    loop.run(write_to(loop, full.fd(), "x", drained));
    CHECK_FALSE(drained);
}

TEST_CASE("pipes that were given keep their blocking mode") {
    Ends ends = make_pipe();
    Loop loop;
    loop.run(use_both(loop, ends));
    CHECK_FALSE(is_non_blocking(ends.read_end));
}
