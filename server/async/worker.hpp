// Blocking work (file trees, fsync, git) on libuv's pool of 4 threads, which is shared: short jobs
// only. Takes values, gives a value; the job must not touch anything that the loop thread owns.
#pragma once
#include <exception>
#include <functional>
#include <optional>
#include <type_traits>
#include <utility>

#include "async/loop.hpp"

namespace thole::async {

// Runs `job` on the pool and resumes on the loop after it has returned, stopped or not.
class PoolRun {
public:
    PoolRun(Loop& loop, std::function<void()>& job) : loop_(loop), job_(job) {}
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> waiter);
    void await_resume() const noexcept {}

private:
    Loop& loop_;
    std::function<void()>& job_;
};

namespace detail {

// void cannot be kept: a bool stands for it.
template <class T>
using Kept = std::conditional_t<std::is_void_v<T>, bool, T>;

template <class F>
auto kept_result(F& work, const std::stop_token& stop)
    -> Kept<std::invoke_result_t<F&, std::stop_token>> {
    if constexpr (std::is_void_v<std::invoke_result_t<F&, std::stop_token>>) {
        work(stop);
        return true;
    } else {
        return work(stop);
    }
}

}  // namespace detail

// `auto value = co_await on_worker(loop, work);` where `work` is a named callable that takes a
// std::stop_token and returns any movable value or void. The awaiter is resumed only after the work
// has returned: on a stop the work sees its token and should return early. Rethrows what it throws.
template <class F>
auto on_worker(Loop& loop, F work) -> Task<std::invoke_result_t<F&, std::stop_token>> {
    using T = std::invoke_result_t<F&, std::stop_token>;
    std::stop_token stop = co_await current_stop();
    std::exception_ptr thrown;
    std::optional<detail::Kept<T>> value;
    std::function<void()> job = [&] {
        try {
            value.emplace(detail::kept_result(work, stop));
        } catch (...) {
            thrown = std::current_exception();
        }
    };
    co_await PoolRun(loop, job);
    if (thrown) std::rethrow_exception(thrown);
    if constexpr (!std::is_void_v<T>) co_return std::move(*value);
}

}  // namespace thole::async
