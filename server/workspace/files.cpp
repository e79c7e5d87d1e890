#include "workspace/files.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <vector>

#include "base/ids.hpp"

namespace thole {

namespace {

class Descriptor {
public:
    explicit Descriptor(int fd) : fd_(fd) {}
    ~Descriptor() { close(); }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    explicit operator bool() const { return fd_ >= 0; }
    int get() const { return fd_; }
    int close() {
        int result = fd_ >= 0 ? ::close(fd_) : 0;
        fd_ = -1;
        return result;
    }

private:
    int fd_;
};

// Removes the temporary file unless it has become the real one.
struct Temporary {
    std::string path;
    bool keep = false;
    explicit Temporary(std::string where) : path(std::move(where)) {}
    ~Temporary() {
        if (!keep) ::unlink(path.c_str());
    }
    Temporary(const Temporary&) = delete;
    Temporary& operator=(const Temporary&) = delete;
};

std::string parent_of(const std::string& path) {
    std::size_t slash = path.rfind('/');
    if (slash == path.npos) return ".";
    return slash == 0 ? "/" : path.substr(0, slash);
}

Code code_of(int error_number) {
    switch (error_number) {
        case ENOENT:
        case ENOTDIR:
            return Code::not_found;
        case EACCES:
        case EPERM:
        case EROFS:
        case ELOOP:
            return Code::denied;
        case EEXIST:
            return Code::exists;
        case EISDIR:
        case ENAMETOOLONG:
        case EINVAL:
            return Code::invalid_argument;
        default:
            return Code::io;
    }
}

int open_retrying(const std::string& path, int flags, mode_t mode = 0) {
    int fd;
    do fd = ::open(path.c_str(), flags | O_CLOEXEC, mode);
    while (fd < 0 && errno == EINTR);
    return fd;
}

bool write_all(int fd, std::string_view content) {
    while (!content.empty()) {
        ssize_t written = ::write(fd, content.data(), content.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return false;
        content.remove_prefix(static_cast<std::size_t>(written));
    }
    return true;
}

// What is at the place now decides whether it may be replaced. Gives the mode that the new file
// must have whatever the umask, or none.
Result<std::optional<mode_t>> forced_mode(const std::string& path, const WriteOptions& options) {
    std::optional<mode_t> forced;
    if (options.exact_mode) forced = options.mode;
    struct stat found {};
    if (::lstat(path.c_str(), &found) != 0) {
        if (errno != ENOENT) return system_error(errno, "write", path);
        return forced;
    }
    if (S_ISLNK(found.st_mode)) {
        if (options.replace_symlink) return forced;
        return fail(Code::denied, "cannot write '" + path +
                                      "': it is a symbolic link; write to the file that it "
                                      "points to");
    }
    if (S_ISDIR(found.st_mode)) {
        return fail(Code::invalid_argument, "cannot write '" + path + "': it is a directory");
    }
    if (!S_ISREG(found.st_mode)) {
        return fail(Code::invalid_argument, "cannot write '" + path + "': it is no regular file");
    }
    if (options.keep_mode && !options.exact_mode) forced = found.st_mode & 07777;
    return forced;
}

bool sync_directory(const std::string& path) {
    Descriptor directory(open_retrying(path, O_RDONLY | O_DIRECTORY));
    // Some filesystems cannot sync a directory and say EINVAL.
    return directory && (::fsync(directory.get()) == 0 || errno == EINVAL);
}

Result<void> check_private(const std::string& path) {
    struct stat found {};
    if (::lstat(path.c_str(), &found) != 0) return system_error(errno, "look at", path);
    if (!S_ISDIR(found.st_mode)) {
        return fail(Code::exists, "cannot make directory '" + path + "': something else is there");
    }
    if (found.st_uid != ::geteuid()) {
        return fail(Code::denied, "directory '" + path + "' belongs to another user");
    }
    if ((found.st_mode & 0777) != 0700 && ::chmod(path.c_str(), 0700) != 0) {
        return system_error(errno, "make private", path);
    }
    return {};
}

Result<std::string> read_descriptor(int fd, const std::string& path, std::size_t max_bytes) {
    struct stat found {};
    if (::fstat(fd, &found) != 0) return system_error(errno, "read", path);
    if (!S_ISREG(found.st_mode)) {
        const char* what = S_ISDIR(found.st_mode) ? "it is a directory" : "it is no regular file";
        return fail(Code::invalid_argument, "cannot read '" + path + "': " + what);
    }
    std::string content;
    std::size_t filled = 0;
    // One byte more than the size shows the end without another round; /proc files say size 0.
    std::size_t room = static_cast<std::size_t>(found.st_size) + 1;
    for (;;) {
        content.resize(std::min(filled + std::max<std::size_t>(room, 4096), max_bytes + 1));
        ssize_t got = ::read(fd, content.data() + filled, content.size() - filled);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return system_error(errno, "read", path);
        filled += static_cast<std::size_t>(got);
        if (got == 0) break;
        if (filled > max_bytes) {
            std::size_t size = std::max(filled, static_cast<std::size_t>(found.st_size));
            return fail(Code::too_large, "cannot read '" + path + "': it has " +
                                             std::to_string(size) + " bytes, the limit is " +
                                             std::to_string(max_bytes));
        }
        room = filled;
    }
    content.resize(filled);
    return content;
}

}  // namespace

Error system_error(int error_number, std::string_view did, std::string_view path) {
    std::string message = "cannot ";
    message.append(did).append(" '").append(path).append("': ");
    return fail(code_of(error_number), message + std::strerror(error_number));
}

Result<std::string> read_file(const std::string& path, std::size_t max_bytes) {
    // O_NONBLOCK: opening a FIFO must not wait for a writer.
    Descriptor file(open_retrying(path, O_RDONLY | O_NONBLOCK));
    if (!file) return system_error(errno, "read", path);
    return read_descriptor(file.get(), path, max_bytes);
}

Result<void> write_file_atomically(const std::string& path, std::string_view content,
                                   const WriteOptions& options) {
    std::string directory = parent_of(path);
    if (options.make_directories) {
        if (Result<void> made = make_directories(directory); !made) return made.error();
    }
    Result<std::optional<mode_t>> forced = forced_mode(path, options);
    if (!forced) return forced.error();
    mode_t mode = forced->value_or(options.mode);
    // Built from the directory, as the name itself may be as long as a name can be.
    std::string place = directory + "/.thole-" + random_token(12) + ".tmp";
    Descriptor file(open_retrying(place, O_WRONLY | O_CREAT | O_EXCL, mode & 0777));
    if (!file) return system_error(errno, "write", path);
    Temporary temporary(place);
    bool good = write_all(file.get(), content) && (!*forced || ::fchmod(file.get(), mode) == 0) &&
                (!options.durable || ::fsync(file.get()) == 0) && file.close() == 0;
    if (!good) return system_error(errno, "write", path);
    if (::rename(place.c_str(), path.c_str()) != 0) return system_error(errno, "write", path);
    temporary.keep = true;
    if (options.durable && !sync_directory(directory)) return system_error(errno, "sync", path);
    return {};
}

Result<void> make_directories(const std::string& path) {
    std::vector<std::string> missing;
    for (std::string at = path; at != "/" && at != "."; at = parent_of(at)) {
        struct stat found {};
        if (::stat(at.c_str(), &found) == 0 && S_ISDIR(found.st_mode)) break;
        missing.push_back(at);
    }
    for (auto at = missing.rbegin(); at != missing.rend(); ++at) {
        if (::mkdir(at->c_str(), 0777) == 0 || errno == EEXIST) continue;
        return system_error(errno, "make directory", *at);
    }
    struct stat found {};
    if (::stat(path.c_str(), &found) == 0 && S_ISDIR(found.st_mode)) return {};
    return fail(Code::exists, "cannot make directory '" + path + "': something else is there");
}

Result<void> make_private_directory(const std::string& path) {
    if (Result<void> made = make_directories(parent_of(path)); !made) return made.error();
    if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) {
        return system_error(errno, "make directory", path);
    }
    return check_private(path);
}

bool looks_binary(std::string_view bytes) {
    std::string_view start = bytes.substr(0, 8192);
    if (start.starts_with("\xff\xfe") || start.starts_with("\xfe\xff")) return true;
    std::size_t controls = 0;
    for (char c : start) {
        auto byte = static_cast<unsigned char>(c);
        if (byte == 0) return true;
        // Escape, backspace and form feed are in logs of terminals.
        if (byte < 7 || (byte > 13 && byte < 32 && byte != 27)) ++controls;
    }
    return controls * 10 > start.size();
}

std::optional<std::string> image_mime_type(std::string_view bytes) {
    if (bytes.starts_with("\x89PNG\r\n\x1a\n")) return "image/png";
    if (bytes.starts_with("\xff\xd8\xff")) return "image/jpeg";
    if (bytes.starts_with("GIF87a") || bytes.starts_with("GIF89a")) return "image/gif";
    if (bytes.starts_with("RIFF") && bytes.substr(0, 12).ends_with("WEBP")) return "image/webp";
    return std::nullopt;
}

}  // namespace thole
