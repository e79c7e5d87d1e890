#include "async/loop.hpp"

#include <uv.h>

#include <cassert>
#include <exception>
#include <mutex>
#include <utility>

#include "async/confinement.hpp"

namespace thole::async {

namespace {

using Actions = std::vector<std::function<void()>>;

// Runs what `queue` holds now; what the actions add waits for the next time.
void run_all(Actions& queue, Actions& running) {
    running.swap(queue);
    for (auto& action : running) action();
    running.clear();
}

struct Root {
    uv_loop_t* loop;
    bool has_ended = false;
    std::exception_ptr thrown;
};

Task<void> run_root(Task<void> task, Root& root) {
    try {
        co_await task;
    } catch (...) {
        root.thrown = std::current_exception();
    }
    root.has_ended = true;
    uv_stop(root.loop);
}

}  // namespace

// The idle handle is active only while something is posted: it makes the loop turn without
// blocking, and costs nothing when the queue is empty.
struct Loop::Impl {
    uv_loop_t uv{};
    uv_idle_t idle{};
    uv_async_t from_thread{};
    Actions posted;
    Actions running;
    std::mutex mutex;
    Actions posted_by_threads;  // guarded by mutex
    bool is_running = false;
    std::vector<int> children;
    Confinement confinement;

    explicit Impl(Loop& loop) : confinement(loop) {}
    void drain() {
        run_all(posted, running);
        if (posted.empty()) uv_idle_stop(&idle);
    }
    void drain_threads() {
        Actions arrived;
        {
            std::lock_guard lock(mutex);
            arrived.swap(posted_by_threads);
        }
        for (auto& action : arrived) action();
    }
};

Loop::Loop() : impl_(std::make_unique<Impl>(*this)) {
    uv_loop_init(&impl_->uv);
    uv_idle_init(&impl_->uv, &impl_->idle);
    impl_->idle.data = impl_.get();
    uv_async_init(&impl_->uv, &impl_->from_thread,
                  [](uv_async_t* handle) { static_cast<Impl*>(handle->data)->drain_threads(); });
    impl_->from_thread.data = impl_.get();
    uv_unref(reinterpret_cast<uv_handle_t*>(&impl_->from_thread));
}

Loop::~Loop() {
    uv_close(reinterpret_cast<uv_handle_t*>(&impl_->idle), nullptr);
    uv_close(reinterpret_cast<uv_handle_t*>(&impl_->from_thread), nullptr);
    // Close callbacks need a turn each; a handle that is still open would keep it alive for ever.
    for (int turn = 0; turn < 16 && uv_loop_alive(&impl_->uv) != 0; ++turn) {
        uv_run(&impl_->uv, UV_RUN_NOWAIT);
    }
    int closed = uv_loop_close(&impl_->uv);
    assert(closed == 0 && "a handle outlived the Loop");
    (void)closed;
}

// The handle for threads is counted while a root runs, so that the loop waits for a thread's post
// even when it has nothing else to wait for.
void Loop::run(Task<void> task) {
    assert(!impl_->is_running);
    impl_->is_running = true;
    Root root{&impl_->uv, false, {}};
    Scope scope;
    scope.spawn(run_root(std::move(task), root));
    auto* keeper = reinterpret_cast<uv_handle_t*>(&impl_->from_thread);
    uv_ref(keeper);
    while (!root.has_ended) uv_run(&impl_->uv, UV_RUN_DEFAULT);
    uv_unref(keeper);
    impl_->is_running = false;
    if (root.thrown) std::rethrow_exception(root.thrown);
}

void Loop::post(std::function<void()> action) {
    if (impl_->posted.empty()) {
        uv_idle_start(&impl_->idle,
                      [](uv_idle_t* handle) { static_cast<Impl*>(handle->data)->drain(); });
    }
    impl_->posted.push_back(std::move(action));
}

void Loop::post_from_thread(std::function<void()> action) {
    std::lock_guard lock(impl_->mutex);
    impl_->posted_by_threads.push_back(std::move(action));
    uv_async_send(&impl_->from_thread);
}

std::vector<int>& Loop::children() {
    return impl_->children;
}

Confinement& Loop::confinement() {
    return impl_->confinement;
}

uv_loop_s* Loop::raw() {
    return &impl_->uv;
}

}  // namespace thole::async
