#include "async/channel.hpp"

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <vector>

using namespace thole::async;

namespace {

using Log = std::vector<std::string>;

Task<void> receive_all(Channel<int>& channel, Log& log) {
    while (true) {
        std::optional<int> value = co_await channel.receive();
        log.push_back(value ? "got " + std::to_string(*value) : "end");
        if (!value) co_return;
    }
}

Task<void> send_one(Channel<int>& channel, int value, Log& log) {
    bool sent = co_await channel.send(value);
    log.push_back((sent ? "sent " : "not sent ") + std::to_string(value));
}

Task<void> push_then_close(Loop& loop, Log& log) {
    Channel<int> channel(loop);
    Scope scope;
    channel.push(1);
    scope.spawn(receive_all(channel, log));
    channel.push(2);
    channel.push(3);
    CHECK(channel.size() == 2);
    channel.close();
    channel.push(4);
    CHECK(channel.is_closed());
    CHECK_FALSE(channel.is_empty());
    co_await scope.join();
    CHECK(channel.is_empty());
}

Task<void> stop_receiver(Loop& loop, Log& log) {
    Channel<int> channel(loop);
    Scope scope;
    scope.spawn(receive_all(channel, log));
    scope.request_stop();
    channel.push(7);
    co_await scope.join();
    channel.close();
    co_await receive_all(channel, log);
}

Task<void> wait_for_room(Loop& loop, Log& log) {
    Channel<int> channel(loop, 1);
    Scope senders;
    for (int value : {1, 2, 3}) senders.spawn(send_one(channel, value, log));
    CHECK(channel.size() == 1);
    Scope receiver;
    receiver.spawn(receive_all(channel, log));
    co_await senders.join();
    channel.close();
    co_await receiver.join();
}

Task<void> leave_senders(Loop& loop, Log& log) {
    Channel<int> channel(loop, 1);
    Scope stopped;
    Scope others;
    channel.push(0);
    stopped.spawn(send_one(channel, 1, log));
    others.spawn(send_one(channel, 2, log));
    stopped.request_stop();
    co_await stopped.join();
    channel.close();
    co_await others.join();
    co_await send_one(channel, 3, log);
    CHECK(channel.size() == 1);
}

// The sender that is given the room is stopped before it can use it: the next one gets it.
Task<void> pass_on_room(Loop& loop, Log& log) {
    Channel<int> channel(loop, 1);
    Scope stopped;
    Scope others;
    channel.push(0);
    stopped.spawn(send_one(channel, 1, log));
    others.spawn(send_one(channel, 2, log));
    std::optional<int> value = co_await channel.receive();
    CHECK(value == 0);
    stopped.request_stop();
    co_await stopped.join();
    co_await others.join();
}

Task<void> movable_only(Loop& loop, int& sum) {
    Channel<std::unique_ptr<int>> channel(loop);
    std::unique_ptr<int> one = std::make_unique<int>(1);
    bool sent = co_await channel.send(std::move(one));
    CHECK(sent);
    std::optional<std::unique_ptr<int>> got = co_await channel.receive();
    sum += **got;
}

Task<void> receive_many(Channel<int>& channel, long& sum) {
    std::optional<int> value = co_await channel.receive();
    while (value) {
        sum += *value;
        value = co_await channel.receive();
    }
}

Task<void> send_many(Loop& loop, long& sum) {
    Channel<int> channel(loop, 10);
    Scope scope;
    scope.spawn(receive_many(channel, sum));
    for (int i = 0; i < 100'000; ++i) {
        co_await channel.send(i);
    }
    channel.close();
    co_await scope.join();
}

}  // namespace

TEST_CASE("a channel gives what was pushed, in order, until it is closed and drained") {
    Log log;
    Loop loop;
    loop.run(push_then_close(loop, log));
    CHECK(log == Log{"got 1", "got 2", "got 3", "end"});
}

TEST_CASE("a stopped receiver leaves what arrived in the channel") {
    Log log;
    Loop loop;
    loop.run(stop_receiver(loop, log));
    CHECK(log == Log{"end", "got 7", "end"});
}

TEST_CASE("a bounded channel makes its senders wait, first come first served") {
    Log log;
    Loop loop;
    loop.run(wait_for_room(loop, log));
    CHECK(log == Log{"sent 1", "got 1", "sent 2", "got 2", "sent 3", "got 3", "end"});
}

TEST_CASE("a waiting sender is told of a stop and of a close") {
    Log log;
    Loop loop;
    loop.run(leave_senders(loop, log));
    CHECK(log == Log{"not sent 1", "not sent 2", "not sent 3"});
}

TEST_CASE("room that a stopped sender was given goes to the next") {
    Log log;
    Loop loop;
    loop.run(pass_on_room(loop, log));
    CHECK(log == Log{"not sent 1", "sent 2"});
}

TEST_CASE("a channel carries values that can only be moved") {
    int sum = 0;
    Loop loop;
    loop.run(movable_only(loop, sum));
    CHECK(sum == 1);
}

TEST_CASE("a bounded channel carries many values without loss") {
    long sum = 0;
    Loop loop;
    loop.run(send_many(loop, sum));
    CHECK(sum == 4'999'950'000L);
}
