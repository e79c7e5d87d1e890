// Work that must reach its end although the task that awaits it has been stopped: closing a
// session, the last sync of a journal.
#pragma once
#include "async/scope.hpp"

namespace thole::async {

// Runs `task` under a token of its own, which nobody stops.
inline Task<void> shielded(Task<void> task) {
    Scope scope;
    scope.spawn(std::move(task));
    co_await scope.join();
}

}  // namespace thole::async
