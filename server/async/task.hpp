// Task<T>: a lazy coroutine on the loop thread. It starts when it is awaited, runs to its end
// always, and gives its value (or rethrows) to its one awaiter. A std::stop_token flows down with
// each await. Rules for writing coroutines (each was a crash of g++ 12) are in
// docs/architecture.md.
#pragma once
#include <coroutine>
#include <exception>
#include <optional>
#include <stop_token>
#include <utility>

namespace thole::async {

namespace detail {

struct PromiseBase {
    std::stop_token stop;                  // of whoever awaits us
    std::coroutine_handle<> continuation;  // set only when the task did not finish at once
    std::exception_ptr thrown;

    struct Final {
        bool await_ready() noexcept { return false; }
        template <class P>
        void await_suspend(std::coroutine_handle<P> self) noexcept {
            if (auto next = self.promise().continuation) next.resume();
        }
        void await_resume() noexcept {}
    };
    std::suspend_always initial_suspend() noexcept { return {}; }
    Final final_suspend() noexcept { return {}; }
    void unhandled_exception() noexcept { thrown = std::current_exception(); }
};

template <class T>
struct Promise : PromiseBase {
    std::optional<T> value;
    template <class U>
    void return_value(U&& result) {
        value.emplace(std::forward<U>(result));
    }
    T take() {
        if (thrown) std::rethrow_exception(thrown);
        return std::move(*value);
    }
};

template <>
struct Promise<void> : PromiseBase {
    void return_void() noexcept {}
    void take() {
        if (thrown) std::rethrow_exception(thrown);
    }
};

}  // namespace detail

template <class T = void>
class [[nodiscard]] Task {
public:
    struct promise_type : detail::Promise<T> {
        Task get_return_object() { return Task(Handle::from_promise(*this)); }
    };
    using Handle = std::coroutine_handle<promise_type>;

    Task(Task&& other) noexcept : handle_(std::exchange(other.handle_, {})) {}
    Task& operator=(Task&&) = delete;
    ~Task() {
        if (handle_) handle_.destroy();
    }

    bool await_ready() const noexcept { return false; }
    // Runs the task inside the awaiter's own suspension. When it finishes at once the awaiter does
    // not suspend, so a loop of ready awaits uses no stack even where there are no tail calls.
    template <class P>
    bool await_suspend(std::coroutine_handle<P> parent) {
        handle_.promise().stop = parent.promise().stop;
        handle_.resume();
        if (handle_.done()) return false;
        handle_.promise().continuation = parent;
        return true;
    }
    T await_resume() { return handle_.promise().take(); }

private:
    explicit Task(Handle handle) : handle_(handle) {}
    Handle handle_;
};

// `std::stop_token stop = co_await current_stop();`: the token that the coroutine runs under.
class CurrentStop {
public:
    bool await_ready() const noexcept { return false; }
    template <class P>
    bool await_suspend(std::coroutine_handle<P> self) {
        token_ = self.promise().stop;
        return false;
    }
    std::stop_token await_resume() { return std::move(token_); }

private:
    std::stop_token token_;
};
inline CurrentStop current_stop() {
    return {};
}

}  // namespace thole::async
