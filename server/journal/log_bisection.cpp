#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "journal/files.hpp"
#include "journal/log_reader.hpp"

namespace thole {

namespace {

constexpr std::int64_t chunk_size = 32 * 1024;
// What goes on for longer is passed over here: read_log looks at it, and is given more to read.
constexpr std::size_t longest_probe = 4 << 20;

struct GoodLine {
    std::uint64_t id = 0;
    std::int64_t end = 0;  // byte after its newline
};

// The readable lines of a log that start from a byte on and before a limit, in order.
class Lines {
public:
    enum class Start {
        at_line,
        anywhere
    };  // anywhere: what stands before the next newline is not
        // looked at
    Lines(int fd, Start start, std::int64_t from, std::int64_t limit)
        : fd_(fd), at_(from), limit_(limit), is_skipping_(start == Start::anywhere) {}

    // Errors: io, as an errno.
    bool next(GoodLine& line) {
        while (at_ < limit_) {
            const std::size_t newline = text_.find('\n', searched_);
            if (newline == std::string::npos) {
                if (!read_on()) return false;
            } else if (take(newline, line)) {
                return true;
            }
        }
        return false;
    }
    int error_number() const { return error_number_; }

private:
    bool take(std::size_t newline, GoodLine& line) {
        const std::string_view text = std::string_view(text_).substr(begin_, newline - begin_);
        begin_ = searched_ = newline + 1;
        at_ += static_cast<std::int64_t>(text.size()) + 1;
        if (std::exchange(is_skipping_, false) || text.empty()) return false;
        const auto id = line_id(text);
        if (id) line = {*id, at_};
        return static_cast<bool>(id);
    }

    bool read_on() {
        text_.erase(0, begin_);
        begin_ = 0;
        if (is_skipping_ || text_.size() > longest_probe) drop();
        searched_ = text_.size();
        const std::int64_t from = at_ + static_cast<std::int64_t>(searched_);
        text_.resize(searched_ + chunk_size);
        ssize_t got = -1;
        do {
            got = ::pread(fd_, text_.data() + searched_, chunk_size, from);
        } while (got < 0 && errno == EINTR);
        if (got < 0) error_number_ = errno;
        text_.resize(searched_ + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
        return got > 0;
    }

    void drop() {
        at_ += static_cast<std::int64_t>(text_.size());
        text_.clear();
        is_skipping_ = true;
    }

    int fd_;
    std::int64_t at_;  // of text_[begin_]
    std::int64_t limit_;
    bool is_skipping_;
    std::string text_;
    std::size_t begin_ = 0, searched_ = 0;
    int error_number_ = 0;
};

// `low`: the last line known to have an id up to the wanted one. `high`: no line that starts there
// or later has one.
struct Bounds {
    GoodLine low;
    std::int64_t high = 0;
};

// Gives an errno.
int halve(int fd, std::uint64_t after_id, Bounds& bounds) {
    const std::int64_t middle = bounds.low.end + (bounds.high - bounds.low.end) / 2;
    // From the byte before, so that a line that starts in the middle itself is seen.
    Lines lines(fd, Lines::Start::anywhere, middle - 1, bounds.high);
    GoodLine line;
    if (lines.next(line) && line.id <= after_id) {
        bounds.low = line;
    } else {
        bounds.high = middle;
    }
    return lines.error_number();
}

int walk(int fd, std::uint64_t after_id, Bounds& bounds) {
    Lines lines(fd, Lines::Start::at_line, bounds.low.end, bounds.high);
    GoodLine line;
    while (lines.next(line) && line.id <= after_id) bounds.low = line;
    return lines.error_number();
}

}  // namespace

Result<LogRange> range_after(const std::string& log, std::uint64_t after_id) {
    auto file = open_own_file(log, O_RDONLY);
    if (!file) return file.error();
    struct stat status {};
    if (::fstat(file->fd(), &status) != 0) return file_error("read", log, errno);
    Bounds bounds{{}, status.st_size};
    int error_number = 0;
    while (after_id > 0 && error_number == 0 && bounds.high - bounds.low.end > chunk_size) {
        error_number = halve(file->fd(), after_id, bounds);
    }
    if (after_id > 0 && error_number == 0) error_number = walk(file->fd(), after_id, bounds);
    if (error_number != 0) return file_error("read", log, error_number);
    return LogRange{after_id, bounds.low.end, bounds.low.id};
}

}  // namespace thole
