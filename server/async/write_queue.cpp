#include "async/write_queue.hpp"

#include <sys/uio.h>

#include <array>
#include <cerrno>
#include <utility>

namespace thole::async {

namespace {

constexpr std::size_t merged_piece = 64U << 10U;  // small writes are joined up to this size
constexpr std::size_t pieces_at_once = 32;

bool would_block(int error) {
    return error == EAGAIN || error == EWOULDBLOCK;
}

}  // namespace

WriteQueue::WriteQueue(Loop& loop, Descriptor out, std::function<void()> settled)
    : out_(std::move(out)),
      poller_(Poller::open(loop, out_.fd(), [this](unsigned) { flush(); })),
      settled_(std::move(settled)) {}

void WriteQueue::write(std::string text) {
    if (is_broken_ || is_closing_ || text.empty()) return;
    bool must_wait = bytes_ > 0;
    enqueue(std::move(text));
    if (!must_wait) flush();
}

void WriteQueue::enqueue(std::string text) {
    bytes_ += text.size();
    if (!pieces_.empty() && pieces_.back().size() + text.size() <= merged_piece) {
        pieces_.back() += text;
    } else {
        pieces_.push_back(std::move(text));
    }
}

void WriteQueue::flush() {
    while (bytes_ > 0) {
        std::array<iovec, pieces_at_once> parts{};
        std::size_t count = 0;
        for (auto& piece : pieces_) {
            if (count == parts.size()) break;
            std::size_t skip = count == 0 ? front_offset_ : 0;
            parts[count++] = {piece.data() + skip, piece.size() - skip};
        }
        ssize_t written = ::writev(out_.fd(), parts.data(), static_cast<int>(count));
        if (written < 0 && errno == EINTR) continue;
        if (written < 0 && would_block(errno) && poller_) return poller_->watch(Poller::writable);
        if (written < 0) return fail();
        drop(static_cast<std::size_t>(written));
    }
    settle();
}

void WriteQueue::drop(std::size_t written) {
    bytes_ -= written;
    written += front_offset_;
    while (!pieces_.empty() && written >= pieces_.front().size()) {
        written -= pieces_.front().size();
        pieces_.pop_front();
    }
    front_offset_ = written;
}

void WriteQueue::fail() {
    is_broken_ = true;
    pieces_.clear();
    front_offset_ = 0;
    bytes_ = 0;
    settle();
}

void WriteQueue::settle() {
    if (is_closing_) {
        poller_.reset();
        out_.reset();
    } else if (poller_) {
        poller_->watch(0);
    }
    settled_();
}

void WriteQueue::close() {
    is_closing_ = true;
    if (bytes_ == 0) settle();
}

}  // namespace thole::async
