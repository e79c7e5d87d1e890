#include "journal/index.hpp"

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "journal/files.hpp"
#include "journal/index_texts.hpp"
#include "journal/log_file.hpp"
#include "workspace/files.hpp"

namespace thole {

namespace {

// Of the tables and of what is taken in from an event: another number, another index.
constexpr std::int64_t schema = 2;
constexpr std::int64_t application = 0x74686f6c;  // "thol"

// Milliseconds to wait for another process that writes.
constexpr int patience = 10'000, short_patience = 200;
// Bytes of a log that are taken in between two turns; of more the next search takes care.
constexpr std::int64_t longest_update = 8 << 20;

// A file of ours in its place, 0600, made when there is none. SQLite gives the files beside it the
// same mode.
bool make_file(const std::string& path) {
    struct stat status {};
    const bool is_there = ::lstat(path.c_str(), &status) == 0;
    if (is_there && S_ISREG(status.st_mode) && status.st_uid == ::geteuid()) {
        return ::chmod(path.c_str(), 0600) == 0;
    }
    if (is_there && ::unlink(path.c_str()) != 0) return false;
    if (!make_private_directory(path.substr(0, path.rfind('/')))) return false;
    auto file = open_own_file(path, O_RDWR | O_CREAT);
    // Another process may have been faster.
    return file || file.error().code == Code::exists;
}

void remove_files(const std::string& path) {
    for (const char* end : {"-wal", "-shm", ""}) ::unlink((path + end).c_str());
}

bool has_tables(Database& database) {
    return database.number("PRAGMA user_version") == schema &&
           database.number("PRAGMA application_id") == application;
}

void make_tables(Database& database) {
    if (has_tables(database) || !database.run("BEGIN IMMEDIATE")) return;
    // Another process may have been faster; or they are another version's, or another program's.
    const bool is_ours = has_tables(database);
    if (!is_ours && database.number("SELECT count(*) FROM sqlite_master") > 0) {
        database.break_off(SQLITE_CORRUPT, "the index is of another version");
    }
    if (!is_ours) {
        make_log_tables(database);
        make_text_tables(database);
        database.run("PRAGMA user_version = " + std::to_string(schema));
        database.run("PRAGMA application_id = " + std::to_string(application));
    }
    database.run("COMMIT");
}

// Gone with the process; the second where there is no room for files.
constexpr const char* temporary = "";
constexpr const char* in_memory = ":memory:";

bool is_kept(const std::string& path) {
    return path != temporary && path != in_memory;
}

std::unique_ptr<Database> open_database(const std::string& path) {
    auto database = std::make_unique<Database>(path);
    database->run("PRAGMA busy_timeout = " + std::to_string(patience));
    database->run(is_kept(path) ? "PRAGMA journal_mode = wal" : "PRAGMA journal_mode = off");
    // Losing it costs time only.
    database->run(is_kept(path) ? "PRAGMA synchronous = normal" : "PRAGMA synchronous = off");
    database->run("PRAGMA cache_size = -8000");
    make_tables(*database);
    return database;
}

SessionRow unreadable(const IndexedLog& log) {
    SessionRow row;
    row.id = log.files.id;
    row.status = "failed";
    row.damage = log.problem;
    return row;
}

bool is_newer(const IndexedLog& a, const IndexedLog& b) {
    return std::tie(a.updated, a.files.id) > std::tie(b.updated, b.files.id);
}

}  // namespace

SessionRow row_of(const State& state, const Damage& damage) {
    SessionRow row;
    row.id = state.id;
    row.cwd = state.cwd;
    row.workspace = state.workspace;
    row.title = state.title;
    row.model = state.model;
    row.mode = state.mode;
    row.status = state.status;
    row.parent_session_id = state.parent_session_id;
    row.created_at = state.created_at;
    row.updated_at = state.updated_at;
    row.prompts = state.prompts;
    row.cost_usd = state.usage.cost_usd;
    row.forked_from = state.forked_from;
    row.is_archived = state.is_archived;
    row.damage = damage.text();
    return row;
}

struct Index::Impl {
    explicit Impl(std::string where) : path(std::move(where)) {
        if (is_kept(path) && !make_file(path)) path = temporary;
        database = open_database(path);
        while (database->failure() != Database::Failure::none && path != in_memory) replace();
    }

