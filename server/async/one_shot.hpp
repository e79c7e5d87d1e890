// OneShot<T>: a value that arrives once: the answer to a request, an approval. The first set wins.
// Owned by the task that waits; whoever sets it holds a reference and must let go before the owner
// ends. Loop thread only. The waiter is woken on the loop's next turn, never inside set().
#pragma once
#include <optional>
#include <utility>

#include "async/signal.hpp"
#include "base/result.hpp"

namespace thole::async {

template <class T>
class OneShot {
public:
    explicit OneShot(Loop& loop) : changed_(loop) {}

    // False, with no effect, when it was set before.
    bool set(T value) {
        if (is_set_) return false;
        is_set_ = true;
        value_.emplace(std::move(value));
        changed_.notify();
        return true;
    }
    bool is_set() const { return is_set_; }

    // The value, or Error{cancelled} when the waiting task is stopped before it came. May be called
    // again after a cancelled wait; the value is given once.
    Task<Result<T>> wait() {
        while (!value_) {
            Wake wake = co_await changed_.wait();
            if (wake == Wake::stopped && !value_) co_return cancelled();
        }
        Result<T> given(std::move(*value_));
        value_.reset();
        co_return given;
    }

private:
    Signal changed_;
    bool is_set_ = false;
    std::optional<T> value_;
};

}  // namespace thole::async
