#include "journal/files.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>

namespace thole {

namespace {

constexpr std::string_view gitignore =
    "# Sessions of thole stay on this machine; settings may be shared.\n"
    "*\n"
    "!config.toml\n"
    "!agents/\n"
    "!agents/**\n"
    "!commands/\n"
    "!commands/**\n"
    "!skills/\n"
    "!skills/**\n";

Code code_of(int error_number) {
    switch (error_number) {
        case ENOENT:
        case ENOTDIR:
            return Code::not_found;
        case EEXIST:
            return Code::exists;
        case EACCES:
        case EPERM:
        case EROFS:
        case ELOOP:
            return Code::denied;
        default:
            return Code::io;
    }
}

std::string parent_of(const std::string& path) {
    const auto parent = std::filesystem::path(path).parent_path().string();
    return parent.empty() ? "." : parent;
}

Result<void> check_own_file(int fd, const std::string& path) {
    struct stat status {};
    if (::fstat(fd, &status) != 0) return file_error("look at", path, errno);
    const auto refuse = [&](std::string_view why) {
        return fail(Code::denied, "cannot use " + path + ": it " + std::string(why) +
                                      "; move it away and try again");
    };
    if (S_ISDIR(status.st_mode)) return refuse("is a directory, not a file");
    if (!S_ISREG(status.st_mode)) return refuse("is not a regular file");
    if (status.st_uid != ::geteuid()) return refuse("belongs to another user");
    return {};
}

Result<void> write_gitignore(const std::string& directory) {
    const std::string path = directory + "/.gitignore";
    auto file = open_own_file(path, O_WRONLY | O_CREAT);
    if (!file && file.error().code == Code::exists) return {};
    if (!file) return file.error();
    return write_all(file->fd(), gitignore, path);
}

Result<void> make_private_directory(const std::string& directory) {
    const auto advice = [&](std::string_view why) {
        return fail(Code::denied, "cannot keep sessions in " + directory + ": " + std::string(why));
    };
    if (::mkdir(directory.c_str(), 0700) == 0) {
        if (::chmod(directory.c_str(), 0700) == 0) return {};
        return file_error("protect", directory, errno);
    }
    if (errno != EEXIST) {
        Error error = file_error("make directory", directory, errno);
        error.message += "; make it writable or start thole in another directory";
        return error;
    }
    struct stat status {};
    if (::lstat(directory.c_str(), &status) != 0) return file_error("look at", directory, errno);
    if (S_ISLNK(status.st_mode)) return advice("it is a symbolic link; replace it by a directory");
    if (!S_ISDIR(status.st_mode)) return advice("it is not a directory; move it away");
    if (status.st_uid != ::geteuid()) return advice("it belongs to another user");
    if (::access(directory.c_str(), W_OK | X_OK) != 0) {
        return advice("it is not writable; make it so or start thole in another directory");
    }
    return {};
}

}  // namespace

Error file_error(std::string_view what, const std::string& path, int error_number) {
    return fail(code_of(error_number),
                "cannot " + std::string(what) + " " + path + ": " + std::strerror(error_number));
}

Result<Descriptor> open_own_file(const std::string& path, int flags) {
    const bool creates = (flags & O_CREAT) != 0;
    // O_NONBLOCK: a pipe in the file's place must not hold us up.
    const int all = flags | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | (creates ? O_EXCL : 0);
    Descriptor file(::open(path.c_str(), all, 0600));
    if (!file.is_open() && errno == ELOOP) {
        return fail(Code::denied, "cannot use " + path +
                                      ": it is a symbolic link; replace it by the file itself");
    }
    if (!file.is_open() && errno == EISDIR) {
        return fail(Code::denied,
                    "cannot use " + path + ": it is a directory, not a file; move it away");
    }
    if (!file.is_open()) return file_error(creates ? "make" : "open", path, errno);
    if (creates && ::fchmod(file.fd(), 0600) != 0) return file_error("protect", path, errno);
    if (auto fine = check_own_file(file.fd(), path); !fine) return fine.error();
    return file;
}

Result<void> write_all(int fd, std::string_view bytes, const std::string& path) {
    while (!bytes.empty()) {
        const ssize_t written = ::write(fd, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return file_error("write", path, errno);
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return {};
}

Result<std::string> read_whole(const std::string& path) {
    auto file = open_own_file(path, O_RDONLY);
    if (!file) return file.error();
    std::string content;
    struct stat status {};
    if (::fstat(file->fd(), &status) == 0) {
        content.reserve(static_cast<std::size_t>(status.st_size));
    }
    std::array<char, 16384> block;
    while (true) {
        const ssize_t got = ::read(file->fd(), block.data(), block.size());
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return file_error("read", path, errno);
        if (got == 0) return content;
        content.append(block.data(), static_cast<std::size_t>(got));
    }
}

Result<void> replace_file(const std::string& path, std::string_view bytes, Durable durable) {
    const std::string temporary = path + ".tmp";
    ::unlink(temporary.c_str());
    auto file = open_own_file(temporary, O_WRONLY | O_CREAT);
    if (!file) return file.error();
    auto done = write_all(file->fd(), bytes, temporary);
    if (done && durable == Durable::yes && ::fsync(file->fd()) != 0) {
        done = file_error("sync", temporary, errno);
    }
    if (done && ::rename(temporary.c_str(), path.c_str()) != 0) {
        done = file_error("replace", path, errno);
    }
    if (!done) ::unlink(temporary.c_str());
    if (!done || durable == Durable::no) return done;
    return sync_path(parent_of(path));
}

Result<void> sync_path(const std::string& path) {
    const Descriptor opened(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    if (!opened.is_open() || ::fsync(opened.fd()) != 0) return file_error("sync", path, errno);
    return {};
}

Result<void> make_private_directories(const std::string& directory) {
    const std::string parent = parent_of(directory);
    const bool is_ours = std::filesystem::path(parent).filename() == ".thole";
    if (is_ours || ::access(parent.c_str(), F_OK) != 0) {
        if (auto made = make_private_directory(parent); !made) return made;
    }
    if (is_ours) {
        if (auto written = write_gitignore(parent); !written) return written;
    }
    return make_private_directory(directory);
}

}  // namespace thole
