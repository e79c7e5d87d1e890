// The prompts of one session that this connection has sent and that are not answered yet, in order
// of arrival. One runs at a time; the others wait for it. A cancel hits all that have arrived
// before it. Owned by the seat of the session; loop thread.
#pragma once
#include <list>
#include <string>

#include "async/one_shot.hpp"
#include "async/poll.hpp"
#include "async/signal.hpp"
#include "journal/event.hpp"

namespace thole::acp {

class Prompts {
public:
    explicit Prompts(async::Loop& loop) : loop_(loop), answered_(loop) {}

    // One prompt, from its arrival to its answer; lives in the coroutine that serves the request.
    class Entry {
    public:
        Entry(Prompts& prompts, std::string request_id);
        ~Entry();
        Entry(const Entry&) = delete;
        Entry& operator=(const Entry&) = delete;

        // Waits until all earlier ones are answered. False: cancelled meanwhile.
        async::Task<bool> turn_comes();
        // It has been submitted under this id.
        void runs_as(std::string message_id) { message_id_ = std::move(message_id); }
        // Waits for its BusyStateChanged. Error: cancelled (the connection ends).
        async::Task<Result<BusyStateChanged>> end();
        bool is_cancelled() const { return is_cancelled_; }
        // Its request is answered before its turn ends.
        void outlives_its_answer() { outlives_its_answer_ = true; }

    private:
        friend class Prompts;

        Prompts& prompts_;
        std::string request_id_, message_id_;
        std::int64_t number_;
        bool is_cancelled_ = false;
        bool has_ended_ = false;
        bool outlives_its_answer_ = false;
        bool leaves_line_ = false;  // withdrawn by itself: need not wait for its turn
        async::Signal changed_;
        async::OneShot<BusyStateChanged> ended_;
        async::Timer patience_;
    };

    // Prompts that arrive from now on have this number or a higher one.
    std::int64_t next_number() const { return next_number_; }
    // Marks all with a lower number; true when one of them runs and has to be stopped.
    bool cancel_before(std::int64_t number);
    // Marks those that have not been submitted yet.
    void cancel_waiting();
    // The client has gone: the turns of those whose requests are answered are no longer its own.
    void let_go();
    // The one with this request id (JSON text). Gives whether there is one, and whether it runs.
    struct Withdrawn {
        bool exists = false;
        bool runs = false;
    };
    Withdrawn withdraw(const std::string& request_id);

    // A turn has ended; false: it was none of these.
    bool end(const BusyStateChanged& change);
    bool sent(const std::string& message_id) const;
    bool is_running() const;
    bool is_empty() const { return entries_.empty(); }

    // Waits until those with a lower number are answered.
    async::Task<void> answered_before(std::int64_t number);

private:
    void cancel(Entry& entry);

    async::Loop& loop_;
    std::list<Entry*> entries_;
    std::int64_t next_number_ = 0;
    async::Line answered_;
};

}  // namespace thole::acp
