// Callbacks of the loop for code that is not a coroutine: readiness of a file descriptor, and a
// timer. Owned by whoever wants to know; either may be destroyed inside its own callback. Loop
// thread only. Neither reads, writes nor closes anything.
#pragma once
#include <chrono>
#include <functional>
#include <memory>

#include "async/loop.hpp"

namespace thole::async {

class Poller {
public:
    // Bits of the sets below.
    static constexpr unsigned readable = 1;
    static constexpr unsigned writable = 2;
    static constexpr unsigned broken = 4;  // only reported: read or write to learn the error
    using Callback = std::function<void(unsigned events)>;

    // Null when the descriptor cannot be polled (regular files, /dev/null: those never block).
    // Puts the descriptor into non-blocking mode. Watches nothing until watch() is called.
    static std::unique_ptr<Poller> open(Loop& loop, int fd, Callback ready);
    ~Poller();
    Poller(const Poller&) = delete;
    Poller& operator=(const Poller&) = delete;

    // Replaces the set of events that are watched, level-triggered; 0 watches nothing. After
    // `broken` was reported nothing is watched any more.
    void watch(unsigned events);

private:
    struct Impl;
    explicit Poller(Impl* impl) : impl_(impl) {}
    Impl* impl_;
};

class Timer {
public:
    Timer(Loop& loop, std::function<void()> fired);
    ~Timer();
    Timer(const Timer&) = delete;
    Timer& operator=(const Timer&) = delete;

    // Fires once after `delay` from now; starting again replaces the earlier start.
    void start(std::chrono::milliseconds delay);
    void stop();

private:
    struct Impl;
    Impl* impl_;
};

}  // namespace thole::async
