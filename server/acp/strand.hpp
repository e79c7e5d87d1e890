// Requests about one session in order of arrival: each takes its place when it arrives and runs
// when those before it have let go. Owned by the seat of the session; loop thread.
#pragma once
#include <cassert>
#include <list>

#include "async/signal.hpp"

namespace thole::acp {

class Strand {
public:
    explicit Strand(async::Loop& loop) : loop_(loop) {}
    ~Strand() { assert(places_.empty() && "a Strand outlives its places"); }

    // To be made first thing in a handler, before it suspends.
    class Place {
    public:
        explicit Place(Strand& strand) : strand_(strand), changed_(strand.loop_) {
            strand_.places_.push_back(this);
        }
        ~Place() { let_go(); }
        Place(const Place&) = delete;
        Place& operator=(const Place&) = delete;

        // False: stopped before it came.
        async::Task<bool> comes() {
            while (strand_.places_.front() != this) {
                async::Wake wake = co_await changed_.wait();
                if (wake == async::Wake::stopped) co_return false;
            }
            co_return true;
        }
        void let_go() {
            if (std::exchange(has_left_, true)) return;
            strand_.places_.remove(this);
            if (!strand_.places_.empty()) strand_.places_.front()->changed_.notify();
        }

    private:
        Strand& strand_;
        async::Signal changed_;
        bool has_left_ = false;
    };
    bool is_empty() const { return places_.empty(); }

private:
    async::Loop& loop_;
    std::list<Place*> places_;
};

}  // namespace thole::acp
