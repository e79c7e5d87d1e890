// Reading logs without owning them: recovery, replay, `thole logs`. Any thread; no state.
#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "journal/event.hpp"

namespace thole {

// One line of the log, without a newline, long texts inside.
// {"schema_version":1,"id":N,"ts":"…","event":{…},"crc":"8 hex"}
std::string encode_line(const Envelope& envelope);
// `line` without its newline. Blobs stay references: a text that lies in a blob is given as
// {"$blob":"<sha256>","size":N}. Errors: corrupt, saying what is wrong.
Result<Envelope> decode_line(std::string_view line);

// The id of a line. One that a checksum vouches for is not read any further. Errors: corrupt.
Result<std::uint64_t> line_id(std::string_view line);

// What a reader had to leave out. Reported to whoever opens the session, never silent.
struct Damage {
    std::int64_t bad_lines = 0;
    std::int64_t bad_bytes = 0;
    std::int64_t torn_bytes = 0;      // at the end: a write that never finished
    std::int64_t bad_blobs = 0;       // long texts that are not there or not what they should be
    std::uint64_t first_missing = 0;  // the first id that is not there, 0 when unknown
    std::string first_error;          // "line 17 at byte 4711: checksum is …, not …"
    bool is_whole() const {
        return bad_lines == 0 && torn_bytes == 0 && bad_blobs == 0 && first_missing == 0;
    }
    bool operator==(const Damage&) const = default;
    std::string text() const;  // one sentence; "" when whole
};

struct LogRange {
    std::uint64_t after_id = 0;   // only events with a larger id
    std::int64_t offset = 0;      // byte to start at: 0, or the end of an event's line
    std::uint64_t border_id = 0;  // whose line ends at `offset`; 0: that of `after_id`
};

struct LogRead {
    Damage damage;
    std::int64_t end = 0;  // byte after the last whole line
    std::uint64_t last_id = 0;
};

// Whether `text` stands in the place of one whose blob is missing or damaged.
bool is_lost_text(std::string_view text);

// Gives every readable event of the log to `sink` (return false to stop), blobs resolved from
// `blobs` except full outputs. Errors: not_found, denied, io; a damaged log is not an error.
Result<LogRead> read_log(const std::string& log, const std::string& blobs, LogRange range,
                         const std::function<bool(const Envelope&, std::string_view line)>& sink);

// Where to start reading for the events after `after_id`: at the end of the last readable line with
// an id up to that, found by bisection in about a millisecond however long the log is. What lies
// damaged there is left to read_log. Errors: not_found, denied, io.
Result<LogRange> range_after(const std::string& log, std::uint64_t after_id);

}  // namespace thole
