// Lines in and text out over a file descriptor: pipe, socket, terminal, or file. Owned by the
// connection. Loop thread only. Both work on a descriptor of their own (reopened or duplicated), so
// the one they are given stays open, belongs to the caller, and keeps its blocking mode (except a
// socket's, which it shares). They frame and carry; they do not parse. SIGPIPE must be ignored.
#pragma once
#include <cstddef>
#include <memory>
#include <optional>
#include <string>

#include "async/loop.hpp"
#include "base/result.hpp"

namespace thole::async {

class LineReader {
public:
    // `max_line` in bytes, without the line end.
    LineReader(Loop& loop, int fd, std::size_t max_line);
    ~LineReader();
    LineReader(const LineReader&) = delete;
    LineReader& operator=(const LineReader&) = delete;

    // The next line without its "\n" or "\r\n"; a last line without a line end counts. nullopt at
    // the end of input and at a stop (nothing is lost: the next call goes on). A line over max_line
    // is one Error{too_large}, given when its limit is passed; reading goes on after its end.
    // Error{io} when reading fails; the end follows. One caller at a time.
    Task<std::optional<Result<std::string>>> next();

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

class FdWriter {
public:
    FdWriter(Loop& loop, int fd);
    ~FdWriter();  // what is still queued is dropped: await drained() first
    FdWriter(const FdWriter&) = delete;
    FdWriter& operator=(const FdWriter&) = delete;

    // Writes at once as much as the peer takes, and queues the rest in order, without a limit.
    // Adds nothing: a line carries its own "\n". Dropped silently once broken.
    void write(std::string text);
    std::size_t queued_bytes() const;

    // The peer is gone or the disk is full: nothing more will be written.
    bool is_broken() const;

    // Waits until the queue is empty: true; false when broken or stopped. Any number of waiters.
    Task<bool> drained();

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace thole::async