    // Puts another database in the place of one that does not work.
    void replace() {
        const bool is_damaged = database->failure() == Database::Failure::damaged;
        database.reset();
        if (is_kept(path) && is_damaged) remove_files(path);
        const bool is_new = is_kept(path) && is_damaged && make_file(path);
        if (!is_new) path = is_kept(path) ? temporary : in_memory;
        database = open_database(path);
    }

    std::vector<IndexedLog> logs(const Selection& selection, const std::stop_token& stop);
    std::optional<SessionRow> shown(const IndexedLog& log);
    std::vector<SessionRow> find(const Selection& selection, const std::stop_token& stop);

    std::string path;
    std::unique_ptr<Database> database;
};

// All of the directories, newest first, with rows that are current.
std::vector<IndexedLog> Index::Impl::logs(const Selection& selection, const std::stop_token& stop) {
    std::vector<IndexedLog> all;
    std::vector<std::int64_t> gone;
    for (const std::string& directory : selection.directories) {
        auto more = logs_of(*database, directory, gone);
        std::move(more.begin(), more.end(), std::back_inserter(all));
    }
    remove_sessions(*database, gone);
    std::vector<IndexedLog*> each;
    for (IndexedLog& log : all) each.push_back(&log);
    make_current(*database, std::move(each), stop);
    std::sort(all.begin(), all.end(), is_newer);
    return all;
}

// Nothing when somebody has just removed it.
std::optional<SessionRow> Index::Impl::shown(const IndexedLog& log) {
    if (!log.problem.empty()) return unreadable(log);
    auto indexed = row_of(*database, log);
    if (!indexed) return {};
    SessionRow row = std::move(indexed->row);
    if (row.status == "running" && !has_writer(log.files.log())) row.status = "failed";
    return row;
}

std::vector<SessionRow> Index::Impl::find(const Selection& selection, const std::stop_token& stop) {
    const Words words(*database, selection.search);
    std::vector<IndexedLog> all = logs(selection, stop);
    std::optional<WordSearch> search;
    if (!words.is_blank()) {
        std::vector<IndexedLog*> readable;
        for (IndexedLog& log : all) {
            if (log.problem.empty()) readable.push_back(&log);
        }
        take_in(*database, std::move(readable), stop);
        search.emplace(*database, words, stop);
    }
    std::vector<SessionRow> rows;
    for (const IndexedLog& log : all) {
        if (stop.stop_requested() || (selection.limit > 0 && rows.size() == selection.limit)) break;
        if (search && (!log.problem.empty() || !search->fits(log))) continue;
        auto row = shown(log);
        if (!row || (selection.fits && !selection.fits(*row))) continue;
        if (search) row->hits = search->hits(log);
        rows.push_back(std::move(*row));
    }
    return rows;
}

Index::Index(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Index::Index(Index&&) noexcept = default;
Index& Index::operator=(Index&&) noexcept = default;
Index::~Index() = default;

Index Index::open(const std::string& path) {
    return Index(std::make_unique<Impl>(path));
}

std::vector<SessionRow> Index::find(const Selection& selection, std::stop_token stop) {
    std::vector<SessionRow> rows;
    // Again with a new file, with a temporary one, and with none.
    for (int tries = 0; tries < 4; ++tries) {
        rows = impl_->find(selection, stop);
        if (impl_->database->failure() == Database::Failure::none) break;
        impl_->replace();
    }
    return rows;
}

void Index::update(const SessionFiles& files) {
    if (!is_kept(impl_->path)) return;
    Database& database = *impl_->database;
    database.run("PRAGMA busy_timeout = " + std::to_string(short_patience));
    IndexedLog log = log_of(database, files);
    if (log.size < 0) return forget(files);
    make_current(database, {&log}, {});
    const std::int64_t more = log.size - std::max<std::int64_t>(log.text_size, 0);
    if (log.problem.empty() && more < longest_update) take_in(database, {&log}, {});
}

void Index::forget(const SessionFiles& files) {
    const IndexedLog log = log_of(*impl_->database, files);
    if (log.key > 0) remove_sessions(*impl_->database, {log.key});
}

void update_index(const std::string& path, const SessionFiles& files) {
    Index::open(path).update(files);
}

void forget_in_index(const std::string& path, const SessionFiles& files) {
    Index::open(path).forget(files);
}

}  // namespace thole
