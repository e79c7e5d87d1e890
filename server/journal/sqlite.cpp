#include "journal/sqlite.hpp"

#include <sqlite3.h>

namespace thole {

Database::Database(const std::string& path) {
    sqlite3* connection = nullptr;
    const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
    const int opened = ::sqlite3_open_v2(path.c_str(), &connection, flags, nullptr);
    connection_.reset(connection);
    if (connection) ::sqlite3_extended_result_codes(connection, 1);
    check(opened);
}

Database::Failure Database::failure() const {
    switch (failure_ & 0xff) {
        case SQLITE_OK:
            return Failure::none;
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB:
        // What the tables do not have or take: not ours, or damaged.
        case SQLITE_ERROR:
        case SQLITE_CONSTRAINT:
        case SQLITE_MISMATCH:
            return Failure::damaged;
        default:
            return Failure::other;
    }
}

void Database::break_off(int code, std::string why) {
    if (failure_ != 0) return;
    failure_ = code;
    why_ = std::move(why);
}

void Database::check(int code) {
    if (code == SQLITE_OK || code == SQLITE_ROW || code == SQLITE_DONE) return;
    break_off(code, connection_ ? ::sqlite3_errmsg(connection_.get()) : "no memory");
}

sqlite3_stmt* Database::prepared(std::string_view sql) {
    if (failure_ != 0) return nullptr;
    auto& held = statements_[std::string(sql)];
    if (held) return held.get();
    sqlite3_stmt* statement = nullptr;
    check(::sqlite3_prepare_v3(connection_.get(), sql.data(), static_cast<int>(sql.size()),
                               SQLITE_PREPARE_PERSISTENT, &statement, nullptr));
    held.reset(statement);
    return statement;
}

void Database::bind(sqlite3_stmt* statement, int place, std::int64_t value) {
    if (statement) check(::sqlite3_bind_int64(statement, place, value));
}

void Database::bind(sqlite3_stmt* statement, int place, std::string_view value) {
    if (!statement) return;
    const char* text = value.data() ? value.data() : "";
    check(::sqlite3_bind_text64(statement, place, text, value.size(), SQLITE_STATIC, SQLITE_UTF8));
}

std::int64_t Database::last_key() const {
    return connection_ ? ::sqlite3_last_insert_rowid(connection_.get()) : 0;
}

bool Database::Rows::next() {
    if (!statement_ || database_.failure_ != 0) return false;
    const int code = ::sqlite3_step(statement_);
    database_.check(code);
    return code == SQLITE_ROW;
}

std::int64_t Database::Rows::integer(int column) const {
    return ::sqlite3_column_int64(statement_, column);
}

std::string_view Database::Rows::text(int column) const {
    const auto* bytes = static_cast<const char*>(::sqlite3_column_blob(statement_, column));
    const auto size = static_cast<std::size_t>(::sqlite3_column_bytes(statement_, column));
    return bytes ? std::string_view(bytes, size) : std::string_view();
}

Database::Rows::~Rows() {
    if (!statement_) return;
    ::sqlite3_reset(statement_);
    ::sqlite3_clear_bindings(statement_);
}

void Database::Close::operator()(sqlite3* connection) const {
    ::sqlite3_close(connection);
}

void Database::Close::operator()(sqlite3_stmt* statement) const {
    ::sqlite3_finalize(statement);
}

}  // namespace thole
