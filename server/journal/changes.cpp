#include "journal/changes.hpp"

#include <algorithm>

#include "journal/log_reader.hpp"
#include "workspace/diff.hpp"

namespace thole {

namespace {

using Lines = std::vector<std::string_view>;  // with their ends

Lines lines_of(std::string_view text) {
    Lines lines;
    while (!text.empty()) {
        const std::size_t length = std::min(text.find('\n'), text.size() - 1) + 1;
        lines.push_back(text.substr(0, length));
        text.remove_prefix(length);
    }
    return lines;
}

// In the base that both have in common. What only touches is kept apart, but for two insertions at
// one place.
bool overlap(const LineChange& a, const LineChange& b) {
    const bool are_insertions = a.old_begin == a.old_end && b.old_begin == b.old_end;
    if (are_insertions) return a.old_begin == b.old_begin;
    return a.old_begin < b.old_end && b.old_begin < a.old_end;
}

struct Piece {
    LineChange change;
    const Lines* source;
};

std::vector<Piece> pieces_of(const std::vector<LineChange>& ours, const Lines& our_lines,
                             const std::vector<LineChange>& theirs, const Lines& their_lines) {
    std::vector<Piece> pieces;
    for (const LineChange& change : theirs) pieces.push_back({change, &their_lines});
    std::size_t next = 0;
    for (const LineChange& change : ours) {
        while (next < theirs.size() && theirs[next].old_end < change.old_begin) ++next;
        bool is_free = true;
        for (std::size_t i = next; i < theirs.size(); ++i) {
            if (theirs[i].old_begin > change.old_end) break;
            is_free = is_free && !overlap(change, theirs[i]);
        }
        if (is_free) pieces.push_back({change, &our_lines});
    }
    std::sort(pieces.begin(), pieces.end(), [](const Piece& a, const Piece& b) {
        return std::pair(a.change.old_begin, a.change.old_end) <
               std::pair(b.change.old_begin, b.change.old_end);
    });
    return pieces;
}

// What the user has made of a file since the session left it, brought into the baseline.
std::optional<std::string> baseline_after(const ChangedFile& file,
                                          const std::optional<std::string>& now) {
    const bool is_users = !now || !file.latest;  // deleted, or made again
    if (is_users) return now;
    if (!file.baseline) return std::nullopt;  // of a new file all is to be reviewed
    return with_both(*file.latest, *file.baseline, *now);
}

template <class List>
auto find_call(List& calls, const std::string& call_id) {
    return std::find_if(calls.begin(), calls.end(),
                        [&](const ToolCallStarted& call) { return call.call_id == call_id; });
}

// The files that an event has changed. A merge says so by an event of its own, whoever wanted it.
const std::vector<FileDiff>& diffs_of(const Event& event,
                                      const std::vector<ToolCallStarted>& open) {
    static const std::vector<FileDiff> none;
    if (const auto* merged = std::get_if<WorktreeMerged>(&event)) {
        return merged->result == "changes" ? merged->diffs : none;
    }
    const auto* completed = std::get_if<ToolCallCompleted>(&event);
    if (!completed || completed->status != "completed") return none;
    const auto started = find_call(open, completed->call_id);
    if (!completed->diffs.empty() || started == open.end()) return completed->diffs;
    return started->tool == "merge_subagent" ? none : started->diffs;
}

UnreviewedFile* find_file(State& state, const std::string& path) {
    for (UnreviewedFile& file : state.unreviewed) {
        if (file.path == path) return &file;
    }
    return nullptr;
}

void note_review(State& state, const ChangesReviewed& reviewed, std::uint64_t id) {
    UnreviewedFile* file = find_file(state, reviewed.path);
    if (!file) return;
    file->from_id = id;
    if (!reviewed.settled) return;
    std::erase_if(state.unreviewed,
                  [&](const UnreviewedFile& one) { return one.path == reviewed.path; });
}

}  // namespace

std::string with_both(std::string_view base, std::string_view ours, std::string_view theirs) {
    const Lines lines = lines_of(base), our_lines = lines_of(ours), their_lines = lines_of(theirs);
    std::string text;
    std::size_t at = 0;
    const auto keep_to = [&](std::size_t end) {
        for (; at < end; ++at) text += lines[at];
    };
    for (const Piece& piece :
         pieces_of(line_changes(base, ours), our_lines, line_changes(base, theirs), their_lines)) {
        const LineChange& change = piece.change;
        keep_to(change.old_begin);
        for (std::size_t i = change.new_begin; i < change.new_end; ++i) {
            text += (*piece.source)[i];
        }
        at = change.old_end;
    }
    keep_to(lines.size());
    return text;
}

void Changes::take(const Envelope& envelope) {
    const Event& event = envelope.event;
    for (const FileDiff& diff : diffs_of(event, open_)) change(diff, envelope.id);
    if (const auto* started = std::get_if<ToolCallStarted>(&event)) {
        open_.push_back(*started);
    } else if (const auto* completed = std::get_if<ToolCallCompleted>(&event)) {
        const auto found = find_call(open_, completed->call_id);
        if (found != open_.end()) open_.erase(found);
    } else if (const auto* reviewed = std::get_if<ChangesReviewed>(&event)) {
        review(*reviewed);
    }
}

void Changes::change(const FileDiff& diff, std::uint64_t event_id) {
    std::optional<std::string> before, after;
    if (!diff.created) before = diff.old_text;
    if (!diff.deleted) after = diff.new_text;
    const auto [found, is_first] = files_.try_emplace(diff.path);
    ChangedFile& file = found->second;
    const bool is_lost = diff.partial || is_lost_text(diff.old_text) || is_lost_text(diff.new_text);
    file.path = diff.path;
    file.event_id = event_id;
    file.is_known = file.is_known && !is_lost;
    if (is_first) {
        file.baseline = before;
    } else if (file.is_known && before != file.latest) {
        file.baseline = baseline_after(file, before);
    }
    file.latest = after;
}

void Changes::review(const ChangesReviewed& reviewed) {
    if (reviewed.settled) {
        files_.erase(reviewed.path);
        return;
    }
    ChangedFile& file = files_[reviewed.path];
    file.path = reviewed.path;
    file.event_id = static_cast<std::uint64_t>(reviewed.event_id);
    file.is_known = !is_lost_text(reviewed.baseline) && !is_lost_text(reviewed.latest);
    file.baseline.reset();
    file.latest.reset();
    if (!reviewed.baseline_absent) file.baseline = reviewed.baseline;
    if (!reviewed.latest_absent) file.latest = reviewed.latest;
}

std::vector<ChangedFile> Changes::files() const {
    std::vector<ChangedFile> files;
    for (const auto& [path, file] : files_) {
        if (file.baseline != file.latest) files.push_back(file);
    }
    return files;
}

void note_changes(State& state, const Envelope& envelope) {
    const Event& event = envelope.event;
    const bool begins = std::holds_alternative<ToolCallStarted>(event) && state.open_calls.empty();
    if (begins) state.calls_from_id = envelope.id;
    const bool is_merge = std::holds_alternative<WorktreeMerged>(event);
    for (const FileDiff& diff : diffs_of(event, state.open_calls)) {
        UnreviewedFile* file = find_file(state, diff.path);
        if (!file) {
            file = &state.unreviewed.emplace_back();
            file->path = diff.path;
            file->from_id = is_merge ? envelope.id : state.calls_from_id;
        }
        file->event_id = envelope.id;
    }
    const auto* reviewed = std::get_if<ChangesReviewed>(&event);
    if (reviewed) note_review(state, *reviewed, envelope.id);
}

Result<void> check_review(const State& state, const std::string& path, std::int64_t event_id) {
    for (const UnreviewedFile& file : state.unreviewed) {
        if (file.path != path) continue;
        if (file.event_id == static_cast<std::uint64_t>(event_id)) return {};
        return fail(Code::invalid_argument,
                    "the change " + std::to_string(event_id) + " of '" + path +
                        "' was reviewed, but the session has changed it again (change " +
                        std::to_string(file.event_id) + "); list the changes and review again");
    }
    return fail(Code::not_found, "no change of '" + path + "' waits for a review");
}

}  // namespace thole
