#include "rpc/outbox.hpp"

#include "base/json_text.hpp"
#include "rpc/envelope.hpp"

namespace thole::rpc {

namespace {
// The writer holds at most this much and one line; the rest waits here, where it can be joined.
constexpr std::size_t in_flight_limit = 64 * 1024;
// Clients cap lines at 10 MiB.
constexpr std::size_t joined_limit = 1024 * 1024;
}  // namespace

void Outbox::line(std::string text) {
    add(Entry{std::move(text), {}, 0, nullptr});
}

void Outbox::piece(std::string_view head, std::string_view text, std::string_view tail) {
    if (!entries_.empty()) {
        Entry& last = entries_.back();
        bool same = last.tail && last.head == head.size() && *last.tail == tail &&
                    last.text.starts_with(head) && last.text.size() < joined_limit;
        if (same) {
            bytes_ -= last.text.size();
            append_escaped(last.text, text);
            bytes_ += last.text.size();
            return;
        }
    }
    if (!last_tail_ || *last_tail_ != tail) last_tail_ = std::make_shared<std::string>(tail);
    Entry entry{std::string(head), {}, head.size(), last_tail_};
    append_escaped(entry.text, text);
    add(std::move(entry));
}

void Outbox::latest(std::string key, std::string text) {
    for (Entry& entry : entries_) {
        if (entry.key != key) continue;
        bytes_ = bytes_ - entry.text.size() + text.size();
        entry.text = std::move(text);
        return;
    }
    add(Entry{std::move(text), std::move(key), 0, nullptr});
}

void Outbox::add(Entry entry) {
    if (writer_.is_broken()) return;
    bytes_ += entry.text.size();
    entries_.push_back(std::move(entry));
    changed_.notify();
}

void Outbox::write_some() {
    while (!entries_.empty() && writer_.queued_bytes() < in_flight_limit) {
        Entry entry = std::move(entries_.front());
        entries_.pop_front();
        bytes_ -= entry.text.size();
        if (entry.tail) entry.text += *entry.tail;
        entry.text += '\n';
        writer_.write(std::move(entry.text));
    }
}

async::Task<void> Outbox::pump() {
    while (true) {
        async::Wake wake = co_await changed_.wait();
        if (wake == async::Wake::stopped) co_return;
        write_some();
        while (!entries_.empty()) {
            bool drained = co_await writer_.drained();
            if (!drained) co_return;
            write_some();
        }
    }
}

async::Task<bool> Outbox::drained() {
    while (true) {
        write_some();
        bool drained = co_await writer_.drained();
        if (!drained) co_return false;
        if (entries_.empty()) co_return true;
    }
}

}  // namespace thole::rpc
