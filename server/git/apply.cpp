#include "git/apply.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>

#include "git/aside.hpp"
#include "git/beneath.hpp"
#include "workspace/files.hpp"

namespace thole::git {
namespace {

namespace fs = std::filesystem;
using async::Descriptor;
using Kind = FileStep::Kind;

constexpr std::size_t largest_file = std::size_t{1} << 40;

std::optional<struct stat> facts_in(int folder, const std::string& name) {
    struct stat found {};
    if (::fstatat(folder, name.c_str(), &found, AT_SYMLINK_NOFOLLOW) != 0) return std::nullopt;
    return found;
}

Result<void> succeeded(int returned, std::string_view did, const std::string& path) {
    if (returned == 0) return {};
    return system_error(errno, did, path);
}

class Applying {
public:
    explicit Applying(const ApplyRequest& request) : request_(request), steps_(request.steps) {
        // A file must go before another can be where its folder was.
        std::stable_partition(steps_.begin(), steps_.end(),
                              [](const FileStep& step) { return step.kind == Kind::remove; });
    }

    Result<void> run() {
        Result<Descriptor> root = open_folder(request_.root), aside = open_folder(request_.aside);
        if (!root) return root.error();
        if (!aside) return aside.error();
        root_ = root->fd();
        aside_ = aside->fd();
        Result<void> done = lay_all_aside();
        if (done) done = write_names();
        for (std::size_t i = 0; done && i < steps_.size(); ++i) done = take(i);
        if (!done) {
            drop_aside(new_name);
            return undo(done.error());
        }
        drop_aside(old_name);
        drop_names();
        for (const FileStep& step : steps_) {
            if (step.kind == Kind::remove) prune(parent_of(step.path));
        }
        return {};
    }

private:
    using Undoing = std::function<Result<void>()>;

    static std::string new_name(std::size_t i) { return std::to_string(i) + ".new"; }

    void drop_aside(std::string (*name)(std::size_t)) const {
        for (std::size_t i = 0; i < steps_.size(); ++i) {
            ::unlinkat(aside_, name(i).c_str(), 0);
        }
    }

    // Everything new is written before anything is touched.
    Result<void> lay_all_aside() const {
        for (std::size_t i = 0; i < steps_.size(); ++i) {
            if (request_.stop.stop_requested()) return cancelled();
            if (steps_[i].kind != Kind::write) continue;
            if (Result<void> laid = lay_aside(steps_[i], new_name(i)); !laid) return laid;
        }
        return {};
    }

    // For who finds the folder when this process has ended in the middle.
    Result<void> write_names() const {
        std::string names;
        for (const FileStep& step : steps_) {
            std::string name = step.path;
            std::replace(name.begin(), name.end(), '\n', '?');
            names += name + "\n";
        }
        return write_file_atomically(request_.aside + "/" + names_file, names);
    }

    void drop_names() const { ::unlinkat(aside_, names_file, 0); }

    Result<void> lay_aside(const FileStep& step, const std::string& name) const {
        std::string target = request_.aside + "/" + name;
        std::error_code failed;
        bool is_link = fs::is_symlink(fs::symlink_status(step.source, failed));
        if (is_link) {
            fs::copy_symlink(step.source, target, failed);
        } else if (!failed) {
            fs::copy_file(step.source, target, failed);
        }
        if (failed) return system_error(failed.value(), "write", step.path);
        if (is_link) return {};
        Descriptor file(::open(target.c_str(), O_RDONLY | O_CLOEXEC));
        bool is_safe =
            file.is_open() && ::fchmod(file.fd(), step.mode) == 0 && ::fsync(file.fd()) == 0;
        return succeeded(is_safe ? 0 : -1, "write", step.path);
    }

    Result<void> take(std::size_t i) {
        const FileStep& step = steps_[i];
        if (request_.stop.stop_requested()) return cancelled();
        bool is_new = step.kind == Kind::write && !step.expected;
        if (is_new) {
            if (Result<void> cleared = clear_way(step.path); !cleared) return cleared;
        }
        Result<Descriptor> folder = open_parent(root_, step.path, Missing::refuse);
        if (!folder) return folder.error();
        if (!is_same(facts_in(folder->fd(), std::string(name_of(step.path))), step.expected)) {
            return fail(Code::busy, "'" + step.path + "' has been changed meanwhile; try again");
        }
        Result<bool> is_written = offer(step);
        if (!is_written) return is_written.error();
        return *is_written ? Result<void>() : change(i, folder->fd());
    }

