#include "git/erase.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <optional>

#include "base/ids.hpp"
#include "base/text.hpp"
#include "workspace/files.hpp"

namespace thole::git {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t largest_pointer = 64 << 10;

std::string pointer_in(const std::string& file) {
    Result<std::string> text = read_file(file, largest_pointer);
    return text ? std::string(trim(*text)) : std::string();
}

class Erasing {
public:
    explicit Erasing(const Worktree& worktree) : worktree_(worktree) {}

    Result<void> run() {
        forget_submodules();
        move_away(worktree_.path);
        if (worktree_.kind == TreeKind::copy) {
            move_away(worktree_.common_dir);
        } else {
            note(remove_admin_entry(worktree_.common_dir, worktree_.path));
            remove_refs();
        }
        remove(worktree_.record_file());
        if (first_) return *first_;
        remove(worktree_.lock_file());
        ::rmdir(fs::path(worktree_.path).parent_path().c_str());
        if (first_) return *first_;
        return {};
    }

private:
    void note(const Result<void>& done) {
        if (!done && !first_) first_ = done.error();
    }

    void remove(const std::string& file) {
        if (::unlink(file.c_str()) != 0 && errno != ENOENT)
            note(system_error(errno, "remove", file));
    }

    // Their .git files say where they are kept: <repository>/worktrees/<name>.
    void forget_submodules() {
        for (const std::string& path : worktree_.submodules) {
            std::string pointer = pointer_in(worktree_.path + "/" + path + "/.git");
            if (!pointer.starts_with("gitdir: ")) continue;
            fs::path entry = pointer.substr(8);
            std::string repository = entry.parent_path().parent_path().string();
            note(remove_admin_entry(repository, worktree_.path + "/" + path));
        }
    }

    void move_away(const std::string& path) {
        std::string trash = worktree_.folder() + "/.trash";
        struct stat found {};
        if (::lstat(path.c_str(), &found) != 0) return;
        if (Result<void> made = make_private_directory(trash); !made) return note(made);
        std::string place = trash + "/" + random_token(16);
        if (::rename(path.c_str(), place.c_str()) != 0) note(system_error(errno, "remove", path));
    }

    void remove_refs() {
        std::error_code gone;
        bool are_any = !worktree_.branch.empty() && fs::is_directory(worktree_.common_dir, gone);
        if (!are_any) return;
        Program git =
            Program(worktree_.common_dir).with_variable("GIT_DIR=" + worktree_.common_dir);
        std::string input = "delete refs/heads/" + worktree_.branch + "\ndelete refs/thole/base/" +
                            worktree_.id + "\n";
        Result<std::string> done = git.ask({"update-ref", "--stdin"}, input);
        if (!done) note(done.error());
    }

    const Worktree& worktree_;
    std::optional<Error> first_;
};

}  // namespace

std::string admin_entry_of(const std::string& common_dir, const std::string& path) {
    std::error_code absent;
    for (const fs::directory_entry& entry :
         fs::directory_iterator(common_dir + "/worktrees", absent)) {
        std::string gitdir = pointer_in(entry.path().string() + "/gitdir");
        if (gitdir == path + "/.git") return entry.path().string();
    }
    return {};
}

Result<void> remove_admin_entry(const std::string& common_dir, const std::string& path) {
    std::string entry = admin_entry_of(common_dir, path);
    if (entry.empty()) return {};
    std::error_code failed;
    fs::remove_all(entry, failed);
    // Git too removes the folder with its last entry.
    ::rmdir((common_dir + "/worktrees").c_str());
    if (!failed) return {};
    return fail(Code::io, "cannot remove '" + entry + "': " + failed.message());
}

Result<void> erase_worktree(const Worktree& worktree) {
    return Erasing(worktree).run();
}

}  // namespace thole::git
