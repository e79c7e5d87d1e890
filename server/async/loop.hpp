// The event loop: one libuv loop, one thread, that owns all state of the process. The only way from
// the synchronous world (main, tests) into the asynchronous one is run().
#pragma once
#include <functional>
#include <memory>
#include <vector>

#include "async/scope.hpp"
#include "async/task.hpp"

struct uv_loop_s;

namespace thole::async {

class Confinement;  // async/confinement.hpp

enum class Wake { done, stopped };

class Loop {
public:
    Loop();
    ~Loop();
    Loop(const Loop&) = delete;
    Loop& operator=(const Loop&) = delete;

    // Runs one task to its end, and with it everything that it waits for. Rethrows what it throws.
    void run(Task<void> root);

    // Calls `action` on the loop's next turn, never inline, in order of posting. Loop thread only.
    // This is how anything that another part waits for wakes it, so that no caller is re-entered.
    void post(std::function<void()> action);

    // The same from any thread.
    void post_from_thread(std::function<void()> action);

    // The child processes that somebody here waits for. A child that is not among them is an orphan
    // of a killed supervisor (process.hpp), and is killed: whoever starts one by itself adds it.
    std::vector<int>& children();

    // Whether programs can be kept from writing here; nothing is tried before somebody asks it.
    Confinement& confinement();

    uv_loop_s* raw();

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

// Waits on the loop's clock. `Wake w = co_await sleep_for(loop, delay);`; a stop wakes it early.
// (Declared in async/sleep.hpp.)

}  // namespace thole::async
