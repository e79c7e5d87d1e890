#include "async/worker.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>

#include "async/sleep.hpp"

using namespace thole::async;

namespace {

Task<void> work_elsewhere(Loop& loop, std::thread::id& worker, std::string& text) {
    std::string given = "from the loop";
    auto work = [given](std::stop_token) {
        return std::make_unique<std::pair<std::string, std::thread::id>>(
            given + " and back", std::this_thread::get_id());
    };
    auto result = co_await on_worker(loop, work);
    text = result->first;
    worker = result->second;
}

Task<void> throwing_work(Loop& loop, std::string& what) {
    auto work = [](std::stop_token) { throw std::runtime_error("worker fell"); };
    try {
        co_await on_worker(loop, work);
    } catch (const std::exception& error) {
        what = error.what();
    }
}

Task<void> spin_until_stopped(Loop& loop, std::atomic<bool>& began, bool& resumed) {
    auto work = [&began](std::stop_token stop) {
        began = true;
        while (!stop.stop_requested()) std::this_thread::yield();
        return 3;
    };
    int value = co_await on_worker(loop, work);
    resumed = value == 3;
}

Task<void> stop_work(Loop& loop, bool& resumed) {
    std::atomic<bool> began = false;
    Scope scope;
    scope.spawn(spin_until_stopped(loop, began, resumed));
    while (!began) {
        co_await sleep_for(loop, std::chrono::milliseconds(0));
    }
    CHECK_FALSE(resumed);
    scope.request_stop();
    co_await scope.join();
}

Task<void> count_up(Loop& loop, std::atomic<int>& count) {
    auto work = [&count](std::stop_token) { ++count; };
    co_await on_worker(loop, work);
}

Task<void> work_much(Loop& loop, std::atomic<int>& count) {
    Scope scope;
    for (int i = 0; i < 100; ++i) scope.spawn(count_up(loop, count));
    scope.request_stop();
    co_await scope.join();
}

}  // namespace

TEST_CASE("work runs on another thread and gives a value that can only be moved") {
    std::thread::id worker;
    std::string text;
    Loop loop;
    loop.run(work_elsewhere(loop, worker, text));
    CHECK(text == "from the loop and back");
    CHECK(worker != std::thread::id());
    CHECK(worker != std::this_thread::get_id());
}

TEST_CASE("what work throws reaches the awaiter") {
    std::string what;
    Loop loop;
    loop.run(throwing_work(loop, what));
    CHECK(what == "worker fell");
}

TEST_CASE("work sees the stop, and the awaiter waits for its end") {
    bool resumed = false;
    Loop loop;
    loop.run(stop_work(loop, resumed));
    CHECK(resumed);
}

TEST_CASE("work that was queued before a stop is still done") {
    std::atomic<int> count = 0;
    Loop loop;
    loop.run(work_much(loop, count));
    CHECK(count == 100);
}
