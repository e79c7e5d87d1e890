#include "workspace/roots.hpp"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <deque>
#include <string>

#include "workspace/files.hpp"

namespace thole {

namespace {

constexpr int most_links = 40;  // as the kernel

// Puts the components of `path` before what is still to be walked.
void push_front(std::deque<std::string>& parts, std::string_view path) {
    std::deque<std::string> added;
    while (!path.empty()) {
        std::size_t end = path.find('/');
        std::string_view part = path.substr(0, end);
        path.remove_prefix(end == path.npos ? path.size() : end + 1);
        if (!part.empty() && part != ".") added.emplace_back(part);
    }
    parts.insert(parts.begin(), added.begin(), added.end());
}

void to_parent(std::string& path) {
    std::size_t slash = path.rfind('/');
    path.resize(slash == path.npos ? 0 : slash);
}

// The target of a link; "" when there is no link at `path`.
Result<std::string> link_target(const std::string& path) {
    char target[PATH_MAX];
    ssize_t length = ::readlink(path.c_str(), target, sizeof target);
    if (length >= 0) return std::string(target, static_cast<std::size_t>(length));
    if (errno == EINVAL || errno == ENOENT || errno == ENOTDIR) return std::string();
    return system_error(errno, "resolve", path);
}

Result<void> check_given(std::string_view path) {
    if (path.empty()) return fail(Code::invalid_argument, "the path is empty");
    if (path.find('\0') != path.npos) {
        return fail(Code::invalid_argument, "the path has a NUL byte");
    }
    if (path.size() >= PATH_MAX) {
        return fail(Code::invalid_argument, "the path is longer than the system allows");
    }
    if (path[0] == '~') {
        return fail(Code::invalid_argument, "'" + std::string(path) +
                                                "': ~ is not expanded; give the whole path, or "
                                                "./~ for a file of that name");
    }
    return {};
}

Result<std::string> check_root(const std::string& directory) {
    if (!directory.starts_with('/')) {
        return fail(Code::invalid_argument, "directory '" + directory + "' is not absolute");
    }
    Result<std::string> resolved = resolve_path("/", directory);
    if (!resolved) return resolved.error();
    struct stat found {};
    if (::stat(resolved->c_str(), &found) != 0) return system_error(errno, "open", directory);
    if (!S_ISDIR(found.st_mode)) {
        return fail(Code::invalid_argument, "'" + directory + "' is not a directory");
    }
    return resolved;
}

bool has_component(std::string_view path, std::string_view name) {
    while (!path.empty()) {
        std::size_t end = path.find('/');
        if (path.substr(0, end) == name) return true;
        path.remove_prefix(end == path.npos ? path.size() : end + 1);
    }
    return false;
}

// What configures thole itself in a directory of the workspace.
bool configures_thole(std::string_view resolved) {
    for (std::string_view name : {"config.toml", "agents", "commands", "skills", "hooks"}) {
        std::string place = std::string("/.thole/").append(name);
        std::size_t found = resolved.find(place);
        if (found == resolved.npos) continue;
        std::string_view rest = resolved.substr(found + place.size());
        if (rest.empty() || rest[0] == '/') return true;
    }
    return false;
}

int open_without_links(int base, const std::string& path, int flags, unsigned mode) {
    open_how how{};
    how.flags = static_cast<unsigned long long>(flags | O_CLOEXEC);
    bool creates = flags & O_CREAT || (flags & O_TMPFILE) == O_TMPFILE;
    how.mode = creates ? mode : 0;
    how.resolve = RESOLVE_NO_SYMLINKS | RESOLVE_BENEATH;
    return static_cast<int>(::syscall(SYS_openat2, base, path.c_str(), &how, sizeof how));
}

// For kernels and sandboxes without openat2: each directory by itself, none through a link.
int open_step_by_step(int base, const std::string& path, int flags, unsigned mode) {
    int at = ::dup(base);
    std::size_t begin = 0;
    for (;;) {
        std::size_t end = path.find('/', begin);
        std::string part = path.substr(begin, end == path.npos ? end : end - begin);
        bool last = end == path.npos;
        int here =
            last ? flags | O_NOFOLLOW | O_CLOEXEC : O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
        int next = ::openat(at, part.c_str(), here, mode);
        int error_number = errno;
        ::close(at);
        errno = error_number;
        if (next < 0 || last) return next;
        at = next;
        begin = end + 1;
    }
}

}  // namespace

bool is_below(std::string_view path, std::string_view directory) {
    if (directory == "/") return path.starts_with('/');
    if (!path.starts_with(directory)) return false;
    return path.size() == directory.size() || path[directory.size()] == '/';
}

Result<std::string> resolve_path(std::string_view base, std::string_view path) {
    if (Result<void> checked = check_given(path); !checked) return checked.error();
    std::deque<std::string> parts;
    push_front(parts, path);
    if (path[0] != '/') push_front(parts, base);
    std::string done;
    int links = 0;
    while (!parts.empty()) {
        std::string part = std::move(parts.front());
        parts.pop_front();
        if (part == "..") {
            to_parent(done);
            continue;
        }
        std::string next = done + "/" + part;
        Result<std::string> target = link_target(next);
        if (!target) return target.error();
        if (target->empty()) {
            done = std::move(next);
            continue;
        }
        if (++links > most_links) {
            return fail(Code::invalid_argument,
                        "cannot resolve '" + std::string(path) + "': its links go in a circle");
        }
        if ((*target)[0] == '/') done.clear();
        push_front(parts, *target);
    }
    return done.empty() ? "/" : done;
}

Result<Roots> Roots::open(std::vector<std::string> directories) {
    if (directories.empty()) {
        return fail(Code::invalid_argument, "a session needs at least one directory");
    }
    Roots roots;
    for (const std::string& directory : directories) {
        Result<std::string> resolved = check_root(directory);
        if (!resolved) return resolved.error();
        roots.directories_.push_back(std::move(*resolved));
    }
    return roots;
}

Result<std::string> Roots::resolve(std::string_view path) const {
    return resolve_path(cwd(), path);
}

bool Roots::contains(std::string_view resolved) const {
    for (const std::string& directory : directories_) {
        if (is_below(resolved, directory)) return true;
    }
    return false;
}

bool Roots::is_protected(std::string_view resolved) const {
    return has_component(resolved, ".git") || configures_thole(resolved);
}

std::string Roots::shown(std::string_view resolved) const {
    if (resolved == cwd()) return ".";
    if (cwd() == "/" || !is_below(resolved, cwd())) return std::string(resolved);
    return std::string(resolved.substr(cwd().size() + 1));
}

Result<int> Roots::open_inside(const std::string& resolved, int flags, unsigned mode) const {
    for (const std::string& directory : directories_) {
        if (!is_below(resolved, directory)) continue;
        int base = ::open(directory.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (base < 0) return system_error(errno, "open", directory);
        std::size_t skip = directory == "/" ? 1 : directory.size() + 1;
        std::string rest = resolved.size() < skip ? "." : resolved.substr(skip);
        int fd = open_without_links(base, rest, flags, mode);
        if (fd < 0 && (errno == ENOSYS || errno == EPERM)) {
            fd = open_step_by_step(base, rest, flags, mode);
        }
        int error_number = errno;
        ::close(base);
        if (fd >= 0) return fd;
        return system_error(error_number, "open", resolved);
    }
    return fail(Code::denied, "cannot open '" + resolved + "': it is outside the workspace");
}

}  // namespace thole
