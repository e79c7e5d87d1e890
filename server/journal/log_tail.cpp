#include "journal/log_tail.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "journal/blobs.hpp"
#include "journal/line.hpp"
#include "journal/log_reader.hpp"

namespace thole {

namespace {

// As in read_log: what goes on for longer is no line.
constexpr std::size_t longest_line = 64 << 20;

}  // namespace

Result<DecodedLine> decode_line(std::string_view line, const std::string& blobs) {
    DecodedLine decoded;
    const codec::LoadBlob load = [&](std::string_view sha256, std::int64_t size) {
        Result<std::string> text = load_blob(blobs, sha256);
        if (text && static_cast<std::int64_t>(text->size()) == size) return std::move(*text);
        decoded.damage = text ? "a blob has another size than the line says" : text.error().message;
        return "[this text of " + std::to_string(size) + " bytes is lost]";
    };
    Result<Envelope> envelope = codec::read_line(line, &load);
    if (!envelope) return envelope.error();
    decoded.envelope = std::move(*envelope);
    return decoded;
}

Result<LogTail> LogTail::open(const std::string& log, std::uint64_t after_id) {
    Result<LogRange> range = range_after(log, after_id);
    if (!range) return range.error();
    Result<Descriptor> file = open_own_file(log, O_RDONLY);
    if (!file) return file.error();
    LogTail tail(std::move(*file), log, after_id, range->offset);
    return tail;
}

std::int64_t LogTail::log_size() const {
    struct stat status {};
    return ::fstat(file_.fd(), &status) == 0 ? status.st_size : offset_;
}

// Whole lines from offset_ on; nothing when there is no whole one.
Result<std::string> LogTail::read_lines(std::size_t size, bool& is_end) {
    std::string text;
    while (text.size() <= longest_line) {
        const std::size_t before = text.size();
        text.resize(before + size);
        const auto from = offset_ + static_cast<std::int64_t>(before);
        ssize_t got = -1;
        do {
            got = ::pread(file_.fd(), text.data() + before, size, from);
        } while (got < 0 && errno == EINTR);
        if (got < 0) return file_error("read", path_, errno);
        text.resize(before + static_cast<std::size_t>(got));
        is_end = static_cast<std::size_t>(got) < size;
        const std::size_t newline = text.rfind('\n');
        const bool is_whole = newline != std::string::npos;
        if (!is_whole && !is_end) continue;
        text.resize(is_whole ? newline + 1 : 0);
        return text;
    }
    return text;
}

// What is damaged is told before the lines behind it: then these wait for the next piece.
Result<LogTail::Piece> LogTail::next(std::size_t size) {
    Piece piece;
    Result<std::string> read = read_lines(size, piece.is_end);
    if (!read) return read.error();
    piece.lines.reserve(read->size());
    std::string_view rest = *read;
    while (!rest.empty()) {
        const std::string_view line = rest.substr(0, rest.find('\n'));
        if (!take(line, piece)) break;
        const std::size_t taken = std::min(line.size() + 1, rest.size());
        offset_ += static_cast<std::int64_t>(taken);
        rest.remove_prefix(taken);
    }
    piece.is_end = piece.is_end && rest.empty();
    return piece;
}

// False: there is something to tell, and lines that must be given first.
bool LogTail::take(std::string_view line, Piece& piece) {
    if (line.empty()) return true;
    const Result<std::uint64_t> id = line_id(line);
    const bool is_next = id && *id == last_id_ + 1;
    if (!is_next && !piece.lines.empty()) return false;
    if (!id) {
        note(piece, id.error().message);
        take_parts(line, piece);
        return true;
    }
    if (*id <= last_id_) {
        note(piece, "id " + std::to_string(*id) + " comes after id " + std::to_string(last_id_));
        return true;
    }
    if (!is_next) note(piece, "event " + std::to_string(last_id_ + 1) + " is missing");
    piece.lines.append(line).push_back('\n');
    last_id_ = *id;
    return true;
}

// Two events whose newline was damaged are both taken, as read_log does it.
void LogTail::take_parts(std::string_view line, Piece& piece) {
    while (!line.empty()) {
        const std::size_t border = std::min(line.find(codec::line_start, 1), line.size());
        std::string_view part = line.substr(0, border);
        Result<bool> is_sealed = codec::check_seal(part);
        if (!is_sealed || !*is_sealed) {
            part.remove_suffix(1);
            is_sealed = codec::check_seal(part);
        }
        const Result<std::uint64_t> id = line_id(part);
        if (is_sealed && *is_sealed && id && *id > last_id_) {
            piece.lines.append(part).push_back('\n');
            last_id_ = *id;
        }
        line.remove_prefix(border);
    }
}

void LogTail::note(Piece& piece, const std::string& what) const {
    if (piece.damage.empty()) {
        piece.damage = path_ + " at byte " + std::to_string(offset_) + ": " + what;
    }
}

}  // namespace thole
