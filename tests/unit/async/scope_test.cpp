#include "async/scope.hpp"

#include <doctest/doctest.h>

#include <stdexcept>
#include <string>

#include "async/loop.hpp"
#include "async/signal.hpp"
#include "async/sleep.hpp"

using namespace thole::async;

namespace {

Task<void> wait_for_stop(Loop& loop, int& stopped) {
    Signal never(loop);
    Wake wake = co_await never.wait();
    if (wake == Wake::stopped) ++stopped;
}

Task<void> parent(Loop& loop, int& stopped) {
    std::stop_token stop = co_await current_stop();
    Scope inner(stop);
    inner.spawn(wait_for_stop(loop, stopped));
    inner.spawn(wait_for_stop(loop, stopped));
    co_await inner.join();
    ++stopped;
}

Task<void> tree(Loop& loop, int& stopped) {
    Scope outer;
    outer.spawn(parent(loop, stopped));
    outer.spawn(parent(loop, stopped));
    co_await sleep_for(loop, std::chrono::milliseconds(0));
    outer.request_stop();
    co_await outer.join();
}

Task<void> fall(Loop& loop) {
    co_await sleep_for(loop, std::chrono::milliseconds(0));
    throw std::runtime_error("fell");
}

Task<void> fall_beside_another(Loop& loop, int& stopped) {
    Scope scope;
    scope.spawn(wait_for_stop(loop, stopped));
    scope.spawn(fall(loop));
    co_await scope.join();
}

Task<void> join_nothing(int& joined) {
    Scope scope;
    co_await scope.join();
    ++joined;
}

}  // namespace

TEST_CASE("stopping a scope stops its tasks and theirs, and waits for all") {
    int stopped = 0;
    Loop loop;
    loop.run(tree(loop, stopped));
    CHECK(stopped == 6);
}

TEST_CASE("a task that throws stops its siblings, and join rethrows") {
    int stopped = 0;
    std::string what;
    Loop loop;
    try {
        loop.run(fall_beside_another(loop, stopped));
    } catch (const std::exception& error) {
        what = error.what();
    }
    CHECK(what == "fell");
    CHECK(stopped == 1);
}

TEST_CASE("joining an empty scope does not wait") {
    int joined = 0;
    Loop loop;
    loop.run(join_nothing(joined));
    CHECK(joined == 1);
}
