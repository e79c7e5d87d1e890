#include "journal/index_texts.hpp"

#include <algorithm>

#include "journal/passages.hpp"

namespace thole {

namespace {

// Bytes of text in a table before there is another one; with many texts tables are larger, so that
// there are not too many of them.
constexpr std::int64_t small_shard = 4 << 20;
constexpr std::int64_t share_of_shard = 16;
// Bytes of text in one transaction, so that others can write, and the write-ahead log stays small.
constexpr std::size_t batch = 8 << 20;
// Of words that are held before they are written: merging what was written costs more than half.
constexpr std::int64_t held_bytes = 4 << 20;
// A key and an event id share a row number.
constexpr std::uint64_t largest_event_id = 0xffff'ffff;

std::int64_t place_of(std::int64_t key, std::uint64_t event_id) {
    return key << 32 | static_cast<std::int64_t>(event_id);
}

// How far the texts of a session have been taken in.
struct Progress {
    std::int64_t shard = 0;
    Border border{};             // up to here
    std::uint64_t open_end = 0;  // beyond it, a text that streams is in as far as this event; or 0
    std::string streamed{};      // see Passages
    std::string head{};          // the text of event 0
};

std::optional<Progress> load_progress(Database& database, std::int64_t key) {
    auto rows = database.query(
        "SELECT shard, last_id, mark, open_end, streamed, head FROM texts WHERE key = ?", key);
    if (!rows.next()) return {};
    const Border border{static_cast<std::uint64_t>(rows.integer(1)), rows.integer(2)};
    return Progress{rows.integer(0), border, static_cast<std::uint64_t>(rows.integer(3)),
                    std::string(rows.text(4)), std::string(rows.text(5))};
}

void save_progress(Database& database, std::int64_t key, const Progress& progress) {
    database.run("INSERT OR REPLACE INTO texts VALUES(?, ?, ?, ?, ?, ?, ?)", key, progress.shard,
                 static_cast<std::int64_t>(progress.border.id), progress.border.mark,
                 static_cast<std::int64_t>(progress.open_end), progress.streamed, progress.head);
}

// The table for a session that has none yet.
std::int64_t newest_shard(Database& database) {
    const std::int64_t total = database.number("SELECT sum(bytes) FROM shards");
    const std::int64_t newest = database.number("SELECT max(number) FROM shards");
    const std::int64_t bytes = database.number("SELECT bytes FROM shards WHERE number = ?", newest);
    if (newest > 0 && bytes < std::max(small_shard, total / share_of_shard)) return newest;
    database.run("INSERT INTO shards(bytes) VALUES(0)");
    const std::int64_t number = database.last_key();
    database.run("CREATE VIRTUAL TABLE " + text_table(number) +
                 " USING fts5(body, content = '', columnsize = 0, tokenize = '" +
                 std::string(tokenizer) + "')");
    database.run("INSERT INTO " + text_table(number) + "(" + text_table(number) +
                     ", rank) VALUES('hashsize', ?)",
                 held_bytes);
    return number;
}

// Writes the passages of one session into its table.
class Writer {
public:
    Writer(Database& database, std::int64_t key, Progress& progress)
        : database_(database),
          key_(key),
          progress_(progress),
          insert_("INSERT INTO " + text_table(progress.shard) + "(rowid, body) VALUES(?, ?)"),
          delete_("INSERT INTO " + text_table(progress.shard) + "(" + text_table(progress.shard) +
                  ", rowid, body) VALUES('delete', ?, ?)") {}

    void insert(std::uint64_t event_id, std::string_view text) {
        if (event_id > largest_event_id) return;
        database_.run(insert_, place_of(key_, event_id), text);
        bytes_ += text.size();
    }
    void remove(std::uint64_t event_id, std::string_view text) {
        if (event_id > largest_event_id) return;
        database_.run(delete_, place_of(key_, event_id), text);
    }
    void set_head(const std::string& head) {
        if (head == progress_.head) return;
        if (!progress_.head.empty()) remove(0, progress_.head);
        insert(0, head);
        progress_.head = head;
    }
    void save() {
        save_progress(database_, key_, progress_);
        database_.run("UPDATE shards SET bytes = bytes + ? WHERE number = ?",
                      static_cast<std::int64_t>(bytes_), progress_.shard);
    }
    std::size_t bytes() const { return bytes_; }

private:
    Database& database_;
    std::int64_t key_;
    Progress& progress_;
    std::string insert_, delete_;
    std::size_t bytes_ = 0;
};

// The part of a log that is read in one transaction.
class Reading {
public:
    // `room`: bytes of text that the transaction may still take.
    Reading(Writer& writer, Progress& progress, std::size_t room, const std::stop_token& stop)
        : writer_(writer),
          progress_(progress),
          room_(room),
          stop_(stop),
          old_open_end_(std::exchange(progress.open_end, 0)),
          before_(progress.border.id),
          border_(before_),
          passages_([this](const Passage& it) { writer_.insert(it.event_id, it.text); },
                    progress.streamed) {}

