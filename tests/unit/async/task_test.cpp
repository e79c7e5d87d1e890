#include "async/task.hpp"

#include <doctest/doctest.h>

#include <memory>
#include <stdexcept>
#include <string>

#include "async/loop.hpp"
#include "async/sleep.hpp"

using namespace thole::async;

namespace {

Task<int> same(int value) {
    co_return value;
}

Task<void> add_many(int count, long& sum) {
    for (int i = 0; i < count; ++i) {
        int value = co_await same(i);
        sum += value;
    }
}

Task<int> throw_later(Loop& loop) {
    co_await sleep_for(loop, std::chrono::milliseconds(0));
    throw std::runtime_error("boom");
    co_return 1;
}

Task<void> catch_it(Loop& loop, std::string& what) {
    try {
        int value = co_await throw_later(loop);
        what = std::to_string(value);
    } catch (const std::exception& error) {
        what = error.what();
    }
}

Task<std::unique_ptr<int>> only_movable() {
    co_return std::make_unique<int>(7);
}

Task<void> take_movable(int& value) {
    std::unique_ptr<int> held = co_await only_movable();
    value = *held;
}

}  // namespace

TEST_CASE("a loop of ready awaits uses no stack") {
    long sum = 0;
    Loop loop;
    loop.run(add_many(1'000'000, sum));
    CHECK(sum == 499'999'500'000L);
}

TEST_CASE("an exception crosses an await") {
    std::string what;
    Loop loop;
    loop.run(catch_it(loop, what));
    CHECK(what == "boom");
}

TEST_CASE("a task gives a value that can only be moved") {
    int value = 0;
    Loop loop;
    loop.run(take_movable(value));
    CHECK(value == 7);
}

TEST_CASE("a task that nobody awaits never starts and leaks nothing") {
    long sum = 0;
    { Task<void> task = add_many(3, sum); }
    CHECK(sum == 0);
}
