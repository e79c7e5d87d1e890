#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <map>
#include <mutex>

#include "base/text.hpp"
#include "workspace/files.hpp"
#include "workspace/line_search.hpp"
#include "workspace/search.hpp"
#include "workspace/walk.hpp"
#include "workspace/wildcard.hpp"

namespace thole {

namespace {

constexpr std::size_t first_read = 64 << 10;
constexpr std::size_t most_read = 8 << 20;  // larger files are mapped

// Which files of a tree are searched.
class FileFilter {
public:
    explicit FileFilter(std::string_view glob) {
        negated_ = glob.starts_with('!');
        if (negated_) glob.remove_prefix(1);
        if (!glob.empty()) patterns_ = expand_braces(glob);
    }
    bool lets(std::string_view relative) const {
        if (patterns_.empty()) return true;
        bool covered =
            std::any_of(patterns_.begin(), patterns_.end(),
                        [&](const std::string& pattern) { return wild_covers(pattern, relative); });
        return covered != negated_;
    }

private:
    std::vector<std::string> patterns_;
    bool negated_ = false;
};

// The first files by path, as many as the limit needs, whatever order they come in.
class Collector {
public:
    Collector(GrepMode mode, std::size_t limit)
        : mode_(mode), limit_(std::max<std::size_t>(limit, 1)) {}

    // Whether a file at this path can still be in the answer.
    bool may_use(std::string_view path) {
        if (!full_) return true;
        std::lock_guard lock(mutex_);
        bool use = path < files_.rbegin()->first;
        truncated_ = truncated_ || !use;
        return use;
    }

    void add(GrepFile file) {
        std::lock_guard lock(mutex_);
        units_ += units(file);
        std::string path = file.path;
        files_.emplace(std::move(path), std::move(file));
        for (auto last = std::prev(files_.end()); units_ - units(last->second) >= limit_;
             last = std::prev(files_.end())) {
            units_ -= units(last->second);
            files_.erase(last);
            truncated_ = true;
        }
        full_ = units_ >= limit_;
    }

    void note(std::string text) {
        constexpr std::size_t most_notes = 20;
        std::lock_guard lock(mutex_);
        if (notes_.size() < most_notes) notes_.push_back(std::move(text));
    }

    GrepAnswer answer() {
        GrepAnswer answer;
        for (auto& [path, file] : files_) answer.files.push_back(std::move(file));
        if (units_ > limit_) {
            shorten(answer.files.back(), units_ - limit_);
            truncated_ = true;
        }
        for (const GrepFile& file : answer.files) answer.matches += file.count;
        std::sort(notes_.begin(), notes_.end());
        answer.notes = std::move(notes_);
        answer.truncated = truncated_;
        return answer;
    }

private:
    std::size_t units(const GrepFile& file) const {
        return mode_ == GrepMode::lines ? file.count : 1;
    }

    static void shorten(GrepFile& file, std::size_t surplus) {
        file.count -= surplus;
        while (surplus > 0) {
            if (file.lines.back().matched) --surplus;
            file.lines.pop_back();
        }
        // Context that led to what is gone now.
        std::size_t last = file.lines.size();
        while (last > 0 && !file.lines[last - 1].matched) --last;
        file.lines.resize(last);
    }

    GrepMode mode_;
    std::size_t limit_;
    std::atomic<bool> full_ = false;
    std::mutex mutex_;
    std::map<std::string, GrepFile> files_;
    std::vector<std::string> notes_;
    std::size_t units_ = 0;
    bool truncated_ = false;
};

class FileDescriptor {
public:
    explicit FileDescriptor(int fd) : fd_(fd) {}
    ~FileDescriptor() {
        if (fd_ >= 0) ::close(fd_);
    }
    FileDescriptor(const FileDescriptor&) = delete;
    FileDescriptor& operator=(const FileDescriptor&) = delete;
    int get() const { return fd_; }

private:
    int fd_;
};

class Mapping {
public:
    Mapping(int fd, std::size_t size)
        : size_(size), start_(::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, fd, 0)) {}
    ~Mapping() {
        if (start_ != MAP_FAILED) ::munmap(start_, size_);
    }
    Mapping(const Mapping&) = delete;
    Mapping& operator=(const Mapping&) = delete;
    bool is_good() const { return start_ != MAP_FAILED; }
    std::string_view text() const { return {static_cast<const char*>(start_), size_}; }

private:
    std::size_t size_;
    void* start_;
};

// What one thread has for itself.
struct Worker {
    LineSearch search;
    std::string buffer;
    Worker(const Pattern& pattern, const GrepQuery& query, std::stop_token stop)
        : search(pattern, query, std::move(stop)), buffer(first_read, '\0') {}
};

class Grepper final : public FileVisitor {
public:
    Grepper(const GrepQuery& query, const Pattern& pattern, const std::stop_token& stop)
        : query_(query),
          filter_(query.glob),
          collector_(query.mode, query.head_limit),
          skip_(query.path == "/" ? 1 : query.path.size() + 1) {
        for (std::size_t i = 0; i < walk_workers(); ++i) {
            workers_.push_back(std::make_unique<Worker>(pattern, query, stop));
        }
    }

