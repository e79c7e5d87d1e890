#include "acp/prompts.hpp"

#include <doctest/doctest.h>

#include "async/scope.hpp"
#include "async/sleep.hpp"

using namespace thole;
using Lines = std::vector<std::string>;

namespace {

// Serves one prompt as the server does and writes down how it went.
async::Task<void> serve(acp::Prompts& prompts, std::string name, Lines& log) {
    acp::Prompts::Entry entry(prompts, name);
    bool begins = co_await entry.turn_comes();
    if (!begins) {
        log.push_back(name + " cancelled early");
        co_return;
    }
    log.push_back(name + " runs");
    entry.runs_as("m" + name);
    Result<BusyStateChanged> end = co_await entry.end();
    log.push_back(name + " " + (end ? end->stop_reason : "stopped") +
                  (entry.is_cancelled() ? " cancelled" : ""));
}

async::Task<void> next_turn(async::Loop& loop) {
    std::chrono::milliseconds none(0);
    co_await async::sleep_for(loop, none);
}

BusyStateChanged ended(const std::string& message_id) {
    return {false, message_id, "end_turn", {}, {}};
}

async::Task<void> one_after_another(async::Loop& loop, Lines& log) {
    acp::Prompts prompts(loop);
    async::Scope scope;
    scope.spawn(serve(prompts, "a", log));
    scope.spawn(serve(prompts, "b", log));
    CHECK(prompts.is_running());
    CHECK(prompts.sent("ma"));
    CHECK(!prompts.sent("mb"));
    CHECK(!prompts.end(ended("mb")));
    CHECK(prompts.end(ended("ma")));
    co_await prompts.answered_before(1);
    co_await next_turn(loop);
    prompts.end(ended("mb"));
    co_await scope.join();
    CHECK(prompts.is_empty());
}

async::Task<void> cancel_some(async::Loop& loop, Lines& log) {
    acp::Prompts prompts(loop);
    async::Scope scope;
    scope.spawn(serve(prompts, "a", log));
    scope.spawn(serve(prompts, "b", log));
    std::int64_t before = prompts.next_number();
    scope.spawn(serve(prompts, "c", log));
    CHECK(prompts.cancel_before(before));
    prompts.end({false, "ma", "cancelled", {}, {}});
    co_await prompts.answered_before(before);
    co_await next_turn(loop);
    prompts.end(ended("mc"));
    co_await scope.join();
}

async::Task<void> withdraw_one(async::Loop& loop, Lines& log) {
    acp::Prompts prompts(loop);
    async::Scope scope;
    scope.spawn(serve(prompts, "a", log));
    scope.spawn(serve(prompts, "b", log));
    CHECK(!prompts.withdraw("z").exists);
    acp::Prompts::Withdrawn queued = prompts.withdraw("b");
    CHECK(queued.exists);
    CHECK(!queued.runs);
    co_await next_turn(loop);
    acp::Prompts::Withdrawn running = prompts.withdraw("a");
    CHECK(running.runs);
    prompts.end(ended("ma"));
    co_await scope.join();
}

async::Task<void> cancel_after_the_end(async::Loop& loop, Lines& log) {
    acp::Prompts prompts(loop);
    async::Scope scope;
    scope.spawn(serve(prompts, "a", log));
    prompts.end(ended("ma"));
    CHECK(!prompts.cancel_before(1));
    co_await scope.join();
}

Lines play(async::Task<void> (*script)(async::Loop&, Lines&)) {
    async::Loop loop;
    Lines log;
    loop.run(script(loop, log));
    return log;
}

}  // namespace

TEST_CASE("prompts run one after another in order of arrival") {
    CHECK(play(one_after_another) == Lines{"a runs", "a end_turn", "b runs", "b end_turn"});
}

TEST_CASE("a cancel hits the running prompt and those before it, none that come later") {
    CHECK(play(cancel_some) ==
          Lines{"a runs", "a cancelled cancelled", "b cancelled early", "c runs", "c end_turn"});
}

TEST_CASE("a prompt that is taken back alone does not wait for its turn") {
    CHECK(play(withdraw_one) == Lines{"a runs", "b cancelled early", "a end_turn cancelled"});
}

TEST_CASE("a prompt that has ended is not cancelled any more") {
    CHECK(play(cancel_after_the_end) == Lines{"a runs", "a end_turn"});
}
