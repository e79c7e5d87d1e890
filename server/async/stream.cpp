#include "async/stream.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "async/descriptor.hpp"
#include "async/poll.hpp"
#include "async/signal.hpp"
#include "async/write_queue.hpp"

namespace thole::async {

namespace {

// Opening the master side of a pseudo-terminal again would make a new terminal.
bool can_be_reopened(int fd) {
    struct stat status {};
    if (::fstat(fd, &status) != 0) return false;
    if (S_ISFIFO(status.st_mode)) return true;
    char name[64];
    return ::isatty(fd) == 1 && ::ptsname_r(fd, name, sizeof name) != 0;
}

// A descriptor of our own for the same pipe, terminal, socket or file. Non-blocking mode belongs to
// the open file, which the process that started us may share: hence a new one where there can be.
Descriptor own(int fd, int access) {
    if (can_be_reopened(fd)) {
        std::string path = "/proc/self/fd/" + std::to_string(fd);
        int opened = ::open(path.c_str(), access | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
        if (opened >= 0) return Descriptor(opened);
    }
    return Descriptor(::fcntl(fd, F_DUPFD_CLOEXEC, 3));
}

using MaybeLine = std::optional<Result<std::string>>;

}  // namespace

struct LineReader::Impl {
    Impl(Loop& loop, int fd, std::size_t longest)
        : max_line(longest),
          in(own(fd, O_RDONLY)),
          readable(loop),
          poller(Poller::open(loop, in.fd(), [this](unsigned) { on_readable(); })) {}

    // A line, or an error, that is complete in the buffer.
    MaybeLine take();
    MaybeLine take_last();
    // Reads once; false when that would block.
    bool fill();
    // A peer that never pauses must not keep the loop to itself: every 16th read is polled for.
    bool gives_way() { return poller && ++fills_ % 16 == 0; }

    std::size_t max_line;
    bool has_ended = false;
    bool is_waited_for = false;

    Descriptor in;
    Signal readable;
    std::unique_ptr<Poller> poller;  // null: a file

private:
    void on_readable();
    std::string cut(std::size_t length);
    Error too_long() const;

    std::string buffer_;
    std::size_t head_ = 0;     // start of the next line in the buffer
    std::size_t scanned_ = 0;  // no line end between head_ and here
    bool is_skipping_ = false;
    unsigned fills_ = 0;
    std::optional<Error> failure_;
    std::array<char, 64U << 10U> chunk_;
};

// Polling stays on between lines, and goes off when nobody came back for what is already there.
void LineReader::Impl::on_readable() {
    if (is_waited_for) {
        readable.notify();
    } else {
        poller->watch(0);
    }
}

Error LineReader::Impl::too_long() const {
    return fail(Code::too_large, "a line of input is longer than " + std::to_string(max_line) +
                                     " bytes and was skipped; send smaller messages");
}

MaybeLine LineReader::Impl::take() {
    while (head_ < buffer_.size()) {
        std::size_t end = buffer_.find('\n', scanned_);
        if (end == std::string::npos) break;
        std::size_t length = end - head_;
        if (length > 0 && buffer_[end - 1] == '\r') --length;
        if (!std::exchange(is_skipping_, false)) {
            bool fits = length <= max_line;
            MaybeLine line = fits ? MaybeLine(cut(length)) : MaybeLine(too_long());
            head_ = scanned_ = std::min(end + 1, buffer_.size());
            return line;
        }
        head_ = scanned_ = end + 1;
    }
    scanned_ = buffer_.size();
    bool is_over = scanned_ - head_ > max_line + 1;
    if (is_skipping_ || is_over || head_ == scanned_) {
        buffer_.clear();
        head_ = scanned_ = 0;
    }
    if (is_skipping_ || !is_over) return std::nullopt;
    is_skipping_ = true;
    return too_long();
}

// The buffer itself becomes the line when it holds one long line and nothing else.
std::string LineReader::Impl::cut(std::size_t length) {
    if (head_ > 0 || length < chunk_.size() || length + 2 < buffer_.size()) {
        return buffer_.substr(head_, length);
    }
    std::string line = std::exchange(buffer_, {});
    line.resize(length);
    return line;
}

MaybeLine LineReader::Impl::take_last() {
    if (failure_) return *std::exchange(failure_, std::nullopt);
    if (head_ == buffer_.size()) return std::nullopt;
    buffer_.push_back('\n');
    return take();
}

bool LineReader::Impl::fill() {
    ssize_t count = ::read(in.fd(), chunk_.data(), chunk_.size());
    if (count < 0 && errno == EINTR) return true;
    if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK) && poller) return false;
    if (count <= 0) {
        has_ended = true;
        // EIO is how a terminal says that it was hung up.
        if (count < 0 && errno != EIO) {
            failure_ = fail(Code::io, std::string("cannot read input: ") + strerror(errno));
        }
        return true;
    }
    if (head_ > 0) {
        buffer_.erase(0, head_);
        scanned_ -= head_;
        head_ = 0;
    }
    buffer_.append(chunk_.data(), static_cast<std::size_t>(count));
    return true;
}

LineReader::LineReader(Loop& loop, int fd, std::size_t max_line)
    : impl_(std::make_unique<Impl>(loop, fd, max_line)) {}
LineReader::~LineReader() = default;

Task<std::optional<Result<std::string>>> LineReader::next() {
    std::stop_token stop = co_await current_stop();
    while (!stop.stop_requested()) {
        MaybeLine line = impl_->take();
        if (!line && impl_->has_ended) line = impl_->take_last();
        if (line || impl_->has_ended) co_return std::move(line);
        bool has_read = !impl_->gives_way() && impl_->fill();
        if (has_read) continue;
        impl_->poller->watch(Poller::readable);
        impl_->is_waited_for = true;
        co_await impl_->readable.wait();
        impl_->is_waited_for = false;
    }
    co_return std::nullopt;
}

struct FdWriter::Impl {
    Impl(Loop& loop, int fd)
        : settled(loop), queue(loop, own(fd, O_WRONLY), [this] { settled.wake_all(); }) {}
    async::Line settled;
    WriteQueue queue;
};

FdWriter::FdWriter(Loop& loop, int fd) : impl_(std::make_unique<Impl>(loop, fd)) {}
FdWriter::~FdWriter() = default;

void FdWriter::write(std::string text) {
    impl_->queue.write(std::move(text));
}
std::size_t FdWriter::queued_bytes() const {
    return impl_->queue.bytes();
}
bool FdWriter::is_broken() const {
    return impl_->queue.is_broken();
}

Task<bool> FdWriter::drained() {
    std::stop_token stop = co_await current_stop();
    while (queued_bytes() > 0 && !stop.stop_requested()) {
        co_await impl_->settled.wait();
    }
    co_return queued_bytes() == 0 && !is_broken();
}

}  // namespace thole::async
