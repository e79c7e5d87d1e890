// The logs of a session directory beside what the index knows of them. Internal to journal/; see
// index.hpp. The database's first failure sticks; what is given after it is of no use.
#pragma once
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "journal/index.hpp"
#include "journal/sqlite.hpp"

namespace thole {

// A log on the disk.
struct IndexedLog {
    SessionFiles files{};
    std::int64_t size = 0, mtime = 0, inode = 0;  // mtime in nanoseconds
    std::int64_t key = 0;                         // in the index; 0: not known there
    std::int64_t updated = -1;    // its last event, milliseconds since 1970; -1: unknown
    std::int64_t text_size = -1;  // what `size` was when its texts were taken in; -1: never
    bool is_current = false;      // the row in the index is of this very log
    std::string problem{};        // why it cannot be read
};

// A border between two lines of a log: the event whose line ends there.
struct Border {
    std::uint64_t id = 0;  // 0: the beginning of the log
    std::int64_t mark =
        0;  // a checksum of the first bytes of the log and of the last; 0: not known
};
Border border_after(const SessionFiles& files, std::uint64_t id);
// What comes after the border; nothing when the log does not have it.
std::optional<LogRange> rest_of(const SessionFiles& files, const Border& border);

// A row as it lies in the index, as recorded: whether the writer lives is asked when it is shown.
struct IndexedRow {
    SessionRow row{};
    Border border{};  // it is made from what comes before
};
void make_log_tables(Database& database);

// Those on the disk, by id. `gone`: keys of those that the index knows and the disk does not have.
std::vector<IndexedLog> logs_of(Database& database, const std::string& directory,
                                std::vector<std::int64_t>& gone);
// One of them. Size -1: it is not there.
IndexedLog log_of(Database& database, const SessionFiles& files);

// Looks at those sessions whose row is not current, and keeps the rows.
void make_current(Database& database, std::vector<IndexedLog*> logs, std::stop_token stop);
// Nothing when somebody has removed it. Breaks the database off when it is damaged.
std::optional<IndexedRow> row_of(Database& database, const IndexedLog& log);

}  // namespace thole
