#include "async/signal.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "async/sleep.hpp"

using namespace thole::async;
using Wakes = std::vector<Wake>;

namespace {

constexpr std::chrono::milliseconds turn{0};

Task<void> wait_once(Signal& signal, Wakes& wakes) {
    Wake wake = co_await signal.wait();
    wakes.push_back(wake);
}

Task<void> notified_before(Loop& loop, Wakes& wakes) {
    Signal signal(loop);
    signal.notify();
    signal.notify();
    co_await wait_once(signal, wakes);
    Scope scope;
    scope.spawn(wait_once(signal, wakes));
    co_await sleep_for(loop, turn);
    std::size_t woken = wakes.size();
    CHECK(woken == 1);
    scope.request_stop();
    co_await scope.join();
}

Task<void> notified_inside(Loop& loop, Wakes& wakes) {
    Signal signal(loop);
    Scope scope;
    scope.spawn(wait_once(signal, wakes));
    signal.notify();
    CHECK(wakes.empty());
    co_await scope.join();
}

Task<void> stopped_then_notified(Loop& loop, Wakes& wakes) {
    Signal signal(loop);
    Scope scope;
    scope.spawn(wait_once(signal, wakes));
    scope.request_stop();
    signal.notify();
    co_await scope.join();
    co_await wait_once(signal, wakes);
}

Task<void> wait_anyway(Signal& signal, Wakes& wakes) {
    Wake wake = co_await signal.wait();
    wakes.push_back(wake);
    wake = co_await signal.wait_despite_stop();
    wakes.push_back(wake);
}

Task<void> stop_and_notify(Loop& loop, Wakes& wakes) {
    Signal signal(loop);
    Scope scope;
    scope.request_stop();
    scope.spawn(wait_anyway(signal, wakes));
    co_await sleep_for(loop, turn);
    CHECK(wakes == Wakes{Wake::stopped});
    signal.notify();
    co_await scope.join();
}

Task<void> stand_in(Line& line, std::string name, std::vector<std::string>& order) {
    Wake wake = co_await line.wait();
    order.push_back(name + (wake == Wake::done ? "" : " stopped"));
}

Task<void> queue_up(Loop& loop, std::vector<std::string>& order) {
    Line line(loop);
    line.wake_first();
    Scope scope;
    Scope leaving;
    scope.spawn(stand_in(line, "a", order));
    leaving.spawn(stand_in(line, "b", order));
    scope.spawn(stand_in(line, "c", order));
    scope.spawn(stand_in(line, "d", order));
    leaving.request_stop();
    co_await leaving.join();
    line.wake_first();
    co_await sleep_for(loop, turn);
    line.wake_all();
    co_await scope.join();
}

}  // namespace

TEST_CASE("notifications before a wait count once") {
    Wakes wakes;
    Loop loop;
    loop.run(notified_before(loop, wakes));
    CHECK(wakes == Wakes{Wake::done, Wake::stopped});
}

TEST_CASE("a waiter is never resumed inside notify") {
    Wakes wakes;
    Loop loop;
    loop.run(notified_inside(loop, wakes));
    CHECK(wakes == Wakes{Wake::done});
}

TEST_CASE("a notification that meets a stop is kept for the next wait") {
    Wakes wakes;
    Loop loop;
    loop.run(stopped_then_notified(loop, wakes));
    CHECK(wakes == Wakes{Wake::stopped, Wake::done});
}

TEST_CASE("a wait despite a stop waits for the notification") {
    Wakes wakes;
    Loop loop;
    loop.run(stop_and_notify(loop, wakes));
    CHECK(wakes == Wakes{Wake::stopped, Wake::done});
}

TEST_CASE("those who stand in a line are woken in order, and may leave it") {
    std::vector<std::string> order;
    Loop loop;
    loop.run(queue_up(loop, order));
    CHECK(order == std::vector<std::string>{"b stopped", "a", "c", "d"});
}
