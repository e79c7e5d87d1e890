#include "git/copying.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

#include "git/beneath.hpp"
#include "workspace/files.hpp"

namespace thole::git {
namespace {

namespace fs = std::filesystem;
using async::Descriptor;

bool write_whole(int fd, const char* bytes, std::size_t size) {
    while (size > 0) {
        ssize_t written = ::write(fd, bytes, size);
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return false;
        bytes += written;
        size -= static_cast<std::size_t>(written);
    }
    return true;
}

bool copy_bytes(int from, int to) {
    if (::ioctl(to, FICLONE, from) == 0) return true;
    constexpr std::size_t most = 1 << 30;
    ssize_t moved;
    while ((moved = ::copy_file_range(from, nullptr, to, nullptr, most, 0)) > 0) continue;
    bool has_moved = moved == 0 && ::lseek(to, 0, SEEK_CUR) > 0;
    if (has_moved) return true;
    // Some file systems cannot, and some pretend that the file is empty.
    if (moved < 0 && errno == ENOSPC) return false;
    std::unique_ptr<char[]> buffer(new char[1 << 16]);
    for (;;) {
        ssize_t got = ::read(from, buffer.get(), 1 << 16);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return got == 0;
        if (!write_whole(to, buffer.get(), static_cast<std::size_t>(got))) return false;
    }
}

std::vector<std::string> names_in(int folder) {
    std::vector<std::string> names;
    int again = ::openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    std::unique_ptr<DIR, int (*)(DIR*)> entries(again < 0 ? nullptr : ::fdopendir(again),
                                                ::closedir);
    if (!entries) return names;
    while (const dirent* entry = ::readdir(entries.get())) {
        std::string_view name = entry->d_name;
        if (name != "." && name != "..") names.emplace_back(name);
    }
    return names;
}

class Copying {
public:
    explicit Copying(const CopyRequest& request) : request_(request) {}

    Result<std::vector<std::string>> run() {
        Result<Descriptor> from = open_folder(request_.from), to = open_folder(request_.to);
        if (!from) return from.error();
        if (!to) return to.error();
        from_ = from->fd();
        to_ = to->fd();
        for (const std::string& path : request_.paths) start_at(path);
        copy_files();
        for (auto folder = folders_.rbegin(); folder != folders_.rend(); ++folder) finish(*folder);
        if (request_.stop.stop_requested()) return cancelled();
        if (failure_) return *failure_;
        return std::move(notes_);
    }

private:
    static constexpr std::size_t files_per_part = 256;

    struct File {
        std::string name;
        struct stat facts {};
    };
    // Files of one folder, for one thread.
    struct Part {
        std::string folder;
        std::vector<File> files;
    };
    struct Folder {
        std::string path;
        struct stat facts {};
    };
    // The same folder in both trees.
    struct Pair {
        int from = -1, to = -1;
    };

    bool is_over() const { return request_.stop.stop_requested() || has_failed_; }

    void leave_out(const std::string& path, const std::string& why) {
        std::lock_guard lock(mutex_);
        notes_.push_back("'" + path + "' is not copied: " + why);
    }
    void give_up(const std::string& path, int error_number) {
        std::lock_guard lock(mutex_);
        if (!failure_) failure_ = system_error(error_number, "copy", path);
        has_failed_ = true;
    }

    void start_at(const std::string& path) {
        Result<Descriptor> from = open_parent(from_, path, Missing::refuse);
        if (!from) return leave_out(path, from.error().message);
        Result<Descriptor> to = open_parent(to_, path, Missing::make);
        if (!to) return leave_out(path, to.error().message);
        take({from->fd(), to->fd()}, path);
    }

    // Files are noted for later, so that all threads share them; folders and links are made.
    void take(const Pair& in, const std::string& path) {
        if (is_over()) return;
        File file{std::string(name_of(path)), {}};
        if (::fstatat(in.from, file.name.c_str(), &file.facts, AT_SYMLINK_NOFOLLOW) != 0) {
            return leave_out(path, std::strerror(errno));
        }
        if (S_ISDIR(file.facts.st_mode)) return take_folder(in, path, file);
        if (S_ISLNK(file.facts.st_mode)) return make_link(in, path);
        if (!S_ISREG(file.facts.st_mode)) return leave_out(path, "it is no regular file");
        if (file.name == ".git") return leave_out(path, "it belongs to another git worktree");
        note(parent_of(path), std::move(file));
    }

