// Scope: a set of tasks that cannot outlive the block that owns it. Whoever makes a Scope joins it
// before it is destroyed; there is no detach. Stopping the scope (or its parent's token) stops
// every task in it; a task that throws stops the others, and join() rethrows the first exception.
#pragma once
#include <cassert>
#include <cstddef>

#include "async/task.hpp"

namespace thole::async {

class Scope {
public:
    explicit Scope(std::stop_token parent = {}) : link_(std::move(parent), Stopper{this}) {}
    ~Scope() { assert(live_ == 0 && "a Scope must be joined"); }
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;

    // Starts the task now; it runs until its first suspension before spawn returns.
    void spawn(Task<void> task) {
        ++live_;
        run(this, std::move(task), stop_.get_token());
    }
    void request_stop() { stop_.request_stop(); }
    std::stop_token token() const { return stop_.get_token(); }
    std::size_t live() const { return live_; }

    class Join {
    public:
        explicit Join(Scope* scope) : scope_(scope) {}
        bool await_ready() const noexcept { return scope_->live_ == 0; }
        void await_suspend(std::coroutine_handle<> waiter) { scope_->joiner_ = waiter; }
        void await_resume() const {
            if (scope_->thrown_) std::rethrow_exception(std::exchange(scope_->thrown_, {}));
        }

    private:
        Scope* scope_;
    };
    // Awaits the end of all tasks, also of those spawned while it waits. One joiner at a time.
    Join join() { return Join(this); }

private:
    struct Stopper {
        Scope* scope;
        void operator()() const { scope->stop_.request_stop(); }
    };
    struct Runner {
        struct promise_type {
            std::stop_token stop;
            promise_type(Scope*, Task<void>&, std::stop_token token) : stop(std::move(token)) {}
            Runner get_return_object() { return {}; }
            std::suspend_never initial_suspend() noexcept { return {}; }
            std::suspend_never final_suspend() noexcept { return {}; }
            void return_void() noexcept {}
            void unhandled_exception() noexcept { std::terminate(); }
        };
    };
    static Runner run(Scope* scope, Task<void> task, std::stop_token) {
        try {
            co_await task;
        } catch (...) {
            scope->failed(std::current_exception());
        }
        scope->ended();
    }
    void failed(std::exception_ptr thrown) {
        if (!thrown_) thrown_ = std::move(thrown);
        stop_.request_stop();
    }
    void ended() {
        if (--live_ == 0 && joiner_) std::exchange(joiner_, {}).resume();
    }

    std::stop_source stop_;
    std::stop_callback<Stopper> link_;
    std::size_t live_ = 0;
    std::coroutine_handle<> joiner_;
    std::exception_ptr thrown_;
};

}  // namespace thole::async
