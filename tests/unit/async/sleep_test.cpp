#include "async/sleep.hpp"

#include <doctest/doctest.h>

#include <vector>

using namespace thole::async;
using std::chrono::milliseconds;

namespace {

Task<void> sleep_then_note(Loop& loop, int delay, std::vector<int>& order) {
    Wake wake = co_await sleep_for(loop, milliseconds(delay));
    order.push_back(wake == Wake::done ? delay : -delay);
}

Task<void> sleep_side_by_side(Loop& loop, std::vector<int>& order) {
    Scope scope;
    for (int delay : {20, 10, 0, -5}) scope.spawn(sleep_then_note(loop, delay, order));
    CHECK(order.empty());
    co_await scope.join();
}

Task<void> stop_sleeper(Loop& loop, std::vector<int>& order) {
    Scope scope;
    scope.spawn(sleep_then_note(loop, 1'000'000, order));
    co_await sleep_for(loop, milliseconds(1));
    scope.request_stop();
    scope.spawn(sleep_then_note(loop, 2'000'000, order));
    co_await scope.join();
}

Task<void> measure(Loop& loop, milliseconds& slept) {
    auto before = std::chrono::steady_clock::now();
    co_await sleep_for(loop, milliseconds(15));
    slept = std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now() - before);
}

}  // namespace

TEST_CASE("sleepers wake in the order of their delays") {
    std::vector<int> order;
    Loop loop;
    loop.run(sleep_side_by_side(loop, order));
    CHECK(order == std::vector<int>{0, -5, 10, 20});
}

TEST_CASE("a stop ends a sleep, and one that starts after it") {
    std::vector<int> order;
    Loop loop;
    loop.run(stop_sleeper(loop, order));
    CHECK(order == std::vector<int>{-2'000'000, -1'000'000});
}

TEST_CASE("a sleep is not shorter than asked") {
    milliseconds slept{0};
    Loop loop;
    loop.run(measure(loop, slept));
    CHECK(slept >= milliseconds(14));
}
