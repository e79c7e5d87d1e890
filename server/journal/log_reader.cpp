#include "journal/log_reader.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>

#include "journal/blobs.hpp"
#include "journal/files.hpp"
#include "journal/line.hpp"

namespace thole {

namespace {

constexpr std::size_t block_size = 256 * 1024;
constexpr std::string_view lost_start = "[this text of ";
constexpr std::string_view lost_end = " is missing or damaged]";
// Longer than anything the writer makes; what goes on for longer is no line.
constexpr std::size_t longest_line = 64 << 20;

// One pass over a log: takes lines in order, gives events, keeps account of the damage.
class Pass {
public:
    using Sink = std::function<bool(const Envelope&, std::string_view line)>;

    Pass(const std::string& blobs, LogRange range, const Sink& sink)
        : after_id_(range.after_id), sink_(sink), offset_(range.offset) {
        read_.end = range.offset;
        const std::uint64_t border_id = range.border_id > 0 ? range.border_id : range.after_id;
        read_.last_id = range.offset > 0 ? border_id : 0;
        is_numbered_ = range.offset == 0;
        load_ = [this, blobs](std::string_view sha256, std::int64_t size) {
            return blob_text(load_blob(blobs, sha256), sha256, size);
        };
    }

    // A line that ended with a newline. False: the sink has had enough.
    bool line(std::string_view text) {
        const bool goes_on = text.empty() || read_event(text) || damaged_line(text);
        offset_ += static_cast<std::int64_t>(text.size()) + 1;
        ++line_number_;
        if (!is_stopped_) read_.end = offset_;
        return goes_on && !is_stopped_;
    }

    // What stands after the last newline: whole events are taken, the rest is torn.
    void tail(std::string_view text) {
        while (!text.empty()) {
            const std::size_t border = next_start(text, 1);
            const std::size_t taken = read_piece(text.substr(0, border));
            if (taken == 0 && border == text.size()) break;
            if (taken == 0) spoiled(border);
            read_.end = offset_ + static_cast<std::int64_t>(taken == 0 ? border : taken);
            offset_ += static_cast<std::int64_t>(border);
            text.remove_prefix(border);
        }
        read_.damage.torn_bytes = offset_ + static_cast<std::int64_t>(text.size()) - read_.end;
        if (read_.damage.torn_bytes > 0) note("the last line is torn");
    }

    // `bytes` without a newline that are too many to be a line.
    void overlong(std::size_t bytes) {
        note("a line is longer than any line can be");
        offset_ += static_cast<std::int64_t>(bytes);
        read_.damage.bad_bytes += static_cast<std::int64_t>(bytes);
    }

    LogRead result() && { return std::move(read_); }

private:
    bool read_event(std::string_view text, bool needs_checksum = false) {
        bool is_checked = false;
        auto envelope = codec::read_line(text, &load_, &is_checked);
        if (!envelope) error_ = envelope.error().message;
        if (!envelope || (needs_checksum && !is_checked)) return false;
        if (envelope->id <= read_.last_id) {
            error_ = "id " + std::to_string(envelope->id) + " comes after id " +
                     std::to_string(read_.last_id);
            return false;
        }
        miss_before(envelope->id);
        read_.last_id = envelope->id;
        if (envelope->id > after_id_) is_stopped_ = !sink_(*envelope, text);
        return true;
    }

    void miss_before(std::uint64_t id) {
        if (id == read_.last_id + 1 || read_.damage.first_missing != 0) return;
        read_.damage.first_missing = read_.last_id + 1;
        error_ = "event " + std::to_string(read_.last_id + 1) + " is missing";
        note(error_);
    }

    // A line that does not read: two events whose newline was damaged are both taken.
    bool damaged_line(std::string_view text) {
        const std::string why = error_;
        std::size_t bad = 0;
        const std::int64_t before = offset_;
        for (std::size_t from = 0; from < text.size() && !is_stopped_;) {
            const std::size_t border = next_start(text, from + 1);
            bad += border - from - read_piece(text.substr(from, border - from));
            from = border;
        }
        offset_ = before;
        ++read_.damage.bad_lines;
        read_.damage.bad_bytes += static_cast<std::int64_t>(bad);
        note(why);
        return true;
    }

    // Gives the bytes that were taken: all, all but a damaged newline, or none.
    std::size_t read_piece(std::string_view piece) {
        if (read_event(piece, true)) return piece.size();
        const std::string_view shorter = piece.substr(0, piece.size() - 1);
        return read_event(shorter, true) ? shorter.size() : 0;
    }

    static std::size_t next_start(std::string_view text, std::size_t from) {
        const auto found = text.find(codec::line_start, from);
        return found == std::string_view::npos ? text.size() : found;
    }

