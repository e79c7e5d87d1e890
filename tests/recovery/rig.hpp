// What the recovery tests share: running the writer, and reading and opening the session
// afterwards.
#pragma once
#include <sys/types.h>

#include <string>
#include <vector>

#include "journal/catalog.hpp"
#include "journal/journal.hpp"
#include "support/scratch.hpp"

namespace thole::test {

// A writer process and what it has promised so far.
class Writer {
public:
    // `file_limit`: the most bytes that a file may have (RLIMIT_FSIZE), 0 for none.
    Writer(const SessionFiles& files, bool is_new, std::size_t file_limit = 0);
    ~Writer();
    Writer(const Writer&) = delete;
    Writer& operator=(const Writer&) = delete;

    // Reads promises until there are `count` lines more, or the writer ends. False: it has ended.
    bool await_lines(std::size_t count);
    void kill();               // SIGKILL; reads what it said until then
    std::string last_words();  // waits for its end; its "error …" line, or ""

    std::uint64_t appended = 0;  // the largest id that it called appended
    std::uint64_t synced = 0;

private:
    bool read_some();
    void take(const std::string& line);

    pid_t pid_ = -1;
    int output_ = -1;
    std::string rest_, error_;
    std::size_t lines_ = 0;
};

struct LogContent {
    std::vector<std::uint64_t> ids;
    State state;
    LogRead read;
};
LogContent read_all(const SessionFiles& files);

// Opens the session as a writer and closes it again. `then` runs while it is open.
Result<Damage> reopen(
    const SessionFiles& files, const std::function<void(Journal&)>& then = [](Journal&) {});

// A log with `count` events and no snapshot.
void write_sample(const SessionFiles& files, std::uint64_t count);

}  // namespace thole::test
