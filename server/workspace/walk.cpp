#include "workspace/walk.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "workspace/ignore.hpp"

namespace thole {

namespace {

// The kernel's record of getdents64.
struct DirectoryRecord {
    std::uint64_t inode;
    std::int64_t offset;
    unsigned short length;
    unsigned char type;
    char name[];
};

class OpenDirectory {
public:
    explicit OpenDirectory(int fd) : fd_(fd) {}
    ~OpenDirectory() {
        if (fd_ >= 0) ::close(fd_);
    }
    OpenDirectory(const OpenDirectory&) = delete;
    OpenDirectory& operator=(const OpenDirectory&) = delete;
    int fd() const { return fd_; }

private:
    int fd_;
};

// Names of one directory; a directory with many files is shared out in parts.
struct Part {
    std::shared_ptr<OpenDirectory> open;  // null: the directory is still to be read
    std::string directory;
    std::vector<std::string> files;
    IgnoreRules rules;
};

struct Listing {
    std::vector<std::string> files, directories;
    bool has_ignore_file = false;
};

class Walk {
public:
    Walk(FileVisitor& visitor, bool include_ignored, std::stop_token stop)
        : visitor_(visitor), include_ignored_(include_ignored), stop_(std::move(stop)) {}

    void run(Part first) {
        push(std::move(first));
        std::vector<std::thread> threads;
        for (std::size_t i = 1; i < walk_workers(); ++i) {
            threads.emplace_back([this, i] { work(i); });
        }
        work(0);
        for (std::thread& thread : threads) thread.join();
    }

private:
    static constexpr std::size_t files_per_part = 512;

    void push(Part part) {
        std::lock_guard lock(mutex_);
        parts_.push_back(std::move(part));
        changed_.notify_one();
    }

    bool is_over() const { return stop_.stop_requested() || ended_; }

    // False when nothing is left and nobody can bring anything new.
    bool take(Part& part) {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return !parts_.empty() || busy_ == 0; });
        if (parts_.empty()) return false;
        part = std::move(parts_.back());
        parts_.pop_back();
        ++busy_;
        return true;
    }

    void done() {
        std::lock_guard lock(mutex_);
        if (--busy_ == 0) changed_.notify_all();
    }

    void work(std::size_t worker) {
        Part part;
        while (take(part)) {
            if (!is_over() && !part.open) read_directory(part);
            visit_files(part, worker);
            part = {};
            done();
        }
    }

    void visit_files(const Part& part, std::size_t worker) {
        std::string path = part.directory + (part.directory == "/" ? "" : "/");
        std::size_t base = path.size();
        for (const std::string& name : part.files) {
            if (is_over()) return;
            path.resize(base);
            path += name;
            if (!part.rules.is_empty() && part.rules.ignores(path, false)) continue;
            if (!visitor_.visit({worker, part.open->fd(), name, path})) ended_ = true;
        }
    }

    void read_directory(Part& part) {
        int fd = ::open(part.directory.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (fd < 0) return visitor_.unreadable(part.directory, errno);
        part.open = std::make_shared<OpenDirectory>(fd);
        Listing listing;
        if (!read_entries(fd, listing)) visitor_.unreadable(part.directory, errno);
        if (listing.has_ignore_file && !include_ignored_) {
            part.rules = part.rules.with_directory(part.directory);
        }
        push_directories(part, listing);
        share_out(part, std::move(listing.files));
    }

    void push_directories(const Part& part, const Listing& listing) {
        std::string slash = part.directory == "/" ? "" : "/";
        for (const std::string& name : listing.directories) {
            std::string path = part.directory + slash + name;
            if (part.rules.ignores(path, true)) continue;
            push({nullptr, std::move(path), {}, part.rules});
        }
    }

    void share_out(Part& part, std::vector<std::string> files) {
        while (files.size() > files_per_part) {
            auto from = files.end() - files_per_part;
            Part share{part.open, part.directory, {}, part.rules};
            share.files.assign(std::make_move_iterator(from), std::make_move_iterator(files.end()));
            files.erase(from, files.end());
            push(std::move(share));
        }
        part.files = std::move(files);
    }

    static bool read_entries(int fd, Listing& listing) {
        alignas(DirectoryRecord) char buffer[32768];
        for (;;) {
            long got = ::syscall(SYS_getdents64, fd, buffer, sizeof buffer);
            if (got <= 0) return got == 0;
            for (long at = 0; at < got;) {
                auto* record = reinterpret_cast<DirectoryRecord*>(buffer + at);
                add_entry(fd, *record, listing);
                at += record->length;
            }
        }
    }

    static void add_entry(int fd, const DirectoryRecord& record, Listing& listing) {
        std::string_view name = record.name;
        if (name == "." || name == ".." || name == ".git") return;
        unsigned char type = record.type;
        if (type == DT_UNKNOWN) type = type_by_stat(fd, record.name);
        if (type == DT_DIR) listing.directories.emplace_back(name);
        if (type != DT_REG) return;
        listing.files.emplace_back(name);
        if (name == ".gitignore") listing.has_ignore_file = true;
    }

    static unsigned char type_by_stat(int fd, const char* name) {
        struct stat found {};
        if (::fstatat(fd, name, &found, AT_SYMLINK_NOFOLLOW) != 0) return DT_UNKNOWN;
        if (S_ISDIR(found.st_mode)) return DT_DIR;
        return S_ISREG(found.st_mode) ? DT_REG : DT_UNKNOWN;
    }

    FileVisitor& visitor_;
    bool include_ignored_;
    std::stop_token stop_;
    std::atomic<bool> ended_ = false;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<Part> parts_;
    std::size_t busy_ = 0;
};

}  // namespace

std::size_t walk_workers() {
    return std::clamp(std::thread::hardware_concurrency(), 1u, 8u);
}

void walk_tree(const std::string& directory, bool include_ignored, FileVisitor& visitor,
               std::stop_token stop) {
    IgnoreRules rules;
    // The directory's own .gitignore is read again with the directory; twice does no harm.
    if (!include_ignored) rules = IgnoreRules::for_walk_at(directory);
    Walk(visitor, include_ignored, std::move(stop)).run({nullptr, directory, {}, rules});
}

}  // namespace thole
