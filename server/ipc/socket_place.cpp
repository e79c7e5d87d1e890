#include "ipc/socket_place.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "async/unix_socket.hpp"
#include "base/ids.hpp"

namespace thole::ipc {

namespace {

Error system_error(const std::string& what, int error_number) {
    bool is_denied = error_number == EACCES || error_number == EPERM || error_number == EROFS;
    return fail(is_denied ? Code::denied : Code::io,
                "cannot " + what + ": " + std::strerror(error_number));
}

bool is_directory_of(const std::string& path, uid_t user) {
    struct stat status {};
    if (path.empty() || path.front() != '/' || ::stat(path.c_str(), &status) != 0) return false;
    return S_ISDIR(status.st_mode) && status.st_uid == user;
}

Result<void> make_private(const std::string& directory, uid_t user) {
    const auto refuse = [&](const std::string& why) {
        return fail(Code::denied, "cannot put sockets into " + directory + ": " + why +
                                      "; remove it or set XDG_RUNTIME_DIR to a directory of yours");
    };
    if (::mkdir(directory.c_str(), 0700) != 0 && errno != EEXIST) {
        return system_error("make the directory for sockets " + directory, errno);
    }
    const int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK;
    const async::Descriptor opened(::open(directory.c_str(), flags));
    if (!opened.is_open() && (errno == ELOOP || errno == ENOTDIR)) {
        return refuse("it is a symbolic link or no directory");
    }
    struct stat status {};
    if (!opened.is_open() && errno == EACCES) return refuse("it belongs to another user");
    if (!opened.is_open() || ::fstat(opened.fd(), &status) != 0) {
        return system_error("look at the directory for sockets " + directory, errno);
    }
    if (status.st_uid != user) return refuse("it belongs to another user");
    if ((status.st_mode & 022) != 0) return refuse("others can write it");
    // What a umask took away, or somebody gave to readers.
    if ((status.st_mode & 0777) == 0700 || ::fchmod(opened.fd(), 0700) == 0) return {};
    return system_error("protect the directory for sockets " + directory, errno);
}

}  // namespace

Result<std::string> socket_path(const SocketPlace& place, const std::string& session_id) {
    if (!is_valid_session_id(session_id)) {
        return fail(Code::invalid_argument, "not a session id: " + session_id.substr(0, 128));
    }
    const std::string file = "/" + session_id + ".sock";
    std::string directory = place.runtime_directory + "/thole";
    if (directory.size() + file.size() > async::longest_socket_path ||
        !is_directory_of(place.runtime_directory, place.user)) {
        directory = place.temporary + "/thole-" + std::to_string(place.user);
    }
    std::string path = directory + file;
    if (path.size() > async::longest_socket_path) {
        return fail(Code::too_large, "session " + session_id + " can have no socket: " + path +
                                         " is " + std::to_string(path.size()) +
                                         " bytes long, and the limit is " +
                                         std::to_string(async::longest_socket_path));
    }
    if (Result<void> made = make_private(directory, place.user); !made) return made.error();
    return path;
}

Result<void> remove_stale_socket(const std::string& path, uid_t user) {
    struct stat status {};
    if (::lstat(path.c_str(), &status) != 0) {
        if (errno == ENOENT) return {};
        return system_error("look at " + path, errno);
    }
    if (!S_ISSOCK(status.st_mode) || status.st_uid != user) {
        return fail(Code::denied, "cannot make the socket " + path +
                                      ": something else is there; move it away and try again");
    }
    Result<async::Descriptor> listener = async::connect_unix(path);
    if (listener || listener.error().code == Code::busy) {
        return fail(Code::busy,
                    "cannot make the socket " + path + ": another process listens there");
    }
    if (listener.error().code != Code::unavailable) return listener.error();
    if (::unlink(path.c_str()) == 0 || errno == ENOENT) return {};
    return system_error("remove the stale socket " + path, errno);
}

}  // namespace thole::ipc
