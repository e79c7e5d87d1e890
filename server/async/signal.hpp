// Signal: how one part of the loop thread waits for another. notify() is remembered until somebody
// waits (one wait takes all notifications before it), and wakes the waiter on the loop's next turn,
// never inline. Line: the same for any number of waiters, first come first served.
// Owned by whoever waits or notifies; must outlive its waiters. Loop thread only.
// Not for other threads: those go through Loop::post_from_thread.
#pragma once
#include <cassert>
#include <coroutine>
#include <deque>
#include <optional>
#include <stop_token>

#include "async/loop.hpp"

namespace thole::async {

class Signal {
public:
    explicit Signal(Loop& loop) : loop_(loop) {}
    ~Signal() { assert(!waiting_ && "somebody still waits for this Signal"); }
    Signal(const Signal&) = delete;
    Signal& operator=(const Signal&) = delete;

    void notify();

    class Wait {
    public:
        Wait(Signal& signal, bool heeds_stop) : signal_(signal), heeds_stop_(heeds_stop) {}
        Wait(const Wait&) = delete;
        Wait& operator=(const Wait&) = delete;
        bool await_ready() const noexcept { return false; }
        template <class P>
        bool await_suspend(std::coroutine_handle<P> waiter) {
            return suspend(waiter, heeds_stop_ ? waiter.promise().stop : std::stop_token());
        }
        Wake await_resume();

    private:
        friend class Signal;
        struct Stopper {
            Wait* wait;
            void operator()() const { wait->wake(Wake::stopped); }
        };
        bool suspend(std::coroutine_handle<> waiter, std::stop_token stop);
        void wake(Wake reason);

        Signal& signal_;
        bool heeds_stop_;
        bool waking_ = false;
        Wake reason_ = Wake::done;
        std::coroutine_handle<> waiter_;
        std::optional<std::stop_callback<Stopper>> stop_;
    };

    // `Wake wake = co_await signal.wait();`: done at a notification, stopped at a stop (which wins
    // when both hold). One waiter at a time.
    Wait wait() { return Wait(*this, true); }

    // The same, but a stop does not end it: for cleaning up after one.
    Wait wait_despite_stop() { return Wait(*this, false); }

private:
    Loop& loop_;
    Wait* waiting_ = nullptr;
    bool notified_ = false;
};

// Waiters in a row. A wake that finds nobody is forgotten, so wait only after looking at the state
// that one waits for, and look again afterwards.
class Line {
public:
    explicit Line(Loop& loop) : loop_(loop) {}
    ~Line() { assert(waiting_.empty() && "somebody still waits in this Line"); }
    Line(const Line&) = delete;
    Line& operator=(const Line&) = delete;

    Task<Wake> wait();
    void wake_first();
    void wake_all();

private:
    Loop& loop_;
    std::deque<Signal*> waiting_;
};

}  // namespace thole::async
