// The sessions of a workspace as they lie on disk: listing, looking one up by a unique prefix,
// reading its state without locking it, deleting it. Any thread; every call is one look at the
// disk.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "journal/journal.hpp"

namespace thole {

// <workspace>/.thole/sessions; makes .thole (0700) with its .gitignore. Errors: denied, io: says
// that the directory cannot be written, which one, and what to do.
Result<std::string> make_session_directory(const std::string& workspace);

// The state of a session: snapshot and tail of the log, as a reader sees them. A `running` session
// whose process is gone has status "failed" and last_error "interrupted".
struct Seen {
    State state;
    Damage damage;
    bool is_alive = false;  // its writer holds the lock
};
Result<Seen> inspect_session(const SessionFiles& files);

// Whether some process (this one too) runs the session: its writer holds the lock of the log.
bool is_running(const SessionFiles& files);

// The id that `prefix` names in `directory`; `latest` is read from `last_session_file`. Errors:
// invalid_argument (bad id), not_found, invalid_argument naming the candidates when ambiguous.
Result<std::string> find_session(const std::string& directory, std::string_view prefix,
                                 const std::string& last_session_file);

// All ids of the directory, newest (by last change of log or snapshot) first.
std::vector<std::string> session_ids(const std::string& directory);

// Removes log, snapshot and blobs. Errors: not_found, busy (its process runs), denied, io.
Result<void> delete_session(const SessionFiles& files);

// The content of a blob of the session, a full output for example. Errors: invalid_argument (no
// sha256), not_found, denied, io, corrupt (it holds something else).
Result<std::string> read_blob(const SessionFiles& files, std::string_view sha256);

// Whether the process that wrote a session still runs: the pid and the start time must both match.
bool process_is_alive(std::int64_t pid, std::int64_t process_start);
std::int64_t process_start_time(std::int64_t pid);  // 0 when there is no such process

}  // namespace thole
