#include "async/poll.hpp"

#include <uv.h>

#include <algorithm>
#include <utility>

namespace thole::async {

// Freed by the close callback, so that a callback may destroy the Poller that called it.
struct Poller::Impl {
    uv_poll_t handle{};
    Callback ready;
    unsigned watched = 0;

    static void report(uv_poll_t* handle, int status, int events) {
        auto* self = static_cast<Impl*>(handle->data);
        unsigned set = 0;
        if ((events & UV_READABLE) != 0) set |= readable;
        if ((events & UV_WRITABLE) != 0) set |= writable;
        if (status < 0) {
            set = broken;
            self->watched = 0;
        }
        self->ready(set);
    }
};

std::unique_ptr<Poller> Poller::open(Loop& loop, int fd, Callback ready) {
    auto impl = std::make_unique<Impl>();
    if (uv_poll_init(loop.raw(), &impl->handle, fd) != 0) return nullptr;
    impl->handle.data = impl.get();
    impl->ready = std::move(ready);
    return std::unique_ptr<Poller>(new Poller(impl.release()));
}

Poller::~Poller() {
    uv_poll_stop(&impl_->handle);
    uv_close(reinterpret_cast<uv_handle_t*>(&impl_->handle),
             [](uv_handle_t* handle) { delete static_cast<Impl*>(handle->data); });
}

void Poller::watch(unsigned events) {
    if (events == impl_->watched) return;
    impl_->watched = events;
    if (events == 0) {
        uv_poll_stop(&impl_->handle);
        return;
    }
    int wanted =
        ((events & readable) != 0 ? UV_READABLE : 0) | ((events & writable) != 0 ? UV_WRITABLE : 0);
    uv_poll_start(&impl_->handle, wanted, Impl::report);
}

struct Timer::Impl {
    uv_timer_t handle{};
    std::function<void()> fired;
};

Timer::Timer(Loop& loop, std::function<void()> fired) : impl_(new Impl{{}, std::move(fired)}) {
    uv_timer_init(loop.raw(), &impl_->handle);
    impl_->handle.data = impl_;
}

Timer::~Timer() {
    uv_close(reinterpret_cast<uv_handle_t*>(&impl_->handle),
             [](uv_handle_t* handle) { delete static_cast<Impl*>(handle->data); });
}

// The loop's clock stands still within a turn; it is brought up to date so as not to fire early.
void Timer::start(std::chrono::milliseconds delay) {
    uv_update_time(impl_->handle.loop);
    auto milliseconds = static_cast<std::uint64_t>(std::max<std::int64_t>(delay.count(), 0));
    uv_timer_start(
        &impl_->handle, [](uv_timer_t* handle) { static_cast<Impl*>(handle->data)->fired(); },
        milliseconds, 0);
}

void Timer::stop() {
    uv_timer_stop(&impl_->handle);
}

}  // namespace thole::async
