#include "async/loop.hpp"

#include <doctest/doctest.h>
#include <sys/resource.h>

#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "async/signal.hpp"
#include "async/sleep.hpp"

using namespace thole::async;

namespace {

Task<void> post_in_turn(Loop& loop, std::vector<std::string>& seen) {
    Signal over(loop);
    loop.post([&] {
        seen.push_back("first");
        loop.post([&] {
            seen.push_back("third");
            over.notify();
        });
    });
    loop.post([&] { seen.push_back("second"); });
    seen.push_back("not inline");
    co_await over.wait();
}

Task<void> wait_for_thread(Loop& loop, std::thread::id& ran_on) {
    Signal over(loop);
    std::thread other([&loop, &over, &ran_on] {
        loop.post_from_thread([&over, &ran_on] {
            ran_on = std::this_thread::get_id();
            over.notify();
        });
    });
    co_await over.wait();
    other.join();
}

Task<void> be_idle(Loop& loop) {
    co_await sleep_for(loop, std::chrono::milliseconds(300));
}

Task<void> nothing() {
    co_return;
}

struct Cost {
    long wakeups;
    long milliseconds;
};

Cost cost_so_far() {
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    long microseconds = usage.ru_utime.tv_usec + usage.ru_stime.tv_usec;
    long seconds = usage.ru_utime.tv_sec + usage.ru_stime.tv_sec;
    return {usage.ru_nvcsw, seconds * 1000 + microseconds / 1000};
}

}  // namespace

TEST_CASE("posted actions run on the next turn, in order") {
    std::vector<std::string> seen;
    Loop loop;
    loop.run(post_in_turn(loop, seen));
    CHECK(seen == std::vector<std::string>{"not inline", "first", "second", "third"});
}

TEST_CASE("a thread's post wakes a loop that has nothing else to do") {
    std::thread::id ran_on;
    Loop loop;
    loop.run(wait_for_thread(loop, ran_on));
    CHECK(ran_on == std::this_thread::get_id());
}

TEST_CASE("an idle loop neither wakes up nor spins") {
    Loop loop;
    loop.post([] {});
    Cost before = cost_so_far();
    loop.run(be_idle(loop));
    Cost after = cost_so_far();
    CHECK(after.wakeups - before.wakeups < 20);
    CHECK(after.milliseconds - before.milliseconds < 100);
}

TEST_CASE("a loop runs one root after another") {
    std::vector<std::string> seen;
    Loop loop;
    loop.run(nothing());
    loop.run(post_in_turn(loop, seen));
    loop.run(nothing());
    CHECK(seen.size() == 4);
}

TEST_CASE("what is posted and never run goes with the loop") {
    bool ran = false;
    {
        Loop loop;
        loop.post([&ran] { ran = true; });
    }
    CHECK_FALSE(ran);
}
