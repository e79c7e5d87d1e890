#include "async/sleep.hpp"

#include "async/poll.hpp"
#include "async/signal.hpp"

namespace thole::async {

Task<Wake> sleep_for(Loop& loop, std::chrono::milliseconds delay) {
    Signal awake(loop);
    Timer timer(loop, [&awake] { awake.notify(); });
    timer.start(delay);
    Wake wake = co_await awake.wait();
    co_return wake;
}

}  // namespace thole::async
