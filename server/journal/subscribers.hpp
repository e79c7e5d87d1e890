// Who watches a journal. What is shown while something is being shown waits its turn, so that all
// see the same order. Internal to journal/. Loop thread.
#pragma once
#include <cstdint>
#include <deque>
#include <vector>

#include "journal/journal.hpp"

namespace thole {

class Subscribers {
public:
    void add(Subscriber& subscriber) { watchers_.push_back({&subscriber, shown_}); }
    void remove(Subscriber& subscriber);
    // An envelope without an id is a piece of streamed text.
    void show(Envelope envelope);

private:
    struct Watcher {
        Subscriber* subscriber;
        std::uint64_t since;  // sees what is shown after this
    };
    struct Shown {
        std::uint64_t number;
        Envelope envelope;
    };
    void deliver(const Shown& shown);

    std::vector<Watcher> watchers_;
    std::deque<Shown> waiting_;
    std::uint64_t shown_ = 0;
    bool is_showing_ = false;
};

}  // namespace thole
