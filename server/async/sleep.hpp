// Waiting for time to pass, on the loop's clock. Holds no thread and ticks no timer meanwhile.
#pragma once
#include <chrono>

#include "async/loop.hpp"

namespace thole::async {

// `Wake wake = co_await sleep_for(loop, delay);`: done after `delay`, stopped as soon as the task
// is stopped. A delay of zero or less gives the rest of the loop one turn.
Task<Wake> sleep_for(Loop& loop, std::chrono::milliseconds delay);

}  // namespace thole::async