    // Makes the folders that a new file needs; an empty folder at its place gives way.
    Result<void> clear_way(const std::string& path) {
        for (std::size_t slash = path.find('/'); slash != path.npos;
             slash = path.find('/', slash + 1)) {
            if (Result<void> made = make_folder(path.substr(0, slash)); !made) return made;
        }
        std::optional<struct stat> there = facts_at(request_.root + "/" + path);
        bool is_folder = there && S_ISDIR(there->st_mode);
        return is_folder ? remove_folder(path) : Result<void>();
    }

    Result<void> make_folder(const std::string& path) {
        Result<Descriptor> above = open_parent(root_, path, Missing::refuse);
        if (!above) return above.error();
        int made = ::mkdirat(above->fd(), std::string(name_of(path)).c_str(), 0777);
        if (made != 0 && errno == EEXIST) return {};
        if (made == 0) {
            undoings_.push_back([this, path] { return drop_folder(path); });
        }
        return succeeded(made, "make folder", path);
    }

    Result<void> drop_folder(const std::string& path) const {
        Result<Descriptor> above = open_parent(root_, path, Missing::refuse);
        if (!above) return above.error();
        int gone = ::unlinkat(above->fd(), std::string(name_of(path)).c_str(), AT_REMOVEDIR);
        return succeeded(gone, "remove folder", path);
    }

    // With the empty folders in it; anything else in it makes this fail.
    Result<void> remove_folder(const std::string& path) {
        std::error_code failed;
        for (const fs::directory_entry& entry :
             fs::directory_iterator(request_.root + "/" + path, failed)) {
            std::error_code gone;
            bool is_folder = entry.is_directory(gone) && !entry.is_symlink(gone);
            std::string inner = path + "/" + entry.path().filename().string();
            Result<void> removed = is_folder ? remove_folder(inner) : Result<void>();
            if (!removed) return removed;
        }
        std::optional<struct stat> facts = facts_at(request_.root + "/" + path);
        Result<void> dropped = drop_folder(path);
        if (!dropped || !facts) return dropped;
        mode_t mode = facts->st_mode & 07777;
        undoings_.push_back([this, path, mode] {
            std::string place = request_.root + "/" + path;
            bool is_back = ::mkdir(place.c_str(), 0700) == 0 && ::chmod(place.c_str(), mode) == 0;
            return succeeded(is_back ? 0 : -1, "make folder", path);
        });
        return {};
    }

    // Files that somebody has open are for him to write.
    Result<bool> offer(const FileStep& step) {
        bool is_file = !step.expected || S_ISREG(step.expected->st_mode);
        std::error_code absent;
        bool is_link = fs::is_symlink(fs::symlink_status(step.source, absent));
        bool is_offered = request_.writer && step.kind != Kind::set_mode && is_file && !is_link;
        if (!is_offered) return false;
        FileWrite write{request_.root + "/" + step.path, {}, {}};
        if (step.expected) {
            Result<std::string> before = read_file(write.path, largest_file);
            if (!before) return before.error();
            write.before = std::move(*before);
        }
        if (step.kind == Kind::write) {
            Result<std::string> after = read_file(step.source, largest_file);
            if (!after) return after.error();
            write.after = std::move(*after);
        }
        Result<bool> is_written = request_.writer(write);
        if (is_written && *is_written) {
            undoings_.push_back([this, write] { return take_back(write); });
        }
        return is_written;
    }

    Result<void> take_back(const FileWrite& write) const {
        Result<bool> is_back = request_.writer({write.path, write.after, write.before});
        if (!is_back) return is_back.error();
        if (*is_back) return {};
        return fail(Code::io, "'" + write.path + "' could not be put back");
    }