    void spoiled(std::size_t bytes) {
        ++read_.damage.bad_lines;
        read_.damage.bad_bytes += static_cast<std::int64_t>(bytes);
        note(error_);
    }

    void note(const std::string& what) {
        if (!read_.damage.first_error.empty()) return;
        const std::string line = is_numbered_ ? "line " + std::to_string(line_number_) : "the line";
        read_.damage.first_error = line + " at byte " + std::to_string(offset_) + ": " + what;
    }

    std::string blob_text(Result<std::string> content, std::string_view sha256, std::int64_t size) {
        const bool is_right = content && static_cast<std::int64_t>(content->size()) == size;
        if (is_right) return std::move(*content);
        ++read_.damage.bad_blobs;
        note(content ? "a blob has another size than the line says" : content.error().message);
        return std::string(lost_start) + std::to_string(size) + " bytes is lost: blob " +
               std::string(sha256.substr(0, 64)) + std::string(lost_end);
    }

    std::uint64_t after_id_;
    const Sink& sink_;
    codec::LoadBlob load_;
    std::int64_t offset_;
    std::int64_t line_number_ = 1;
    bool is_numbered_ = true;
    bool is_stopped_ = false;
    std::string error_;
    LogRead read_;
};

// The next bytes of the file into the end of `buffer`. Gives how many.
Result<std::size_t> read_block(int fd, std::string& buffer, const std::string& path) {
    const std::size_t before = buffer.size();
    buffer.resize(before + block_size);
    ssize_t got = -1;
    do {
        got = ::read(fd, buffer.data() + before, block_size);
    } while (got < 0 && errno == EINTR);
    buffer.resize(before + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
    if (got < 0) return file_error("read", path, errno);
    return static_cast<std::size_t>(got);
}

// Gives the whole lines of `buffer` to the pass and leaves the rest. `searched` bytes are known to
// hold no newline.
bool give_lines(std::string& buffer, std::size_t searched, Pass& pass) {
    std::size_t from = 0;
    bool goes_on = true;
    std::size_t newline = buffer.find('\n', searched);
    while (goes_on && newline != std::string::npos) {
        goes_on = pass.line(std::string_view(buffer).substr(from, newline - from));
        from = newline + 1;
        newline = buffer.find('\n', from);
    }
    buffer.erase(0, from);
    return goes_on;
}

}  // namespace

std::string encode_line(const Envelope& envelope) {
    std::string line;
    codec::write_line(line, envelope, nullptr);
    return line;
}

Result<Envelope> decode_line(std::string_view line) {
    return codec::read_line(line, nullptr);
}

Result<std::uint64_t> line_id(std::string_view line) {
    constexpr std::string_view usual_start = R"({"schema_version":1,"id":)";
    const auto is_sealed = codec::check_seal(line);
    if (!is_sealed) return is_sealed.error();
    if (*is_sealed && line.starts_with(usual_start)) {
        std::uint64_t id = 0;
        const char* end = line.data() + line.size();
        const auto read = std::from_chars(line.data() + usual_start.size(), end, id);
        if (read.ec == std::errc() && id > 0 && *read.ptr == ',') return id;
    }
    const auto envelope = decode_line(line);
    if (!envelope) return envelope.error();
    return envelope->id;
}

std::string Damage::text() const {
    if (is_whole()) return "";
    std::string text = "the log of this session is damaged";
    const auto add = [&](std::int64_t count, const std::string& what) {
        if (count > 0) text += ", " + std::to_string(count) + " " + what;
    };
    add(bad_lines, "unreadable lines (" + std::to_string(bad_bytes) + " bytes) were left out");
    add(torn_bytes, "bytes at its end were never completed");
    add(bad_blobs, "long texts are lost");
    add(static_cast<std::int64_t>(first_missing), "is the first missing event");
    return text + "; first: " + first_error;
}

bool is_lost_text(std::string_view text) {
    return text.size() < 200 && text.starts_with(lost_start) && text.ends_with(lost_end);
}

Result<LogRead> read_log(const std::string& log, const std::string& blobs, LogRange range,
                         const std::function<bool(const Envelope&, std::string_view line)>& sink) {
    auto file = open_own_file(log, O_RDONLY);
    if (!file) return file.error();
    if (::lseek(file->fd(), range.offset, SEEK_SET) < 0) return file_error("read", log, errno);
    Pass pass(blobs, range, sink);
    std::string buffer;
    while (true) {
        const std::size_t searched = buffer.size();
        auto got = read_block(file->fd(), buffer, log);
        if (!got) return got.error();
        if (*got == 0) break;
        if (!give_lines(buffer, searched, pass)) return std::move(pass).result();
        if (buffer.size() <= longest_line) continue;
        pass.overlong(buffer.size());
        buffer.clear();
    }
    pass.tail(buffer);
    return std::move(pass).result();
}

}  // namespace thole