    bool visit(const WalkedFile& file) override {
        if (!filter_.lets(file.path.substr(skip_)) || !collector_.may_use(file.path)) return true;
        FileDescriptor opened(::openat(file.directory, file.name.data(),
                                       O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
        search(*workers_[file.worker], opened.get(), file.path);
        return true;
    }

    void unreadable(const std::string& path, int error_number) override {
        collector_.note(system_error(error_number, "read", path).message);
    }

    void search(Worker& worker, int fd, std::string_view path) {
        if (fd < 0) return unreadable(std::string(path), errno);
        ssize_t got = ::read(fd, worker.buffer.data(), worker.buffer.size());
        if (got < 0) return unreadable(std::string(path), errno);
        auto filled = static_cast<std::size_t>(got);
        if (filled < worker.buffer.size()) {
            return search_text(worker, std::string_view(worker.buffer).substr(0, filled), path);
        }
        search_large(worker, fd, path);
    }

    void search_one(int fd) { search(*workers_[0], fd, query_.path); }
    GrepAnswer answer() { return collector_.answer(); }

private:
    void search_large(Worker& worker, int fd, std::string_view path) {
        struct stat found {};
        if (::fstat(fd, &found) != 0) return unreadable(std::string(path), errno);
        auto size = static_cast<std::size_t>(found.st_size);
        if (size > most_read) {
            Mapping mapping(fd, size);
            if (!mapping.is_good()) return unreadable(std::string(path), errno);
            return search_text(worker, mapping.text(), path);
        }
        std::string whole(std::max(size, worker.buffer.size()), '\0');
        ssize_t got = ::pread(fd, whole.data(), whole.size(), 0);
        if (got < 0) return unreadable(std::string(path), errno);
        search_text(worker, std::string_view(whole).substr(0, static_cast<std::size_t>(got)), path);
    }

    void search_text(Worker& worker, std::string_view text, std::string_view path) {
        GrepFile file{std::string(), 0, {}};
        if (!worker.search.run(text, file)) {
            collector_.note(
                "'" + std::string(path) +
                "' was not searched to its end: the pattern takes too many steps there");
        }
        if (file.count == 0) return;
        file.path = path;
        collector_.add(std::move(file));
    }

    const GrepQuery& query_;
    FileFilter filter_;
    Collector collector_;
    std::size_t skip_;
    std::vector<std::unique_ptr<Worker>> workers_;
};

}  // namespace

Result<GrepAnswer> grep(const GrepQuery& query, std::stop_token stop) {
    Result<Pattern> pattern = Pattern::compile(query.pattern, {query.ignore_case, query.multiline});
    if (!pattern) return pattern.error();
    struct stat found {};
    if (::stat(query.path.c_str(), &found) != 0) return system_error(errno, "search", query.path);
    Grepper grepper(query, *pattern, stop);
    if (S_ISDIR(found.st_mode)) {
        walk_tree(query.path, query.include_ignored, grepper, stop);
    } else if (S_ISREG(found.st_mode)) {
        FileDescriptor file(::open(query.path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
        if (file.get() < 0) return system_error(errno, "search", query.path);
        grepper.search_one(file.get());
    } else {
        return fail(Code::invalid_argument, "'" + query.path + "' is no regular file");
    }
    if (stop.stop_requested()) return cancelled();
    return grepper.answer();
}

}  // namespace thole
