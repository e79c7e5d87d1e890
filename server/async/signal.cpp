#include "async/signal.hpp"

#include <algorithm>
#include <utility>

namespace thole::async {

// A waiter that a stop is already waking does not see this one: it is kept for the next wait.
void Signal::notify() {
    if (waiting_ && !waiting_->waking_) {
        waiting_->wake(Wake::done);
    } else if (!waiting_ || waiting_->reason_ == Wake::stopped) {
        notified_ = true;
    }
}

bool Signal::Wait::suspend(std::coroutine_handle<> waiter, std::stop_token stop) {
    if (stop.stop_requested()) {
        reason_ = Wake::stopped;
        return false;
    }
    if (std::exchange(signal_.notified_, false)) return false;
    assert(!signal_.waiting_ && "one waiter at a time");
    signal_.waiting_ = this;
    waiter_ = waiter;
    stop_.emplace(std::move(stop), Stopper{this});
    return true;
}

void Signal::Wait::wake(Wake reason) {
    if (std::exchange(waking_, true)) return;
    reason_ = reason;
    signal_.loop_.post([this] { waiter_.resume(); });
}

Wake Signal::Wait::await_resume() {
    stop_.reset();
    if (signal_.waiting_ == this) signal_.waiting_ = nullptr;
    return reason_;
}

Task<Wake> Line::wait() {
    Signal turn(loop_);
    waiting_.push_back(&turn);
    Wake wake = co_await turn.wait();
    auto place = std::find(waiting_.begin(), waiting_.end(), &turn);
    if (place != waiting_.end()) waiting_.erase(place);
    co_return wake;
}

void Line::wake_first() {
    if (waiting_.empty()) return;
    Signal* first = waiting_.front();
    waiting_.pop_front();
    first->notify();
}

void Line::wake_all() {
    while (!waiting_.empty()) wake_first();
}

}  // namespace thole::async
