#include "journal/fork.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>

#include "base/json.hpp"
#include "base/text.hpp"
#include "journal/blobs.hpp"
#include "journal/files.hpp"
#include "journal/line.hpp"
#include "journal/snapshot.hpp"

namespace thole {

namespace {

constexpr std::int64_t copied_at_once = 1 << 20;

// A file that goes when what it is for fails.
class Draft {
public:
    explicit Draft(std::string path) : path_(std::move(path)) { ::unlink(path_.c_str()); }
    ~Draft() { ::unlink(path_.c_str()); }
    Draft(const Draft&) = delete;
    Draft& operator=(const Draft&) = delete;
    const std::string& path() const { return path_; }

private:
    std::string path_;
};

Result<void> copy_bytes(int from, int to, std::int64_t size, const std::string& path) {
    std::string bytes;
    for (std::int64_t at = 0; at < size; at += static_cast<std::int64_t>(bytes.size())) {
        bytes.resize(static_cast<std::size_t>(std::min(copied_at_once, size - at)));
        const ssize_t got = ::pread(from, bytes.data(), bytes.size(), at);
        if (got < 0 && errno == EINTR) {
            bytes.clear();
            continue;
        }
        if (got <= 0) return file_error("read", path, got < 0 ? errno : EIO);
        bytes.resize(static_cast<std::size_t>(got));
        if (auto written = write_all(to, bytes, path); !written) return written;
    }
    return {};
}

// Blobs never change, so both sessions may have the same file.
Result<void> share_blob(const std::string& from, const std::string& to) {
    if (::link(from.c_str(), to.c_str()) == 0 || errno == EEXIST) return {};
    auto content = read_whole(from);
    if (!content) return content.error();
    return replace_file(to, *content, Durable::yes);
}

Result<void> share_blobs(const std::string& from, const std::string& to) {
    std::error_code error;
    std::filesystem::directory_iterator files(from, error);
    if (error) return {};  // it has none
    if (auto made = make_private_directories(to); !made) return made;
    for (const auto& file : files) {
        const std::string name = file.path().filename();
        const bool is_file =
            file.symlink_status(error).type() == std::filesystem::file_type::regular;
        if (!is_file || name.size() != 64) continue;
        if (auto shared = share_blob(file.path(), to + "/" + name); !shared) return shared;
    }
    return sync_path(to);
}

// Ends what the source waits for: nobody will answer it in the copy.
void end_waits(const State& state, std::vector<Event>& events) {
    for (const ApprovalRequested& asked : state.pending_approvals) {
        events.emplace_back(
            ApprovalResolved{asked.call_id, "cancelled", "once", "policy", "forked", {}});
    }
    for (const QuestionRequested& asked : state.pending_questions) {
        events.emplace_back(
            QuestionResolved{asked.question_id, JsonValue(Json{{"kind", "cancelled"}})});
    }
    for (const ToolCallStarted& call : state.open_calls) {
        ToolCallCompleted completed;
        completed.call_id = call.call_id;
        completed.status = "interrupted";
        completed.output = "This call was interrupted here: it belongs to session " + state.id +
                           ", from which this one was forked. It may have done a part of its work "
                           "there, or do it yet.";
        events.emplace_back(std::move(completed));
    }
    for (const ContextItem& item : state.context) {
        const bool is_cut = item.kind == ContextItem::Kind::answer && item.is_open;
        if (!is_cut) continue;
        events.emplace_back(MessageReceived{
            .role = "assistant", .message_id = item.message_id, .stop_reason = "interrupted"});
    }
}

// What makes the copy a session of its own.
std::vector<Event> last_events(const State& state, SessionStarted started) {
    std::vector<Event> events;
    end_waits(state, events);
    if (state.is_busy) {
        events.emplace_back(BusyStateChanged{false, state.busy_message_id, "cancelled", {}, {}});
    }
    started.forked_from = state.id;
    events.emplace_back(std::move(started));
    return events;
}

std::string lines_of(Folded& folded, std::vector<Event> events, TimePoint now,
                     const Secrets& secrets) {
    std::string lines;
    for (Event& event : events) {
        const Envelope envelope{folded.state.last_event_id + 1, now, std::move(event)};
        codec::write_line(lines, envelope, nullptr, &secrets);
        lines += '\n';
        apply(folded.state, envelope);
    }
    folded.end += static_cast<std::int64_t>(lines.size());
    return lines;
}

// Whether the line that ends at `end` lacks its newline.
bool lacks_newline(const std::string& log, std::int64_t end) {
    auto file = open_own_file(log, O_RDONLY);
    char last = '\n';
    return file && ::pread(file->fd(), &last, 1, end - 1) == 1 && last != '\n';
}

// What stands before `folded.end`, and `lines`.
Result<void> write_log(const SessionFiles& source, const std::string& path, std::int64_t size,
                       const std::string& lines) {
    auto from = open_own_file(source.log(), O_RDONLY);
    if (!from) return from.error();
    auto to = open_own_file(path, O_WRONLY | O_CREAT);
    if (!to) return to.error();
    if (auto copied = copy_bytes(from->fd(), to->fd(), size, path); !copied) return copied;
    if (auto written = write_all(to->fd(), lines, path); !written) return written;
    if (::fdatasync(to->fd()) != 0) return file_error("sync", path, errno);
    return {};
}

}  // namespace

void become_a_fork(State& state, const SessionStarted& e) {
    state.plan.path = replace_all(state.plan.path, state.id + ".md", e.session_id + ".md");
    state.forked_from = e.forked_from;
    state.created_at.clear();
    state.parent_session_id.clear();
    state.spawn_reason.clear();
    state.child_session_ids.clear();
    state.children.clear();
    state.worktree_path.clear();
    state.branch.clear();
    state.base_branch.clear();
    state.base_commit.clear();
    state.granted_rules.clear();
    state.unreviewed.clear();
    state.is_archived = false;
    for (TaskItem& task : state.tasks) task.workers.clear();
    const Usage before = std::exchange(state.usage, {});
    state.usage.context_used = before.context_used;
    state.usage.context_size = before.context_size;
}

Result<void> fork_session(const SessionFiles& source, const SessionFiles& target,
                          SessionStarted started, TimePoint now, const Secrets& secrets) {
    if (::access(target.log().c_str(), F_OK) == 0) return file_error("make", target.log(), EEXIST);
    auto folded = fold_files(source);
    if (!folded) return folded.error();
    if (folded->state.last_event_id == 0) {
        return fail(Code::corrupt,
                    "cannot fork session " + source.id + ": its log holds no readable event");
    }
    const std::int64_t size = folded->end;
    std::string lines = lacks_newline(source.log(), size) ? "\n" : "";
    folded->end += static_cast<std::int64_t>(lines.size());
    lines += lines_of(*folded, last_events(folded->state, std::move(started)), now, secrets);
    const Draft draft(target.log() + ".tmp");
    if (auto written = write_log(source, draft.path(), size, lines); !written) return written;
    if (auto shared = share_blobs(source.blobs(), target.blobs()); !shared) return shared;
    // Only now others see it; never over another session.
    if (::link(draft.path().c_str(), target.log().c_str()) != 0) {
        return file_error("make", target.log(), errno);
    }
    // A cache, so that opening it does not read all of it.
    (void)write_snapshot(target, *folded, secrets);
    return sync_path(target.directory);
}

}  // namespace thole
