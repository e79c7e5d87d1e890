// The search index: one SQLite file for all sessions of a user, made from their logs, so that ten
// thousand sessions are listed and gigabytes of logs are searched at once. It holds nothing that is
// not in a log: deleting it changes nothing but time, and a session is found without it. Every call
// brings what it answers from up to date first. Blocking: workers only; several processes may use
// the file at once, an Index belongs to one thread.
//
// A damaged file, one of another version or something else in its place is replaced. Where no file
// can be kept (a read-only folder, a full disk), a temporary one does the same, only slower.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "journal/journal.hpp"

namespace thole {

// A place in a session that a search found.
struct Hit {
    std::uint64_t event_id = 0;  // of a streamed text: its first piece
    std::string kind{};          // prompt answer thought call output question plan tasks summary
                                 // error start
    std::string snippet{};       // one line round the words, about 160 bytes
    bool operator==(const Hit&) const = default;
};

// One row of a listing.
struct SessionRow {
    std::string id{}, cwd{}, workspace{}, title{}, model{}, mode{}, status{}, parent_session_id{};
    std::string created_at{}, updated_at{};  // RFC 3339
    std::int64_t prompts = 0;                // 0: never used
    double cost_usd = 0;
    std::string forked_from{};
    bool is_archived = false;
    std::string damage{};     // "" when the log is whole
    std::vector<Hit> hits{};  // of a search, at most 3; none when only id or title match
    bool operator==(const SessionRow&) const = default;
};
SessionRow row_of(const State& state, const Damage& damage);

// Which sessions are asked for.
struct Selection {
    std::vector<std::string> directories;  // session directories
    // Words that must all occur in the session, its id or its title, separated by blanks; "in
    // quotes" they must follow each other. Case and accents do not matter. From three letters on
    // the rest of a word may be left out: `thol` finds "thole". What holds no letter or digit is
    // ignored.
    std::string search;
    std::function<bool(const SessionRow&)> fits;  // empty: all do; hits are not there yet
    std::size_t limit = 0;                        // the newest that many; 0: all
};

class Index {
public:
    // `path`: <state>/thole/index.db, made 0600 when missing; "": a temporary one. Never fails.
    static Index open(const std::string& path);
    Index(Index&&) noexcept;
    Index& operator=(Index&&) noexcept;
    ~Index();

    // By the time of the last event, newest first. `running` without a living writer is given as
    // `failed`; what cannot be read at all comes last, `failed`, with the reason as its damage.
    std::vector<SessionRow> find(const Selection& selection, std::stop_token stop);

    // Takes in what the log has got since the last time, when that is not too much to do in
    // passing.
    void update(const SessionFiles& files);
    // Removes every trace of a session.
    void forget(const SessionFiles& files);

private:
    struct Impl;
    explicit Index(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

// For whoever writes a session, at the end of a turn, and for whoever deletes one. They do what can
// be done and say nothing when that is nothing: the next search makes up for it.
void update_index(const std::string& path, const SessionFiles& files);
void forget_in_index(const std::string& path, const SessionFiles& files);

}  // namespace thole
