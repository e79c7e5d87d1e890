#include "async/worker.hpp"

#include <uv.h>

#include <memory>

namespace thole::async {

namespace {

struct Work {
    uv_work_t request{};
    std::function<void()>* job = nullptr;
    std::coroutine_handle<> waiter;
};

void run_job(uv_work_t* request) {
    (*static_cast<Work*>(request->data)->job)();
}

void resume_waiter(uv_work_t* request, int) {
    std::unique_ptr<Work> work(static_cast<Work*>(request->data));
    std::coroutine_handle<> waiter = work->waiter;
    work.reset();
    waiter.resume();
}

}  // namespace

void PoolRun::await_suspend(std::coroutine_handle<> waiter) {
    auto* work = new Work{{}, &job_, waiter};
    work->request.data = work;
    uv_queue_work(loop_.raw(), &work->request, run_job, resume_waiter);
}

}  // namespace thole::async
