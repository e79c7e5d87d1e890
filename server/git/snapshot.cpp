#include "git/snapshot.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>

#include "async/descriptor.hpp"
#include "base/text.hpp"
#include "git/status.hpp"
#include "git/temporary.hpp"
#include "workspace/files.hpp"

namespace thole::git {
namespace {

constexpr std::size_t largest_index = 1 << 30;
constexpr char message[] = "What the working tree held";

// Ends each path with a NUL, as `-z --stdin` wants it.
void add_path(std::string& list, std::string_view path) {
    list.append(path).push_back('\0');
}

// What has to happen to a copy of the index so that it says what is on the disk.
struct Changes {
    std::string watched;  // entries to be compared with the disk from now on
    std::string removed;
    std::string written;     // changed or new
    std::string submodules;  // lines for --index-info
    bool are_any() const {
        return !watched.empty() || !removed.empty() || !written.empty() || !submodules.empty();
    }
};

// A copy of the user's index with its time, by which git knows what was written right after it.
Result<void> copy_index(const std::string& from, const std::string& to) {
    async::Descriptor file(::open(from.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file.is_open() && errno == ENOENT) return {};
    struct stat facts {};
    if (!file.is_open() || ::fstat(file.fd(), &facts) != 0)
        return system_error(errno, "read", from);
    // By its descriptor, so that bytes and time are of one version.
    std::string place = "/proc/self/fd/" + std::to_string(file.fd());
    Result<std::string> bytes = read_file(place, largest_index);
    if (!bytes) return bytes.error();
    WriteOptions options;
    options.durable = false;
    if (Result<void> written = write_file_atomically(to, *bytes, options); !written) return written;
    timespec times[2] = {facts.st_mtim, facts.st_mtim};
    if (::utimensat(AT_FDCWD, to.c_str(), times, 0) != 0) return system_error(errno, "date", to);
    return {};
}

class Taking {
public:
    Taking(const SnapshotRequest& request, const std::string& index)
        : request_(request),
          place_(request.place),
          index_(index),
          git_(place_.program(request.stop).with_index(index)) {}

    Result<Snapshot> take() {
        Result<Status> status = read_status(git_);
        if (!status) return status.error();
        if (Result<void> looked = look_at_head(status->head); !looked) return looked.error();
        Result<Changes> changes = changes_of(*status);
        if (!changes) return changes.error();
        bool is_staged = false;
        for (const ChangedEntry& entry : status->changed) is_staged |= entry.in_index != '.';
        made_.tree = made_.head_tree = head_tree_;
        made_.nested = std::move(status->nested);
        made_.is_clean = status->changed.empty() && made_.nested.empty() && !changes->are_any();
        if (head_.empty() || is_staged || changes->are_any()) {
            Result<std::string> tree = tree_of(*changes);
            if (!tree) return tree.error();
            made_.tree = *tree;
        }
        if (request_.is_tree_enough) return std::move(made_);
        Result<std::string> commit = commit_of(made_.tree);
        if (!commit) return commit.error();
        made_.commit = *commit;
        return std::move(made_);
    }

private:
    Result<void> look_at_head(const std::string& head) {
        head_ = head;
        if (head.empty()) return {};
        Words words = {"log", "-1", "--no-show-signature", "--format=%T %ct", head};
        Result<std::string> facts = git_.line(words);
        if (!facts) return facts.error();
        std::size_t space = facts->find(' ');
        head_tree_ = facts->substr(0, space);
        head_date_ = facts->substr(space + 1);
        return {};
    }

    Result<Changes> changes_of(const Status& status) {
        Changes changes;
        Result<std::vector<std::string>> unwatched =
            unwatched_entries(place_, index_, request_.stop);
        if (!unwatched) return unwatched.error();
        for (const std::string& path : *unwatched) {
            add_path(changes.watched, path);
            add_path(is_there(path) ? changes.written : changes.removed, path);
        }
        for (const ChangedEntry& entry : status.changed) {
            if (Result<void> added = add_change(changes, entry); !added) return added.error();
        }
        for (const std::string& path : status.untracked) add_untracked(changes, path);
        for (const std::string& path : request_.ignored_too) {
            if (is_there(path)) add_path(changes.written, path);
        }
        for (const std::string& path : status.nested) {
            leave_out(path, "it is a git repository of its own");
        }
        return changes;
    }

    Result<void> add_change(Changes& changes, const ChangedEntry& entry) {
        if (entry.has_changes && entry.on_disk != 'D') return add_submodule(changes, entry.path);
        if (entry.on_disk == '.') return {};
        bool is_gone = entry.on_disk == 'D' || !is_there(entry.path);
        add_path(is_gone ? changes.removed : changes.written, entry.path);
        return {};
    }

    Result<void> add_submodule(Changes& changes, const std::string& path) {
        Result<Place> inner = find_place(place_.top + "/" + path, request_.stop);
        if (!inner) return in_submodule(path, inner.error());
        SnapshotRequest request = request_;
        request.place = *inner;
        request.ignored_too.clear();
        request.keep_index_at.clear();
        request.is_tree_enough = false;
        Result<Snapshot> taken = take_snapshot(request);
        if (!taken) return in_submodule(path, taken.error());
        add_path(changes.submodules, "160000 " + taken->commit + " 0\t" + path);
        for (const std::string& note : taken->notes) made_.notes.push_back(path + ": " + note);
        return {};
    }

    static Error in_submodule(const std::string& path, const Error& why) {
        return fail(why.code, "submodule '" + path + "': " + why.message);
    }

    void add_untracked(Changes& changes, const std::string& path) {
        struct stat found {};
        if (::lstat((place_.top + "/" + path).c_str(), &found) != 0) return;
        if (S_ISREG(found.st_mode) &&
            static_cast<std::uint64_t>(found.st_size) > request_.largest_untracked) {
            std::uint64_t megabytes = request_.largest_untracked >> 20;
            return leave_out(
                path, "it is not tracked and larger than " + std::to_string(megabytes) + " MB");
        }
        add_path(changes.written, path);
    }

    void leave_out(const std::string& path, const std::string& why) {
        made_.notes.push_back("'" + to_valid_utf8(path) + "' is left out: " + why);
    }

    bool is_there(const std::string& path) const {
        struct stat found {};
        return ::lstat((place_.top + "/" + path).c_str(), &found) == 0;
    }

    Result<std::string> tree_of(const Changes& changes) const {
        struct Step {
            const std::string& list;
            Words words;
        };
        for (const Step& step : {Step{changes.watched, {"--no-assume-unchanged"}},
                                 Step{changes.watched, {"--no-skip-worktree"}},
                                 Step{changes.removed, {"--force-remove"}},
                                 Step{changes.written, {"--add", "--remove", "--replace"}}}) {
            if (step.list.empty()) continue;
            Words words = {"update-index", "-z"};
            words.insert(words.end(), step.words.begin(), step.words.end());
            words.emplace_back("--stdin");
            if (Result<std::string> done = git_.ask(words, step.list); !done) return done;
        }
        if (!changes.submodules.empty()) {
            Words words = {"update-index", "-z", "--index-info"};
            if (auto done = git_.ask(words, changes.submodules); !done) return done;
        }
        return git_.line({"write-tree"});
    }

    Result<std::string> commit_of(const std::string& tree) const {
        if (tree == head_tree_) return head_;
        Words words = {"commit-tree", tree, "-m", message};
        if (!head_.empty()) words.insert(words.end(), {"-p", head_});
        // Of the date of HEAD, so that the same state is the same commit.
        return git_.with_variable("GIT_AUTHOR_DATE=@" + head_date_ + " +0000")
            .with_variable("GIT_COMMITTER_DATE=@" + head_date_ + " +0000")
            .line(words);
    }

    const SnapshotRequest& request_;
    const Place& place_;
    const std::string& index_;
    Program git_;
    std::string head_, head_tree_, head_date_ = "0";
    Snapshot made_;
};

}  // namespace

Result<Snapshot> take_snapshot(const SnapshotRequest& request) {
    if (!request.place.has_working_tree()) {
        return fail(Code::invalid_argument, "cannot take a snapshot of '" + request.place.top +
                                                "': there is no git working tree");
    }
    Result<TemporaryFolder> scratch = TemporaryFolder::make();
    if (!scratch) return scratch.error();
    std::string index = scratch->path() + "/index";
    Result<void> copied = copy_index(request.place.index, index);
    if (!copied) return copied.error();
    Result<Snapshot> taken = Taking(request, index).take();
    if (taken && !request.keep_index_at.empty()) {
        Result<void> kept = copy_index(index, request.keep_index_at);
        if (!kept) return kept.error();
    }
    return taken;
}

}  // namespace thole::git
