#include "async/poll.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <vector>

#include "async/descriptor.hpp"
#include "async/signal.hpp"
#include "async/sleep.hpp"

using namespace thole::async;

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

Task<void> watch_pipe(Loop& loop, std::vector<unsigned>& seen) {
    Ends ends = make_pipe();
    Signal called(loop);
    std::unique_ptr<Poller> poller;
    poller = Poller::open(loop, ends.read_end.fd(), [&](unsigned events) {
        seen.push_back(events);
        poller->watch(0);
        called.notify();
    });
    REQUIRE(poller);
    REQUIRE(::write(ends.write_end.fd(), "x", 1) == 1);
    co_await sleep_for(loop, std::chrono::milliseconds(1));
    CHECK(seen.empty());
    poller->watch(Poller::readable);
    co_await called.wait();
}

Task<void> watch_broken_pipe(Loop& loop, std::vector<unsigned>& seen) {
    Ends ends = make_pipe();
    Signal called(loop);
    std::unique_ptr<Poller> poller;
    poller = Poller::open(loop, ends.write_end.fd(), [&](unsigned events) {
        seen.push_back(events);
        poller.reset();
        called.notify();
    });
    ends.read_end.reset();
    poller->watch(Poller::writable);
    co_await called.wait();
}

Task<void> restart_timer(Loop& loop, int& fired) {
    Signal called(loop);
    Timer timer(loop, [&] {
        ++fired;
        called.notify();
    });
    timer.start(std::chrono::milliseconds(0));
    timer.start(std::chrono::hours(100));
    co_await sleep_for(loop, std::chrono::milliseconds(2));
    CHECK(fired == 0);
    timer.start(std::chrono::milliseconds(1));
    co_await called.wait();
    timer.start(std::chrono::milliseconds(0));
    timer.stop();
    co_await sleep_for(loop, std::chrono::milliseconds(2));
}

}  // namespace

TEST_CASE("a poller reports only what is watched, and only while it is") {
    std::vector<unsigned> seen;
    Loop loop;
    loop.run(watch_pipe(loop, seen));
    CHECK(seen == std::vector<unsigned>{Poller::readable});
}

TEST_CASE("a pipe without a reader is broken, and a poller may go in its own callback") {
    std::vector<unsigned> seen;
    Loop loop;
    loop.run(watch_broken_pipe(loop, seen));
    CHECK(seen == std::vector<unsigned>{Poller::broken});
}

TEST_CASE("a file and a closed descriptor cannot be polled") {
    Loop loop;
    Descriptor file(::open("/proc/self/exe", O_RDONLY | O_CLOEXEC));
    CHECK_FALSE(Poller::open(loop, file.fd(), [](unsigned) {}));
    CHECK_FALSE(Poller::open(loop, -1, [](unsigned) {}));
}

TEST_CASE("a timer fires once, for its last start") {
    int fired = 0;
    Loop loop;
    loop.run(restart_timer(loop, fired));
    CHECK(fired == 1);
}
