#include "journal/log_file.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace thole {

namespace {

struct flock whole_file(short type) {
    struct flock lock {};
    lock.l_type = type;
    lock.l_whence = SEEK_SET;
    return lock;
}

}  // namespace

Result<LogFile> LogFile::create(const std::string& path) {
    auto file = open_own_file(path, O_RDWR | O_APPEND | O_CREAT);
    if (!file) return file.error();
    LogFile log(std::move(*file), path);
    if (auto locked = log.lock(); !locked) return locked.error();
    return log;
}

Result<LogFile> LogFile::open(const std::string& path) {
    auto file = open_own_file(path, O_RDWR | O_APPEND);
    if (!file) return file.error();
    LogFile log(std::move(*file), path);
    if (auto locked = log.lock(); !locked) return locked.error();
    return log;
}

Result<void> LogFile::lock() {
    if (::flock(fd(), LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK) return file_error("lock", path_, errno);
        return fail(Code::busy, "cannot write " + path_ +
                                    ": another process has this session open; attach to it "
                                    "or fork it");
    }
    struct stat status {};
    if (::fstat(fd(), &status) != 0) return file_error("look at", path_, errno);
    if (status.st_nlink == 0) return fail(Code::not_found, path_ + " was deleted just now");
    // For has_writer() only: where it is not to be had, readers go by pid and start time.
    struct flock lock = whole_file(F_WRLCK);
    ::fcntl(fd(), F_OFD_SETLK, &lock);
    return {};
}

Result<void> LogFile::heal(std::int64_t end) {
    struct stat status {};
    if (::fstat(fd(), &status) != 0) return file_error("look at", path_, errno);
    if (status.st_size > end && ::ftruncate(fd(), end) != 0) {
        return file_error("cut the torn end of", path_, errno);
    }
    end_ = end;
    char last = '\n';
    if (end > 0 && ::pread(fd(), &last, 1, end - 1) != 1) return file_error("read", path_, errno);
    return last == '\n' ? Result<void>() : append("\n");
}

Result<void> LogFile::append(std::string_view line) {
    auto written = write_all(fd(), line, path_);
    if (written) {
        end_ += static_cast<std::int64_t>(line.size());
        return {};
    }
    Error error = written.error();
    error.message += "; nothing more is recorded: make room, then resume the session";
    // When this fails too the torn line is cut at the next open.
    if (::ftruncate(fd(), end_) != 0) error.message += " (its last line is torn)";
    return error;
}

bool has_writer(const std::string& log) {
    auto file = open_own_file(log, O_RDONLY);
    if (!file) return false;
    struct flock lock = whole_file(F_RDLCK);
    return ::fcntl(file->fd(), F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
}

}  // namespace thole
