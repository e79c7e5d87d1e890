// Channel<T>: a queue from any number of senders to one receiver, on the loop thread.
// push() never waits (for senders that are not coroutines); send() waits for room when a capacity
// was given. The receiver is woken on the loop's next turn, never inside push(). Nothing is lost at
// a stop: what was not received stays in the channel.
#pragma once
#include <cstddef>
#include <deque>
#include <limits>
#include <optional>
#include <utility>

#include "async/signal.hpp"

namespace thole::async {

template <class T>
class Channel {
public:
    static constexpr std::size_t unbounded = std::numeric_limits<std::size_t>::max();

    explicit Channel(Loop& loop, std::size_t capacity = unbounded)
        : capacity_(capacity), arrived_(loop), room_(loop) {}

    // Adds a value, beyond the capacity too; dropped when the channel is closed.
    void push(T value) {
        if (closed_) return;
        queue_.push_back(std::move(value));
        arrived_.notify();
    }

    // Waits until there is room, then adds. False: closed or stopped, and the value is dropped.
    Task<bool> send(T value) {
        std::stop_token stop = co_await current_stop();
        while (!closed_ && !stop.stop_requested() && queue_.size() >= capacity_) {
            co_await room_.wait();
        }
        if (closed_ || stop.stop_requested()) {
            room_.wake_first();
            co_return false;
        }
        push(std::move(value));
        co_return true;
    }

    // The next value; nullopt when the channel is closed and drained, or the task is stopped.
    Task<std::optional<T>> receive() {
        while (queue_.empty() && !closed_) {
            Wake wake = co_await arrived_.wait();
            if (wake == Wake::stopped) co_return std::nullopt;
        }
        if (queue_.empty()) co_return std::nullopt;
        std::optional<T> value(std::move(queue_.front()));
        queue_.pop_front();
        room_.wake_first();
        co_return value;
    }

    // No more values; those inside can still be received. Waiting senders get false.
    void close() {
        closed_ = true;
        arrived_.notify();
        room_.wake_all();
    }
    bool is_closed() const { return closed_; }
    bool is_empty() const { return queue_.empty(); }
    std::size_t size() const { return queue_.size(); }

private:
    std::size_t capacity_;
    bool closed_ = false;
    std::deque<T> queue_;
    Signal arrived_;
    Line room_;
};

}  // namespace thole::async
