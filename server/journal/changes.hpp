// What a session has changed in files and the user has not agreed with yet: for each file the text
// that the review stands on and the text that the session left, made out of the diffs in the log.
// Pure. State keeps only where in the log to look (State::unreviewed).
#pragma once
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "journal/state.hpp"

namespace thole {

// Nothing in place of a text: there is no such file.
struct ChangedFile {
    std::string path{};                     // absolute
    std::optional<std::string> baseline{};  // what the user last agreed with, or began with
    std::optional<std::string> latest{};    // what the session has written last
    std::uint64_t event_id = 0;             // of the session's last change
    bool is_known = true;                   // false: the log does not hold the whole texts
    bool operator==(const ChangedFile&) const = default;
};

// Takes the events from State::unreviewed's first from_id on.
//
// A call whose diff begins with another text than the one before left: the user has edited the file
// in between. Those edits go into the baseline; lines of the session that the user has touched are
// the user's from then on.
class Changes {
public:
    void take(const Envelope& envelope);
    // Those in which something is to be reviewed, by path.
    std::vector<ChangedFile> files() const;

private:
    void change(const FileDiff& diff, std::uint64_t event_id);
    void review(const ChangesReviewed& reviewed);

    std::vector<ToolCallStarted> open_;  // calls that run
    std::map<std::string, ChangedFile> files_;
};

// The part of apply() that keeps State::unreviewed; before the rest of it.
void note_changes(State& state, const Envelope& envelope);

// Whether a review of `path` can be taken that has seen the change `event_id`. Errors: not_found
// (nothing is to be reviewed there), invalid_argument (the session has changed the file since).
Result<void> check_review(const State& state, const std::string& path, std::int64_t event_id);

// `base` with what each side has made of it. Where both have changed the same lines `theirs`
// counts, and what `ours` did in that place is taken for agreed: those lines of `base` stay. Bytes.
std::string with_both(std::string_view base, std::string_view ours, std::string_view theirs);

}  // namespace thole
