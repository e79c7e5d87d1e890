#include "acp/prompts.hpp"

#include <algorithm>

namespace thole::acp {

namespace {
// A turn that does not end after its cancel is answered all the same.
constexpr std::chrono::seconds cancel_patience{4};
}  // namespace

Prompts::Entry::Entry(Prompts& prompts, std::string request_id)
    : prompts_(prompts),
      request_id_(std::move(request_id)),
      number_(prompts.next_number_++),
      changed_(prompts.loop_),
      ended_(prompts.loop_),
      patience_(prompts.loop_, [this] {
          ended_.set(BusyStateChanged{false, message_id_, "cancelled", {}, {}});
      }) {
    prompts_.entries_.push_back(this);
}

Prompts::Entry::~Entry() {
    prompts_.entries_.remove(this);
    if (!prompts_.entries_.empty()) prompts_.entries_.front()->changed_.notify();
    prompts_.answered_.wake_all();
}

async::Task<bool> Prompts::Entry::turn_comes() {
    while (prompts_.entries_.front() != this && !leaves_line_) {
        async::Wake wake = co_await changed_.wait();
        if (wake == async::Wake::stopped) co_return false;
    }
    co_return !is_cancelled_;
}

async::Task<Result<BusyStateChanged>> Prompts::Entry::end() {
    Result<BusyStateChanged> ended = co_await ended_.wait();
    co_return ended;
}

void Prompts::cancel(Entry& entry) {
    if (entry.has_ended_ || std::exchange(entry.is_cancelled_, true)) return;
    entry.changed_.notify();
    if (!entry.message_id_.empty()) entry.patience_.start(cancel_patience);
}

bool Prompts::cancel_before(std::int64_t number) {
    bool runs = false;
    for (Entry* entry : entries_) {
        if (entry->number_ >= number) break;
        cancel(*entry);
        runs = runs || (!entry->message_id_.empty() && !entry->has_ended_);
    }
    return runs;
}

void Prompts::cancel_waiting() {
    for (Entry* entry : entries_) {
        if (entry->message_id_.empty()) cancel(*entry);
    }
}

void Prompts::let_go() {
    for (Entry* entry : entries_) {
        if (entry->outlives_its_answer_) entry->has_ended_ = true;
    }
}

Prompts::Withdrawn Prompts::withdraw(const std::string& request_id) {
    for (Entry* entry : entries_) {
        if (entry->request_id_ != request_id) continue;
        entry->leaves_line_ = true;
        cancel(*entry);
        return {true, !entry->message_id_.empty() && !entry->has_ended_};
    }
    return {};
}

bool Prompts::end(const BusyStateChanged& change) {
    for (Entry* entry : entries_) {
        if (entry->message_id_.empty() || entry->message_id_ != change.message_id) continue;
        entry->has_ended_ = true;
        entry->patience_.stop();
        entry->ended_.set(change);
        return true;
    }
    return false;
}

bool Prompts::sent(const std::string& message_id) const {
    return std::any_of(entries_.begin(), entries_.end(),
                       [&](const Entry* entry) { return entry->message_id_ == message_id; });
}

bool Prompts::is_running() const {
    return std::any_of(entries_.begin(), entries_.end(), [](const Entry* entry) {
        return !entry->message_id_.empty() && !entry->has_ended_;
    });
}

async::Task<void> Prompts::answered_before(std::int64_t number) {
    while (!entries_.empty() && entries_.front()->number_ < number) {
        async::Wake wake = co_await answered_.wait();
        if (wake == async::Wake::stopped) co_return;
    }
}

}  // namespace thole::acp
