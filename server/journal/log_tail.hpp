// A place in a log that moves on as the log grows: gives its lines as they stand there, byte for
// byte, checked by their checksums and not decoded. Owned by whoever follows the log; keeps it open
// (the log may be deleted meanwhile). Any thread, one at a time; reads what is there and never
// waits for more. Memory: one piece, or the longest line.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "journal/event.hpp"
#include "journal/files.hpp"

namespace thole {

struct DecodedLine {
    Envelope envelope;
    std::string damage;  // "" when all texts in blobs were found
};
// Like decode_line, with the texts that lie in `blobs` in their places, or a sentence where one is
// lost. Blocking. Errors: corrupt.
Result<DecodedLine> decode_line(std::string_view line, const std::string& blobs);

class LogTail {
public:
    struct Piece {
        std::string damage;   // what was left out before the lines, in a sentence; "": nothing
        std::string lines;    // whole lines, ids after those given before, each with its "\n"
        bool is_end = false;  // nothing whole stands behind them yet
    };

    // Before the first event with a larger id. Errors: not_found, denied, io.
    static Result<LogTail> open(const std::string& log, std::uint64_t after_id);

    // About `size` bytes, more when a line is longer. Errors: io.
    Result<Piece> next(std::size_t size);

    std::uint64_t last_id() const { return last_id_; }  // of the lines given, or `after_id`
    std::int64_t offset() const { return offset_; }     // byte of the log after them
    std::int64_t log_size() const;                      // now

private:
    LogTail(Descriptor file, std::string path, std::uint64_t after_id, std::int64_t offset)
        : file_(std::move(file)), path_(std::move(path)), offset_(offset), last_id_(after_id) {}

    Result<std::string> read_lines(std::size_t size, bool& is_end);
    bool take(std::string_view line, Piece& piece);
    void take_parts(std::string_view line, Piece& piece);
    void note(Piece& piece, const std::string& what) const;

    Descriptor file_;
    std::string path_;
    std::int64_t offset_;
    std::uint64_t last_id_;
};

}  // namespace thole
