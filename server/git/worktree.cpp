#include "git/worktree.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>

#include "async/descriptor.hpp"
#include "base/clock.hpp"
#include "base/ids.hpp"
#include "base/text.hpp"
#include "git/checkout.hpp"
#include "git/cleanup.hpp"
#include "git/erase.hpp"
#include "git/inclusion.hpp"
#include "git/record.hpp"
#include "git/snapshot.hpp"
#include "workspace/files.hpp"

namespace thole::git {

namespace fs = std::filesystem;

// One tree in the making. What has been made is taken back unless all of it works.
class Making {
public:
    explicit Making(const WorktreeRequest& request) : request_(request) {
        made_.worktree.id = request.id;
        made_.worktree.branch = "thole/" + request.id;
    }
    ~Making() {
        if (!has_begun_ || is_done_) return;
        (void)erase_worktree(made_.worktree).has_value();
        empty_trash(request_.folder);
    }
    Making(const Making&) = delete;
    Making& operator=(const Making&) = delete;

    Result<void> make_worktree() {
        Result<Place> place = find_place(request_.directory, request_.stop);
        if (!place) return place.error();
        if (Result<void> fits = check_repository(*place); !fits) return fits;
        if (Result<void> begun = begin(*place, place->common_dir); !begun) return begun;
        if (Result<void> taken = take_base(*place); !taken) return taken;
        if (Result<void> added = add_to_repository(*place); !added) return added;
        if (Result<void> written = check_out(Program(path(), request_.stop)); !written)
            return written;
        Result<Submodules> submodules = check_out_submodules(*place, path(), request_.stop);
        if (!submodules) return submodules.error();
        made_.worktree.submodules = std::move(submodules->paths);
        take_notes(submodules->notes);
        return finish(*place);
    }

    Result<void> make_copy() {
        Place folder;
        folder.top = fs::path(request_.directory).lexically_normal().string();
        if (folder.top.size() > 1 && folder.top.ends_with('/')) folder.top.pop_back();
        if (Result<void> fits = check_folder(folder.top); !fits) return fits;
        made_.worktree.kind = TreeKind::copy;
        if (Result<void> begun = begin(folder, folder.top); !begun) return begun;
        if (Result<void> made = make_private_repository(); !made) return made;
        Result<Place> origin = made_.worktree.origin(request_.stop);
        if (!origin) return origin.error();
        if (Result<void> taken = take_base(*origin); !taken) return taken;
        if (Result<void> added = make_refs(Program(path(), request_.stop)); !added) return added;
        if (Result<void> written = check_out(Program(path(), request_.stop)); !written)
            return written;
        return finish(*origin);
    }

    MadeWorktree take() {
        is_done_ = true;
        return std::move(made_);
    }

private:
    const std::string& path() const { return made_.worktree.path; }

    void take_notes(std::vector<std::string>& notes) {
        for (std::string& note : notes) made_.notes.push_back(std::move(note));
    }

    Result<void> check_repository(const Place& place) const {
        if (place.has_working_tree()) return {};
        if (place.kind == PlaceKind::none) {
            return fail(Code::not_found, "'" + request_.directory + "' is in no git repository");
        }
        return fail(Code::invalid_argument,
                    "'" + request_.directory +
                        "' is in a bare repository or a .git folder; go to a "
                        "working tree");
    }

    // Copying all that somebody has is never what was meant.
    Result<void> check_folder(const std::string& top) const {
        const char* home = std::getenv("HOME");
        bool is_too_much = top == "/" || (home && fs::path(home).lexically_normal() == top);
        if (is_too_much) {
            return fail(Code::invalid_argument,
                        "'" + top + "' is no folder of one project; go to one");
        }
        std::error_code absent;
        if (fs::is_directory(top, absent)) return {};
        return fail(Code::not_found, "'" + top + "' is no folder");
    }

    // The name, the place and the lock; from here on there is something to take back.
    Result<void> begin(const Place& place, const std::string& identity) {
        const std::string& id = request_.id;
        bool is_taken_for_files =
            id.ends_with(".json") || id.ends_with(".lock") || id.ends_with(".git");
        if (!is_valid_session_id(id) || is_taken_for_files) {
            return fail(Code::invalid_argument, "the name is no valid id");
        }
        Result<std::string> group = make_group(request_.folder, identity);
        if (!group) return group.error();
        Worktree& worktree = made_.worktree;
        worktree.path = *group + "/" + id;
        worktree.repository = place.top;
        bool is_copy = worktree.kind == TreeKind::copy;
        worktree.common_dir = is_copy ? path() + ".git" : place.common_dir;
        worktree.created = rfc3339(SystemClock().now());
        struct stat found {};
        if (::lstat(path().c_str(), &found) == 0) {
            return fail(Code::exists, "'" + path() + "' is there already");
        }
        Result<Lease> lease = lease_at(worktree.lock_file(), O_CREAT | O_EXCL);
        if (!lease) return lease.error();
        made_.lease = std::move(*lease);
        has_begun_ = true;
        return {};
    }