    void note(std::string folder, File file) {
        bool goes_on = !parts_.empty() && parts_.back().folder == folder &&
                       parts_.back().files.size() < files_per_part;
        if (!goes_on) parts_.push_back({std::move(folder), {}});
        parts_.back().files.push_back(std::move(file));
    }

    void take_folder(const Pair& in, const std::string& path, const File& folder) {
        constexpr int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
        bool is_new = ::mkdirat(in.to, folder.name.c_str(), 0700) == 0;
        if (!is_new && errno != EEXIST) return give_up(path, errno);
        Descriptor from(::openat(in.from, folder.name.c_str(), flags));
        Descriptor to(::openat(in.to, folder.name.c_str(), flags));
        if (!from.is_open() || !to.is_open()) return leave_out(path, std::strerror(errno));
        if (is_new) folders_.push_back({path, folder.facts});
        for (const std::string& inner : names_in(from.fd())) {
            take({from.fd(), to.fd()}, path + "/" + inner);
        }
    }

    void make_link(const Pair& in, const std::string& path) {
        std::string name(name_of(path));
        char target[4097];
        ssize_t size = ::readlinkat(in.from, name.c_str(), target, sizeof target - 1);
        if (size < 0) return leave_out(path, std::strerror(errno));
        std::string there(target, static_cast<std::size_t>(size));
        bool is_inside = there == request_.from || there.starts_with(request_.from + "/");
        if (is_inside) there = request_.to + there.substr(request_.from.size());
        int made = ::symlinkat(there.c_str(), in.to, name.c_str());
        if (made != 0 && errno != EEXIST) give_up(path, errno);
    }

    void copy_files() {
        std::size_t workers = std::clamp(std::thread::hardware_concurrency(), 1u, 8u);
        workers = std::clamp<std::size_t>(parts_.size(), 1, workers);
        std::vector<std::thread> threads;
        for (std::size_t i = 1; i < workers; ++i) threads.emplace_back([this] { work(); });
        work();
        for (std::thread& thread : threads) thread.join();
    }

    void work() {
        while (!is_over()) {
            std::size_t mine = next_++;
            if (mine >= parts_.size()) return;
            copy_part(parts_[mine]);
        }
    }

    void copy_part(const Part& part) {
        Result<Descriptor> from = open_below(from_, part.folder, Missing::refuse);
        Result<Descriptor> to = open_below(to_, part.folder, Missing::refuse);
        if (!from || !to) return leave_out(part.folder, (from ? to : from).error().message);
        for (const File& file : part.files) {
            if (is_over()) return;
            copy_file({from->fd(), to->fd()}, part.folder + "/" + file.name, file);
        }
    }

    void copy_file(const Pair& in, const std::string& path, const File& file) {
        constexpr int reading = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
        Descriptor from(::openat(in.from, file.name.c_str(), reading));
        if (!from.is_open()) return leave_out(path, std::strerror(errno));
        constexpr int writing = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
        Descriptor to(::openat(in.to, file.name.c_str(), writing, 0600));
        if (!to.is_open() && errno == EEXIST) return;
        timespec times[2] = {file.facts.st_atim, file.facts.st_mtim};
        bool is_copied = to.is_open() && copy_bytes(from.fd(), to.fd()) &&
                         ::fchmod(to.fd(), file.facts.st_mode & 0777) == 0 &&
                         ::futimens(to.fd(), times) == 0;
        if (!is_copied) give_up(path, errno);
    }

    // A folder that may not be written gets its mode when all is in it.
    void finish(const Folder& folder) const {
        std::string path = request_.to + "/" + folder.path;
        timespec times[2] = {folder.facts.st_atim, folder.facts.st_mtim};
        (void)::chmod(path.c_str(), folder.facts.st_mode & 0777);
        (void)::utimensat(AT_FDCWD, path.c_str(), times, AT_SYMLINK_NOFOLLOW);
    }

    const CopyRequest& request_;
    int from_ = -1, to_ = -1;
    std::vector<Part> parts_;
    std::vector<Folder> folders_;
    std::atomic<std::size_t> next_ = 0;
    std::atomic<bool> has_failed_ = false;
    std::mutex mutex_;
    std::optional<Error> failure_;
    std::vector<std::string> notes_;
};

}  // namespace

Result<std::vector<std::string>> copy_all(const CopyRequest& request) {
    return Copying(request).run();
}

}  // namespace thole::git
