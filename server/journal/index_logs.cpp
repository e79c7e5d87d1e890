#include "journal/index_logs.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>

#include "base/crc32c.hpp"
#include "base/ids.hpp"
#include "journal/catalog.hpp"
#include "journal/files.hpp"

namespace thole {

namespace {

constexpr std::string_view log_end = ".events.jsonl";
constexpr std::size_t batch = 500;
constexpr std::int64_t marked_bytes = 1024;
// Of a longer rest the snapshot knows more.
constexpr std::int64_t longest_fold = 1 << 20;
constexpr std::string_view log_columns = "id, key, size, mtime, inode, updated, text_size";

struct CloseDirectory {
    void operator()(DIR* directory) const { ::closedir(directory); }
};

void measure(IndexedLog& log, int directory, const char* name) {
    struct stat status {};
    log.size = -1;
    if (::fstatat(directory, name, &status, AT_SYMLINK_NOFOLLOW) != 0) return;
    log.size = status.st_size;
    log.mtime = status.st_mtim.tv_sec * 1'000'000'000 + status.st_mtim.tv_nsec;
    log.inode = static_cast<std::int64_t>(status.st_ino);
}

// By id. Nothing when the directory cannot be read: then nobody knows whether they are gone.
std::optional<std::vector<IndexedLog>> logs_on_disk(const std::string& path) {
    const std::unique_ptr<DIR, CloseDirectory> directory(::opendir(path.c_str()));
    if (!directory) return {};
    std::vector<IndexedLog> logs;
    while (const dirent* file = ::readdir(directory.get())) {
        std::string_view name = file->d_name;
        if (!name.ends_with(log_end)) continue;
        name.remove_suffix(log_end.size());
        if (!is_valid_session_id(name)) continue;
        IndexedLog log{{path, std::string(name)}};
        measure(log, ::dirfd(directory.get()), file->d_name);
        if (log.size >= 0) logs.push_back(std::move(log));
    }
    std::sort(logs.begin(), logs.end(),
              [](const IndexedLog& a, const IndexedLog& b) { return a.files.id < b.files.id; });
    return logs;
}

// From a row of log_columns.
void recognise(IndexedLog& log, const Database::Rows& known) {
    log.key = known.integer(1);
    log.updated = known.integer(5);
    log.text_size = known.integer(6);
    log.is_current = log.size == known.integer(2) && log.mtime == known.integer(3) &&
                     log.inode == known.integer(4);
}

std::int64_t directory_number(Database& database, const std::string& path) {
    return database.number("SELECT number FROM directories WHERE path = ?", path);
}

std::int64_t milliseconds(const std::string& time) {
    const auto parsed = parse_rfc3339(time);
    if (!parsed) return 0;
    return std::chrono::duration_cast<std::chrono::milliseconds>(parsed->time_since_epoch())
        .count();
}

template <class Number>
void read_number(std::string_view text, Number& number) {
    std::from_chars(text.data(), text.data() + text.size(), number);
}

std::string decimal(double number) {
    char text[32];
    const auto end = std::to_chars(text, text + sizeof text, number).ptr;
    return std::string(text, end);
}

// In the order in which they are kept.
template <class Row>
auto texts_of(Row& row) {
    return std::array{&row.id,         &row.cwd,        &row.workspace, &row.title,
                      &row.model,      &row.mode,       &row.status,    &row.parent_session_id,
                      &row.created_at, &row.updated_at, &row.damage,    &row.forked_from};
}

// Also of what the table of logs says.
std::uint32_t seal_of(std::string_view text, const std::string& id, std::int64_t updated) {
    return crc32c(text, crc32c(id + " " + std::to_string(updated)));
}

std::string row_to_text(const IndexedRow& indexed, const IndexedLog& log) {
    std::string text = std::to_string(indexed.border.id);
    text += '\0' + std::to_string(indexed.border.mark);
    text += '\0' + std::to_string(indexed.row.prompts) + '\0' + decimal(indexed.row.cost_usd);
    text += indexed.row.is_archived ? std::string_view("\0archived", 9) : std::string_view("\0", 1);
    for (const std::string* field : texts_of(indexed.row)) {
        text += '\0';
        std::copy_if(field->begin(), field->end(), std::back_inserter(text),
                     [](char c) { return c != '\0'; });
    }
    return crc32c_hex(seal_of(text, log.files.id, log.updated)) + text;
}

// Nothing when a byte of it has changed, or when it is another session's.
std::optional<IndexedRow> row_from_text(std::string_view text, const std::string& id,
                                        std::int64_t updated) {
    const std::string_view seal = text.substr(0, 8);
    text.remove_prefix(seal.size());
    if (crc32c_hex(seal_of(text, id, updated)) != seal) return {};
    const auto next = [&] {
        const std::string_view field = text.substr(0, text.find('\0'));
        text.remove_prefix(std::min(field.size() + 1, text.size()));
        return field;
    };
    IndexedRow indexed;
    read_number(next(), indexed.border.id);
    read_number(next(), indexed.border.mark);
    read_number(next(), indexed.row.prompts);
    read_number(next(), indexed.row.cost_usd);
    indexed.row.is_archived = !next().empty();
    for (std::string* field : texts_of(indexed.row)) *field = next();
    return indexed;
}

void keep_row(Database& database, IndexedLog& log, const IndexedRow& indexed) {
    log.updated = milliseconds(indexed.row.updated_at);
    const std::string text = row_to_text(indexed, log);
    database.run("INSERT OR IGNORE INTO directories(path) VALUES(?)", log.files.directory);
    const std::int64_t directory = directory_number(database, log.files.directory);
    // Somebody else may have been here since it was looked up.
    log.key = database.number("SELECT key FROM logs WHERE directory = ? AND id = ?", directory,
                              log.files.id);
    if (log.key > 0) {
        database.run("UPDATE rows SET row = ? WHERE key = ?", text, log.key);
        database.run(
            "UPDATE logs SET size = ?, mtime = ?, inode = ?, updated = ? WHERE directory = ? AND"
            " id = ?",
            log.size, log.mtime, log.inode, log.updated, directory, log.files.id);
        return;
    }
    database.run("INSERT INTO rows(row) VALUES(?)", text);
    log.key = database.last_key();
    database.run("INSERT INTO logs VALUES(?, ?, ?, ?, ?, ?, ?, -1)", directory, log.files.id,
                 log.key, log.size, log.mtime, log.inode, log.updated);
}

State state_of(const SessionRow& row) {
    State state;
    state.id = row.id;
    state.cwd = row.cwd;
    state.workspace = row.workspace;
    state.title = row.title;
    state.model = row.model;
    state.mode = row.mode;
    state.status = row.status;
    state.parent_session_id = row.parent_session_id;
    state.created_at = row.created_at;
    state.updated_at = row.updated_at;
    state.prompts = row.prompts;
    state.usage.cost_usd = row.cost_usd;
    state.forked_from = row.forked_from;
    state.is_archived = row.is_archived;
    state.has_own_title = row.prompts == 0 && !row.title.empty();  // later it makes no difference
    return state;
}

std::uint32_t add_checksum(int fd, std::int64_t from, std::int64_t to, std::uint32_t seed) {
    std::string bytes(static_cast<std::size_t>(to - from), '\0');
    const ssize_t got = ::pread(fd, bytes.data(), bytes.size(), from);
    return crc32c(
        std::string_view(bytes).substr(0, static_cast<std::size_t>(std::max<ssize_t>(got, 0))),
        seed);
}

// The mark of the border at `offset`; 0 when it cannot be read.
std::int64_t mark_before(const SessionFiles& files, std::int64_t offset) {
    auto file = open_own_file(files.log(), O_RDONLY);
    if (!file) return 0;
    const std::uint32_t first = add_checksum(file->fd(), 0, std::min(offset, marked_bytes), 0);
    return add_checksum(file->fd(), std::max<std::int64_t>(offset - marked_bytes, 0), offset,
                        first);
}

// The row with the rest of its log; nothing when the whole session must be looked at.
std::optional<IndexedRow> folded_row(const IndexedLog& log, IndexedRow indexed) {
    const auto rest = rest_of(log.files, indexed.border);
    const bool is_short = rest && log.size - rest->offset < longest_fold;
    if (!is_short || indexed.border.mark == 0) return {};
    State state = state_of(indexed.row);
    const auto sink = [&](const Envelope& envelope, std::string_view) {
        apply(state, envelope);
        state.context.clear();
        return true;
    };
    const auto read = read_log(log.files.log(), log.files.blobs(), *rest, sink);
    if (!read || !read->damage.is_whole()) return {};
    const std::string damage = std::move(indexed.row.damage);
    indexed.row = row_of(state, {});
    indexed.row.damage = damage;
    indexed.border = border_after(log.files, read->last_id);
    return indexed;
}

// The session as its files tell it. Error: it cannot be read.
Result<IndexedRow> inspected_row(const IndexedLog& log) {
    auto seen = inspect_session(log.files);
    if (!seen) return seen.error();
    IndexedRow indexed{row_of(seen->state, seen->damage), {seen->state.last_event_id, 0}};
    const bool is_interrupted = !seen->is_alive && seen->state.last_error == "interrupted";
    if (is_interrupted && indexed.row.status == "failed") indexed.row.status = "running";
    // One that changes will change again.
    if (log.key > 0) indexed.border = border_after(log.files, indexed.border.id);
    return indexed;
}

void look_at(Database& database, IndexedLog& log) {
    const auto known = log.key > 0 ? row_of(database, log) : std::nullopt;
    const auto folded = known ? folded_row(log, *known) : std::nullopt;
    if (folded) return keep_row(database, log, *folded);
    const auto inspected = inspected_row(log);
    if (inspected) return keep_row(database, log, *inspected);
    log.problem = inspected.error().message;
    log.updated = -1;
}

}  // namespace

Border border_after(const SessionFiles& files, std::uint64_t id) {
    const auto range = id > 0 ? range_after(files.log(), id) : Result<LogRange>(LogRange{});
    if (!range || range->border_id != id) return {id, 0};
    return {id, mark_before(files, range->offset)};
}

std::optional<LogRange> rest_of(const SessionFiles& files, const Border& border) {
    if (border.id == 0) return LogRange{};
    const auto range = range_after(files.log(), border.id);
    if (!range || range->border_id != border.id) return {};
    if (mark_before(files, range->offset) != border.mark) return {};
    return *range;
}

void make_log_tables(Database& database) {
    database.run("CREATE TABLE directories(number INTEGER PRIMARY KEY, path TEXT UNIQUE)");
    database.run("CREATE TABLE rows(key INTEGER PRIMARY KEY AUTOINCREMENT, row BLOB)");
    database.run(
        "CREATE TABLE logs(directory INTEGER, id TEXT, key INTEGER, size INTEGER, mtime INTEGER,"
        " inode INTEGER, updated INTEGER, text_size INTEGER, PRIMARY KEY(directory, id))"
        " WITHOUT ROWID");
    database.run("CREATE INDEX logs_by_key ON logs(key)");
}

std::vector<IndexedLog> logs_of(Database& database, const std::string& directory,
                                std::vector<std::int64_t>& gone) {
    auto logs = logs_on_disk(directory);
    if (!logs) return {};
    static const std::string all =
        "SELECT " + std::string(log_columns) + " FROM logs WHERE directory = ? ORDER BY id";
    auto known = database.query(all, directory_number(database, directory));
    auto log = logs->begin();
    while (known.next()) {
        const std::string_view id = known.text(0);
        while (log != logs->end() && log->files.id < id) ++log;
        const bool is_there = log != logs->end() && log->files.id == id;
        is_there ? recognise(*log, known) : gone.push_back(known.integer(1));
    }
    return std::move(*logs);
}

IndexedLog log_of(Database& database, const SessionFiles& files) {
    IndexedLog log{files};
    measure(log, AT_FDCWD, files.log().c_str());
    static const std::string one =
        "SELECT " + std::string(log_columns) + " FROM logs WHERE directory = ? AND id = ?";
    auto known = database.query(one, directory_number(database, files.directory), files.id);
    if (known.next()) recognise(log, known);
    return log;
}

void make_current(Database& database, std::vector<IndexedLog*> logs, std::stop_token stop) {
    std::erase_if(logs, [](const IndexedLog* log) { return log->is_current; });
    // So that keys grow in the order in which the texts are taken in: that is what costs least.
    std::sort(logs.begin(), logs.end(), [](const IndexedLog* a, const IndexedLog* b) {
        return std::tie(a->mtime, a->files.id) > std::tie(b->mtime, b->files.id);
    });
    for (std::size_t from = 0; from < logs.size(); from += batch) {
        if (stop.stop_requested() || !database.run("BEGIN IMMEDIATE")) return;
        const std::size_t to = std::min(from + batch, logs.size());
        for (std::size_t i = from; i < to; ++i) look_at(database, *logs[i]);
        database.run("COMMIT");
    }
}

std::optional<IndexedRow> row_of(Database& database, const IndexedLog& log) {
    {
        // In one statement: others may write between two.
        auto rows = database.query(
            "SELECT row, updated FROM rows JOIN logs ON logs.key = rows.key WHERE rows.key = ?",
            log.key);
        if (rows.next()) {
            auto indexed = row_from_text(rows.text(0), log.files.id, rows.integer(1));
            if (!indexed) database.break_off(SQLITE_CORRUPT, "a row of the index is damaged");
            return indexed;
        }
    }
    const bool is_removed = log_of(database, log.files).key != log.key;
    if (!is_removed) database.break_off(SQLITE_CORRUPT, "a row of the index is missing");
    return {};
}

}  // namespace thole