    Result<void> change(std::size_t i, int folder) {
        const FileStep& step = steps_[i];
        std::string name(name_of(step.path));
        if (step.kind == Kind::set_mode) {
            int set = ::fchmodat(folder, name.c_str(), step.mode, 0);
            if (set == 0) undoings_.push_back([this, i] { return put_mode_back(i); });
            return succeeded(set, "change the mode of", step.path);
        }
        if (step.expected) {
            if (Result<void> kept = keep(i, folder); !kept) return kept;
        }
        if (step.kind == Kind::remove) return {};
        int moved = ::renameat(aside_, new_name(i).c_str(), folder, name.c_str());
        if (moved == 0 && !step.expected) {
            undoings_.push_back([this, i] { return drop_file(i); });
        }
        return succeeded(moved, "write", step.path);
    }

    // Puts what is there aside. For a file to be replaced it stays in place too, if there are hard
    // links, so that there is no moment without it.
    Result<void> keep(std::size_t i, int folder) {
        const FileStep& step = steps_[i];
        std::string name(name_of(step.path)), old = old_name(i);
        int kept = -1;
        if (step.kind == Kind::write) kept = ::linkat(folder, name.c_str(), aside_, old.c_str(), 0);
        if (kept != 0) kept = ::renameat(folder, name.c_str(), aside_, old.c_str());
        if (kept == 0) undoings_.push_back([this, i] { return put_back(i); });
        return succeeded(kept, "change", step.path);
    }

    Result<void> put_back(std::size_t i) const {
        const std::string& path = steps_[i].path;
        Result<Descriptor> folder = open_parent(root_, path, Missing::refuse);
        std::string name(name_of(path)), old = old_name(i);
        int moved = -1;
        if (folder) moved = ::renameat(aside_, old.c_str(), folder->fd(), name.c_str());
        // Two names of one file: nothing was moved.
        if (moved == 0) ::unlinkat(aside_, old.c_str(), 0);
        if (moved == 0) return {};
        Error why = folder ? system_error(errno, "put back", path) : folder.error();
        return fail(Code::io, why.message + "; what was in '" + path + "' is kept in '" +
                                  request_.aside + "/" + old + "'");
    }

    Result<void> put_mode_back(std::size_t i) const {
        const FileStep& step = steps_[i];
        std::string place = request_.root + "/" + step.path;
        return succeeded(::chmod(place.c_str(), step.expected->st_mode & 07777), "put back",
                         step.path);
    }

    Result<void> drop_file(std::size_t i) const {
        const std::string& path = steps_[i].path;
        Result<Descriptor> folder = open_parent(root_, path, Missing::refuse);
        if (!folder) return folder.error();
        return succeeded(::unlinkat(folder->fd(), std::string(name_of(path)).c_str(), 0), "remove",
                         path);
    }

    Error undo(const Error& why) const {
        std::string faults;
        for (auto one = undoings_.rbegin(); one != undoings_.rend(); ++one) {
            Result<void> undone = (*one)();
            if (!undone) faults += "; " + undone.error().message;
        }
        if (faults.empty()) drop_names();
        return fail(faults.empty() ? why.code : Code::io, why.message + faults);
    }

    // As git does, for folders in which nothing is left.
    void prune(std::string folder) const {
        for (; !folder.empty(); folder = parent_of(folder)) {
            if (!drop_folder(folder)) return;
        }
    }

    const ApplyRequest& request_;
    std::vector<FileStep> steps_;
    std::vector<Undoing> undoings_;
    int root_ = -1, aside_ = -1;
};

}  // namespace

std::optional<struct stat> facts_at(const std::string& path) {
    return facts_in(AT_FDCWD, path);
}

bool is_same(const std::optional<struct stat>& a, const std::optional<struct stat>& b) {
    if (!a || !b) return !a && !b;
    auto is_at = [](const timespec& x, const timespec& y) {
        return x.tv_sec == y.tv_sec && x.tv_nsec == y.tv_nsec;
    };
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size &&
           a->st_mode == b->st_mode && is_at(a->st_mtim, b->st_mtim) &&
           is_at(a->st_ctim, b->st_ctim);
}

Result<void> apply_all(const ApplyRequest& request) {
    return Applying(request).run();
}

}  // namespace thole::git
