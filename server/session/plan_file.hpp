// The file of a session's plan, <directory>/<session id>.md: 0600 in a folder of 0700, replaced in
// one step, a symbolic link in its place is replaced and not followed. The journal holds the plan;
// the file is where people and programs find it, and where they may change it. Blocking, small.
#pragma once
#include <sys/types.h>

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/result.hpp"

namespace thole {

inline constexpr std::size_t longest_plan = 1024 * 1024;  // bytes

// Errors: invalid_argument: `content must not be empty`, too long, not UTF-8.
Result<void> check_plan(std::string_view content);

// Removes plan files (*.md) that nobody has written for 30 days, but for those of sessions that
// `is_live` says are running. Best effort.
void sweep_plans(const std::string& directory, TimePoint now,
                 const std::function<bool(const std::string& session_id)>& is_live);

class PlanFile {
public:
    PlanFile(std::string directory, std::string session_id)
        : directory_(std::move(directory)), id_(std::move(session_id)) {}

    std::string path() const { return directory_ + "/" + id_ + ".md"; }
    // Errors: invalid_argument (`invalid session ID: "x"`), denied, exists, io.
    Result<void> write(std::string_view content);
    // Errors: invalid_argument (as above), not_found, and what makes it no plan: not a regular
    // file, too long, not UTF-8.
    Result<std::string> read();
    // Nothing there is fine.
    void remove();
    // Moves a regular file that is there beside it, to <session id>.kept-<n>.md, and gives the new
    // path; "": there is none. Error: io.
    Result<std::string> set_aside();
    // From now on it may have changed.
    void forget() { known_.reset(); }
    // Whether it may have changed since the last write() or read(); costs one stat.
    bool may_have_changed() const;

private:
    struct Stamp {
        ino_t inode = 0;
        off_t size = -1;
        std::int64_t modified_ns = 0;
        bool operator==(const Stamp&) const = default;
    };
    Stamp stamp() const;
    Result<void> check_id() const;

    std::string directory_, id_;
    std::optional<Stamp> known_;
};

}  // namespace thole
