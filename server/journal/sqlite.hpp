// A SQLite database and its statements. The first failure sticks: after it nothing is done any
// more and every answer is empty, so that only the end of a piece of work has to look. Internal to
// journal/. Blocking; one thread.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

struct sqlite3;
struct sqlite3_stmt;

namespace thole {

class Database {
public:
    // "": a temporary file that nobody else sees, gone with the Database.
    explicit Database(const std::string& path);

    enum class Failure { none, damaged, other };
    Failure failure() const;
    const std::string& why() const { return why_; }

    // The rows of one statement; a second use of the same statement must wait for its end.
    class Rows {
    public:
        Rows(Database& database, sqlite3_stmt* statement)
            : database_(database), statement_(statement) {}
        ~Rows();
        Rows(const Rows&) = delete;
        Rows& operator=(const Rows&) = delete;
        bool next();
        std::int64_t integer(int column) const;
        std::string_view text(int column) const;  // until the next row

    private:
        Database& database_;
        sqlite3_stmt* statement_;
    };

    template <class... Values>
    Rows query(std::string_view sql, const Values&... values) {
        sqlite3_stmt* statement = prepared(sql);
        int place = 0;
        (bind(statement, ++place, values), ...);
        return Rows(*this, statement);
    }
    template <class... Values>
    bool run(std::string_view sql, const Values&... values) {
        Rows rows = query(sql, values...);
        while (rows.next()) continue;
        return failure_ == 0;
    }
    // One integer, 0 when there is no row.
    template <class... Values>
    std::int64_t number(std::string_view sql, const Values&... values) {
        Rows rows = query(sql, values...);
        return rows.next() ? rows.integer(0) : 0;
    }
    std::int64_t last_key() const;
    sqlite3* handle() const { return connection_.get(); }
    void break_off(int code, std::string why);

private:
    struct Close {
        void operator()(sqlite3* connection) const;
        void operator()(sqlite3_stmt* statement) const;
    };

    sqlite3_stmt* prepared(std::string_view sql);
    void bind(sqlite3_stmt* statement, int place, std::int64_t value);
    void bind(sqlite3_stmt* statement, int place, std::string_view value);
    void check(int code);

    std::unique_ptr<sqlite3, Close> connection_;
    // After the connection: they go first.
    std::unordered_map<std::string, std::unique_ptr<sqlite3_stmt, Close>> statements_;
    int failure_ = 0;
    std::string why_;
};

}  // namespace thole
