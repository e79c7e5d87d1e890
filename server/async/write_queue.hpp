// Bytes on their way out of one descriptor that it owns: written at once as far as the peer takes
// them, the rest when it takes more. FdWriter and the stdin of a Process are made of it. Loop
// thread only. SIGPIPE must be ignored.
#pragma once
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <string>

#include "async/descriptor.hpp"
#include "async/poll.hpp"

namespace thole::async {

class WriteQueue {
public:
    // `settled` is called when a queue that had to wait is empty, and when the peer is gone.
    WriteQueue(Loop& loop, Descriptor out, std::function<void()> settled);
    WriteQueue(const WriteQueue&) = delete;
    WriteQueue& operator=(const WriteQueue&) = delete;

    void write(std::string text);
    // Closes the descriptor after what is queued; later writes are dropped.
    void close();
    std::size_t bytes() const { return bytes_; }
    bool is_broken() const { return is_broken_; }

private:
    void enqueue(std::string text);
    void flush();
    void drop(std::size_t written);
    void fail();
    void settle();

    Descriptor out_;
    std::unique_ptr<Poller> poller_;  // null: a descriptor that never makes one wait
    std::function<void()> settled_;
    std::deque<std::string> pieces_;
    std::size_t front_offset_ = 0;  // of the first piece: what was written of it
    std::size_t bytes_ = 0;
    bool is_broken_ = false;
    bool is_closing_ = false;
};

}  // namespace thole::async
