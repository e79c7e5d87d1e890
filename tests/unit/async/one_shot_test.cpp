#include "async/one_shot.hpp"

#include <doctest/doctest.h>

#include <memory>

#include "async/sleep.hpp"

using namespace thole::async;
using Answers = std::vector<thole::Result<int>>;

namespace {

int code_or_value(const thole::Result<int>& answer) {
    return answer ? *answer : -static_cast<int>(answer.error().code);
}

Task<void> await_answer(OneShot<int>& answer, std::vector<int>& seen) {
    thole::Result<int> got = co_await answer.wait();
    seen.push_back(code_or_value(got));
}

Task<void> first_wins(Loop& loop, std::vector<int>& seen) {
    OneShot<int> answer(loop);
    Scope scope;
    scope.spawn(await_answer(answer, seen));
    CHECK_FALSE(answer.is_set());
    CHECK(answer.set(1));
    CHECK_FALSE(answer.set(2));
    CHECK(answer.is_set());
    CHECK(seen.empty());
    co_await scope.join();
}

Task<void> set_early(Loop& loop, std::vector<int>& seen) {
    OneShot<int> answer(loop);
    answer.set(5);
    Scope scope;
    scope.request_stop();
    scope.spawn(await_answer(answer, seen));
    co_await scope.join();
}

Task<void> stop_then_set(Loop& loop, std::vector<int>& seen) {
    OneShot<int> answer(loop);
    Scope scope;
    scope.spawn(await_answer(answer, seen));
    scope.request_stop();
    co_await scope.join();
    CHECK(answer.set(9));
    co_await await_answer(answer, seen);
}

Task<void> movable_only(Loop& loop, int& value) {
    OneShot<std::unique_ptr<int>> answer(loop);
    answer.set(std::make_unique<int>(4));
    thole::Result<std::unique_ptr<int>> got = co_await answer.wait();
    value = **got;
}

}  // namespace

TEST_CASE("the first answer wins and wakes the waiter later") {
    std::vector<int> seen;
    Loop loop;
    loop.run(first_wins(loop, seen));
    CHECK(seen == std::vector<int>{1});
}

TEST_CASE("an answer that is there is given even to a stopped waiter") {
    std::vector<int> seen;
    Loop loop;
    loop.run(set_early(loop, seen));
    CHECK(seen == std::vector<int>{5});
}

TEST_CASE("a stopped wait is cancelled, and a later one still gets the answer") {
    std::vector<int> seen;
    Loop loop;
    loop.run(stop_then_set(loop, seen));
    CHECK(seen == std::vector<int>{-static_cast<int>(thole::Code::cancelled), 9});
}

TEST_CASE("an answer may be movable only") {
    int value = 0;
    Loop loop;
    loop.run(movable_only(loop, value));
    CHECK(value == 4);
}
