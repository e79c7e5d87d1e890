#include "async/signals.hpp"

#include <doctest/doctest.h>
#include <signal.h>

using namespace thole::async;

namespace {

Task<void> raise_two(Loop& loop, std::vector<int>& seen) {
    Signals signals(loop, {SIGUSR1, SIGUSR2});
    ::raise(SIGUSR2);
    std::optional<int> number = co_await signals.next();
    seen.push_back(number.value_or(-1));
    ::raise(SIGUSR1);
    number = co_await signals.next();
    seen.push_back(number.value_or(-1));
}

Task<void> next_signal(Signals& signals, bool& was_stopped) {
    std::optional<int> number = co_await signals.next();
    was_stopped = !number;
}

Task<void> stop_waiting(Loop& loop, bool& was_stopped) {
    Signals signals(loop, {SIGUSR1});
    Scope scope;
    scope.spawn(next_signal(signals, was_stopped));
    scope.request_stop();
    co_await scope.join();
}

}  // namespace

TEST_CASE("signals arrive as values") {
    std::vector<int> seen;
    Loop loop;
    loop.run(raise_two(loop, seen));
    CHECK(seen == std::vector<int>{SIGUSR2, SIGUSR1});
}

TEST_CASE("waiting for a signal ends at a stop") {
    bool was_stopped = false;
    Loop loop;
    loop.run(stop_waiting(loop, was_stopped));
    CHECK(was_stopped);
}