    Result<void> take_base(const Place& place) {
        SnapshotRequest request{place};
        request.stop = request_.stop;
        if (place.is_private) request.keep_index_at = place.index;
        Result<Snapshot> taken = take_snapshot(request);
        if (!taken) return taken.error();
        made_.worktree.base = taken->commit;
        take_notes(taken->notes);
        // From now on others can find what was begun, should this process end here.
        return write_record(made_.worktree);
    }

    Result<void> add_to_repository(const Place& place) {
        Program git = place.program(request_.stop);
        if (Result<void> made = make_refs(git); !made) return made;
        const Worktree& worktree = made_.worktree;
        // git stumbles over another tree that is just being added ("failed to read …/commondir").
        async::Descriptor turn(
            ::open(place.common_dir.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
        while (turn.is_open() && ::flock(turn.fd(), LOCK_EX) != 0 && errno == EINTR) {
        }
        Words add = {"worktree", "add", "--quiet", "--no-checkout", worktree.path, worktree.branch};
        if (Result<std::string> added = git.ask(add); !added) return added.error();
        return {};
    }

    // Both or none. A branch of this name is somebody else's, and stays.
    Result<void> make_refs(const Program& git) {
        Worktree& worktree = made_.worktree;
        std::string input = "create refs/heads/" + worktree.branch + " " + worktree.base +
                            "\ncreate refs/thole/base/" + worktree.id + " " + worktree.base + "\n";
        Result<Answer> made = git.run({"update-ref", "--stdin"}, input);
        if (made && made->exit_code == 0) return {};
        std::string branch = std::exchange(worktree.branch, {});
        if (!made) return made.error();
        bool is_taken = made->complaint.find("already exists") != std::string::npos;
        if (is_taken) return fail(Code::exists, "branch '" + branch + "' is there already");
        return fail(Code::io, "git update-ref: " + one_line(made->complaint, 300));
    }

    // Bytes as they are, whatever attributes and settings say.
    Result<void> make_private_repository() const {
        const Worktree& worktree = made_.worktree;
        Words words = {"init",
                       "--quiet",
                       "--template=",
                       "--separate-git-dir=" + worktree.common_dir,
                       "--initial-branch=" + worktree.branch,
                       worktree.path};
        Result<std::string> made = Program(worktree.folder(), request_.stop).ask(words);
        if (!made) return made.error();
        WriteOptions options;
        options.make_directories = true;
        return write_file_atomically(worktree.common_dir + "/info/attributes",
                                     "* -text -filter -ident !eol !working-tree-encoding\n",
                                     options);
    }

    Result<void> finish(const Place& from) {
        InclusionRequest request{from, path(), request_.include_file, request_.stop};
        Result<Inclusion> inclusion = include_ignored(request);
        if (!inclusion) return inclusion.error();
        made_.worktree.included = std::move(inclusion->files);
        take_notes(inclusion->notes);
        bool is_recorded_too = made_.worktree.included.empty() && made_.worktree.submodules.empty();
        if (!is_recorded_too) {
            if (Result<void> written = write_record(made_.worktree); !written) return written;
        }
        std::error_code absent;
        made_.cwd = from.inside.empty() ? path() : path() + "/" + from.inside;
        if (!fs::is_directory(made_.cwd, absent)) made_.cwd = path();
        return {};
    }

    const WorktreeRequest& request_;
    MadeWorktree made_;
    bool has_begun_ = false, is_done_ = false;
};

namespace {

Result<MadeWorktree> made_by(const WorktreeRequest& request, Result<void> (Making::*make)()) {
    Making making(request);
    Result<void> made = (making.*make)();
    if (made) return making.take();
    const Error& why = made.error();
    if (why.code == Code::cancelled) return why;
    return fail(why.code, "cannot make worktree '" + request.id + "': " + why.message);
}

}  // namespace

Result<MadeWorktree> make_worktree(const WorktreeRequest& request) {
    return made_by(request, &Making::make_worktree);
}

Result<MadeWorktree> make_copy(const WorktreeRequest& request) {
    return made_by(request, &Making::make_copy);
}

Result<MadeWorktree> make_tree(const WorktreeRequest& request) {
    Result<Place> place = find_place(request.directory, request.stop);
    if (!place) return place.error();
    return place->kind == PlaceKind::none ? make_copy(request) : make_worktree(request);
}

}  // namespace thole::git