    // False: enough for one transaction.
    bool take(const Envelope& envelope) {
        passages_.take(envelope);
        const Passage* open = passages_.open();
        // It will be written again when it is complete.
        if (open && envelope.id == old_open_end_) writer_.remove(open->event_id, open->text);
        if (open && open->event_id == envelope.id) border_ = before_;
        before_ = envelope.id;
        if (open) return true;
        border_ = before_;
        is_broken_off_ = writer_.bytes() >= room_ || stop_.stop_requested();
        return !is_broken_off_;
    }

    // Gives whether the end of the log was reached.
    bool finish(const SessionFiles& files) {
        if (passages_.open()) progress_.open_end = before_;
        passages_.finish();
        progress_.streamed = passages_.streamed();
        progress_.border = border_after(files, border_);
        return !is_broken_off_;
    }

private:
    Writer& writer_;
    Progress& progress_;
    std::size_t room_;
    const std::stop_token& stop_;
    std::uint64_t old_open_end_;
    std::uint64_t before_;  // the last event
    std::uint64_t border_;  // the last before what streams
    bool is_broken_off_ = false;
    Passages passages_;
};

void drop_shard(Database& database, std::int64_t shard) {
    database.run(
        "UPDATE logs SET text_size = -1 WHERE key IN (SELECT key FROM texts WHERE shard = ?)",
        shard);
    database.run("DELETE FROM texts WHERE shard = ?", shard);
    database.run("DELETE FROM shards WHERE number = ?", shard);
    database.run("DROP TABLE IF EXISTS " + text_table(shard));
}

// Where the session stands, and what of its log is to be read; from the beginning when the log is
// not the one that was taken in.
Progress progress_of(Database& database, const IndexedLog& log, LogRange& range) {
    auto progress = load_progress(database, log.key);
    const auto rest = progress ? rest_of(log.files, progress->border) : std::nullopt;
    range = rest.value_or(LogRange{});
    if (rest) return std::move(*progress);
    if (progress) drop_shard(database, progress->shard);
    Progress fresh;
    fresh.shard = newest_shard(database);
    return fresh;
}

// Within a transaction that has `room` for so much text. Gives whether the end of the log was
// reached.
bool take_some(Database& database, IndexedLog& log, std::size_t& room,
               const std::stop_token& stop) {
    const auto indexed = row_of(database, log);
    if (!indexed) return true;  // somebody has removed it
    LogRange range;
    Progress progress = progress_of(database, log, range);
    Writer writer(database, log.key, progress);
    writer.set_head(log.files.id + "\n" + indexed->row.title);
    Reading reading(writer, progress, room, stop);
    const auto sink = [&](const Envelope& envelope, std::string_view) {
        return reading.take(envelope);
    };
    // What cannot be read has no texts.
    (void)read_log(log.files.log(), log.files.blobs(), range, sink).has_value();
    const bool is_done = reading.finish(log.files);
    writer.save();
    room -= std::min(room, writer.bytes());
    if (!is_done) return false;
    log.text_size = log.size;
    return database.run("UPDATE logs SET text_size = ? WHERE key = ?", log.size, log.key);
}

}  // namespace

std::string text_table(std::int64_t shard) {
    return "text_" + std::to_string(shard);
}

void make_text_tables(Database& database) {
    database.run("CREATE TABLE shards(number INTEGER PRIMARY KEY AUTOINCREMENT, bytes INTEGER)");
    database.run(
        "CREATE TABLE texts(key INTEGER PRIMARY KEY, shard INTEGER, last_id INTEGER, mark INTEGER,"
        " open_end INTEGER, streamed TEXT, head TEXT)");
    database.run("CREATE INDEX texts_by_shard ON texts(shard)");
}

void take_in(Database& database, std::vector<IndexedLog*> logs, const std::stop_token& stop) {
    std::erase_if(logs, [](const IndexedLog* log) { return log->text_size == log->size; });
    auto next = logs.begin();
    while (next != logs.end() && !stop.stop_requested() && database.run("BEGIN IMMEDIATE")) {
        std::size_t room = batch;
        while (next != logs.end() && room > 0 && !stop.stop_requested()) {
            if (take_some(database, **next, room, stop)) ++next;
            if (database.failure() != Database::Failure::none) return;
        }
        database.run("COMMIT");
    }
}

void remove_sessions(Database& database, const std::vector<std::int64_t>& keys) {
    if (keys.empty() || !database.run("BEGIN IMMEDIATE")) return;
    for (std::int64_t key : keys) {
        if (const auto progress = load_progress(database, key)) {
            drop_shard(database, progress->shard);
        }
        database.run("DELETE FROM logs WHERE key = ?", key);
        database.run("DELETE FROM rows WHERE key = ?", key);
    }
    database.run("COMMIT");
    // Or its words stay in the write-ahead log.
    database.run("PRAGMA wal_checkpoint(TRUNCATE)");
}

}  // namespace thole
