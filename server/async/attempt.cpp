#include "async/attempt.hpp"

#include <fcntl.h>
#include <linux/fs.h>
#include <seccomp.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <string_view>

#include "async/caller.hpp"
#include "async/confine.hpp"
#include "async/descriptor.hpp"
#include "async/process_tree.hpp"

namespace thole::async {

namespace {

// A call that is always refused. `path` is the argument that holds the path, `folder` the one with
// the descriptor that it is relative to; without a path it is the file itself. No name: it is not
// told, because programs try it without meaning to change anything, or do without.
struct Refused {
    int call;
    const char* name;
    int error;
    int folder = -1, path = -1;
    bool creates = false;
};

constexpr Refused refused[] = {
    {SCMP_SYS(unlink), "unlink", EROFS, -1, 0},
    {SCMP_SYS(unlinkat), "unlink", EROFS, 0, 1},
    {SCMP_SYS(rmdir), "rmdir", EROFS, -1, 0},
    {SCMP_SYS(mkdir), "mkdir", EROFS, -1, 0, true},
    {SCMP_SYS(mkdirat), "mkdir", EROFS, 0, 1, true},
    {SCMP_SYS(rename), "rename", EROFS, -1, 0},
    {SCMP_SYS(renameat), "rename", EROFS, 0, 1},
    {SCMP_SYS(renameat2), "rename", EROFS, 0, 1},
    {SCMP_SYS(link), "link", EROFS, -1, 1, true},
    {SCMP_SYS(linkat), "link", EROFS, 2, 3, true},
    {SCMP_SYS(symlink), "symlink", EROFS, -1, 1, true},
    {SCMP_SYS(symlinkat), "symlink", EROFS, 1, 2, true},
    {SCMP_SYS(mknod), "mknod", EROFS, -1, 0, true},
    {SCMP_SYS(mknodat), "mknod", EROFS, 0, 1, true},
    {SCMP_SYS(truncate), "truncate", EROFS, -1, 0},
    {SCMP_SYS(chmod), "chmod", EROFS, -1, 0},
    {SCMP_SYS(fchmod), "chmod", EROFS, 0, -1},
    {SCMP_SYS(fchmodat), "chmod", EROFS, 0, 1},
    {452, "chmod", EROFS, 0, 1},  // fchmodat2
    {SCMP_SYS(chown), "chown", EROFS, -1, 0},
    {SCMP_SYS(lchown), "chown", EROFS, -1, 0},
    {SCMP_SYS(fchown), "chown", EROFS, 0, -1},
    {SCMP_SYS(fchownat), "chown", EROFS, 0, 1},
    {SCMP_SYS(utime), "utime", EROFS, -1, 0},
    {SCMP_SYS(utimes), "utime", EROFS, -1, 0},
    {SCMP_SYS(futimesat), "utime", EROFS, 0, 1},
    {SCMP_SYS(utimensat), "utime", EROFS, 0, 1},
    {SCMP_SYS(setxattr), "setxattr", EROFS, -1, 0},
    {SCMP_SYS(lsetxattr), "setxattr", EROFS, -1, 0},
    {SCMP_SYS(fsetxattr), "setxattr", EROFS, 0, -1},
    {463, "setxattr", EROFS, 0, 1},  // setxattrat
    {SCMP_SYS(removexattr), "removexattr", EROFS, -1, 0},
    {SCMP_SYS(lremovexattr), "removexattr", EROFS, -1, 0},
    {SCMP_SYS(fremovexattr), "removexattr", EROFS, 0, -1},
    {466, "removexattr", EROFS, 0, 1},  // removexattrat
    {469, "chattr", EROFS, 0, 1},       // file_setattr
    {SCMP_SYS(mount), "mount", EPERM, -1, 1},
    {SCMP_SYS(umount2), "umount", EPERM, -1, 0},
    {SCMP_SYS(pivot_root), "pivot_root", EPERM, -1, 0},
    {SCMP_SYS(chroot), "chroot", EPERM, -1, 0},
    {SCMP_SYS(move_mount), "mount", EPERM, 2, 3},
    {SCMP_SYS(mount_setattr), "mount", EPERM, 0, 1},
    {SCMP_SYS(open_tree), nullptr, EPERM},
    {SCMP_SYS(fsopen), nullptr, EPERM},
    {SCMP_SYS(fsmount), nullptr, EPERM},
    {SCMP_SYS(fsconfig), nullptr, EPERM},
    {SCMP_SYS(fspick), nullptr, EPERM},
    {SCMP_SYS(swapon), "swapon", EPERM, -1, 0},
    {SCMP_SYS(swapoff), "swapoff", EPERM, -1, 0},
    {SCMP_SYS(acct), "acct", EPERM, -1, 0},
    {SCMP_SYS(quotactl), nullptr, EPERM},
    {SCMP_SYS(unshare), "unshare", EPERM},
    {SCMP_SYS(setns), "setns", EPERM},
    {SCMP_SYS(listen), nullptr, EPERM},
    {SCMP_SYS(accept), nullptr, EPERM},
    {SCMP_SYS(accept4), nullptr, EPERM},
    {SCMP_SYS(ptrace), "ptrace", EPERM},
    {SCMP_SYS(process_vm_writev), "process_vm_writev", EPERM},
    {SCMP_SYS(pidfd_getfd), "pidfd_getfd", EPERM},
    {SCMP_SYS(process_madvise), nullptr, EPERM},
    {SCMP_SYS(process_mrelease), nullptr, EPERM},
    {SCMP_SYS(migrate_pages), nullptr, EPERM},
    {SCMP_SYS(move_pages), nullptr, EPERM},
    {SCMP_SYS(prlimit64), "prlimit", EPERM},
    {SCMP_SYS(setpriority), "setpriority", EPERM},
    {SCMP_SYS(ioprio_set), nullptr, EPERM},
    {SCMP_SYS(sched_setaffinity), nullptr, EPERM},
    {SCMP_SYS(sched_setscheduler), nullptr, EPERM},
    {SCMP_SYS(sched_setparam), nullptr, EPERM},
    {SCMP_SYS(sched_setattr), nullptr, EPERM},
    {SCMP_SYS(seccomp), nullptr, EPERM},
    {SCMP_SYS(fcntl), nullptr, EPERM},
    {SCMP_SYS(shmget), "shmget", EPERM},
    {SCMP_SYS(shmat), nullptr, EPERM},
    {SCMP_SYS(shmctl), nullptr, EPERM},
    {SCMP_SYS(shmdt), nullptr, EPERM},
    {SCMP_SYS(semget), "semget", EPERM},
    {SCMP_SYS(semop), nullptr, EPERM},
    {SCMP_SYS(semctl), nullptr, EPERM},
    {SCMP_SYS(semtimedop), nullptr, EPERM},
    {SCMP_SYS(msgget), "msgget", EPERM},
    {SCMP_SYS(msgsnd), nullptr, EPERM},
    {SCMP_SYS(msgrcv), nullptr, EPERM},
    {SCMP_SYS(msgctl), nullptr, EPERM},
    {SCMP_SYS(mq_open), "mq_open", EPERM, -1, 0},
    {SCMP_SYS(mq_unlink), "mq_unlink", EPERM, -1, 0},
    {SCMP_SYS(add_key), "add_key", EPERM},
    {SCMP_SYS(request_key), nullptr, EPERM},
    {SCMP_SYS(keyctl), nullptr, EPERM},
    {SCMP_SYS(reboot), "reboot", EPERM},
    {SCMP_SYS(sethostname), "sethostname", EPERM},
    {SCMP_SYS(setdomainname), "setdomainname", EPERM},
    {SCMP_SYS(settimeofday), "settimeofday", EPERM},
    {SCMP_SYS(clock_settime), "clock_settime", EPERM},
    {SCMP_SYS(adjtimex), nullptr, EPERM},
    {SCMP_SYS(clock_adjtime), nullptr, EPERM},
    {SCMP_SYS(init_module), "init_module", EPERM},
    {SCMP_SYS(finit_module), "init_module", EPERM},
    {SCMP_SYS(delete_module), "delete_module", EPERM},
    {SCMP_SYS(kexec_load), "kexec", EPERM},
    {SCMP_SYS(kexec_file_load), "kexec", EPERM},
    {SCMP_SYS(bpf), "bpf", EPERM},
    {SCMP_SYS(iopl), "iopl", EPERM},
    {SCMP_SYS(ioperm), "ioperm", EPERM},
    {SCMP_SYS(open_by_handle_at), nullptr, EPERM},
    {SCMP_SYS(perf_event_open), nullptr, EPERM},
    {SCMP_SYS(syslog), nullptr, EPERM},
    {SCMP_SYS(vhangup), nullptr, EPERM},
    {SCMP_SYS(fanotify_init), nullptr, EPERM},
    {SCMP_SYS(userfaultfd), nullptr, EPERM},
    {SCMP_SYS(socketpair), nullptr, EPERM},
};

// Where programs look up users and names; without an answer they look elsewhere.
constexpr std::string_view lookups[] = {"/run/nscd/", "/var/run/nscd/", "/var/lib/sss/pipes/",
                                        "/run/systemd/userdb/", "/run/systemd/resolve/"};

std::string told(const char* name, const std::string& what) {
    return what.empty() ? std::string(name) : name + (" " + what);
}

int int_of(const seccomp_notif& attempt, int argument) {
    return static_cast<int>(attempt.data.args[argument]);
}

pid_t thread_of(const seccomp_notif& attempt) {
    return static_cast<pid_t>(attempt.pid);
}

// The errno that the call would give even if everything could be written; 0: none.
int fault_without_us(const Refused& row, const std::string& reachable) {
    struct stat status {};
    if (row.error != EROFS) return 0;
    if (::lstat(reachable.c_str(), &status) != 0) return row.creates ? 0 : errno;
    return row.creates ? EEXIST : 0;
}

// Without a path, or with an empty one, the descriptor is meant.
Answer refuse(const seccomp_notif& attempt, const Refused& row) {
    if (!row.name) return {row.error, {}};
    Caller caller(thread_of(attempt));
    int folder = row.folder < 0 ? AT_FDCWD : int_of(attempt, row.folder);
    std::string path;
    if (row.path >= 0) path = caller.text_at(attempt.data.args[row.path]).value_or("");
    if (path.empty()) {
        return {row.error, told(row.name, row.folder < 0 ? "" : caller.open_file(folder))};
    }
    int fault = fault_without_us(row, caller.reachable(folder, path));
    if (fault != 0) return {fault, {}};
    return {row.error, told(row.name, caller.shown(folder, path))};
}

Answer control(const seccomp_notif& attempt) {
    static constexpr std::array changing = {
        static_cast<unsigned>(FS_IOC_SETFLAGS),   static_cast<unsigned>(FS_IOC32_SETFLAGS),
        static_cast<unsigned>(FS_IOC_FSSETXATTR), static_cast<unsigned>(FS_IOC_SETVERSION),
        static_cast<unsigned>(FS_IOC_SETFSLABEL), static_cast<unsigned>(FICLONE),
        static_cast<unsigned>(FICLONERANGE),      static_cast<unsigned>(FIDEDUPERANGE)};
    auto request = static_cast<unsigned>(attempt.data.args[1]);
    Answer answer{EPERM, {}};
    if (std::find(changing.begin(), changing.end(), request) != changing.end()) {
        answer.told = told("chattr", Caller(thread_of(attempt)).open_file(int_of(attempt, 0)));
    }
    return answer;
}

Answer make_socket(const seccomp_notif& attempt) {
    int family = int_of(attempt, 0);
    std::string name = "family " + std::to_string(family);
    if (family == AF_UNIX) name = "unix";
    if (family == AF_INET) name = "inet";
    if (family == AF_INET6) name = "inet6";
    if (family == AF_NETLINK) name = "netlink";
    return {EPERM, told("socket", name)};
}

// The path of a unix socket's address, "@name" of an abstract one.
std::string socket_path(const seccomp_notif& attempt) {
    constexpr std::size_t start = offsetof(sockaddr_un, sun_path);
    auto size = static_cast<std::size_t>(attempt.data.args[2]);
    if (size <= start || size > sizeof(sockaddr_un)) return {};
    std::string bytes =
        Caller(thread_of(attempt)).bytes_at(attempt.data.args[1], size).value_or("");
    if (bytes.size() <= start) return {};
    std::string path = bytes.substr(start);
    bool is_abstract = path[0] == '\0';
    if (is_abstract) return "@" + path.substr(1, path.find('\0', 1) - 1);
    return path.substr(0, path.find('\0'));
}

// git's command, after the options before it: "diff" of git -C folder --no-pager diff.
std::string git_command(const std::vector<std::string>& words) {
    static constexpr std::array with_value = {"-C", "-c", "--git-dir", "--work-tree",
                                              "--namespace"};
    for (std::size_t i = 1; i < words.size(); ++i) {
        if (!words[i].starts_with('-')) return words[i];
        i += std::find(with_value.begin(), with_value.end(), words[i]) != with_value.end();
    }
    return {};
}

// These of git's commands only read. When they find that files were touched and say the same, they
// note that in the index for the next time if they can, and go on without a word if not; git diff
// (of 2.39 at least) does so even with GIT_OPTIONAL_LOCKS=0.
bool is_idle_refresh(const Caller& caller, const std::string& path) {
    static constexpr std::array refreshing = {"diff", "status", "describe"};
    if (!path.ends_with("/index.lock")) return false;
    std::vector<std::string> words = caller.words();
    bool is_git = !words.empty() && (words[0] == "git" || words[0].ends_with("/git"));
    return is_git &&
           std::find(refreshing.begin(), refreshing.end(), git_command(words)) != refreshing.end();
}

dev_t device_of(const Descriptor& file) {
    struct stat status {};
    return ::fstat(file.fd(), &status) == 0 ? status.st_dev : 0;
}

bool is_sink(const struct stat& status) {
    return S_ISCHR(status.st_mode) &&
           (status.st_rdev == makedev(1, 3) || status.st_rdev == makedev(1, 5) ||
            status.st_rdev == makedev(1, 7));
}

bool is_own_terminal(const struct stat& status) {
    return S_ISCHR(status.st_mode) && status.st_rdev == makedev(5, 0);
}

}  // namespace

Judge::Judge(pid_t supervisor, int landlock_abi)
    : supervisor_(supervisor), landlock_abi_(landlock_abi) {
    int ends[2] = {-1, -1};
    if (::pipe2(ends, O_CLOEXEC) != 0) return;
    Descriptor in(ends[0]), out(ends[1]);
    pipes_ = device_of(in);
    memory_ = device_of(Descriptor(::memfd_create("thole", MFD_CLOEXEC)));
}

Answer Judge::judge(const seccomp_notif& attempt) const {
    int call = attempt.data.nr;
    if (call == SCMP_SYS(open)) return open(attempt, 0, int_of(attempt, 1));
    if (call == SCMP_SYS(creat)) return open(attempt, 0, O_WRONLY | O_CREAT | O_TRUNC);
    if (call == SCMP_SYS(openat)) return open(attempt, 1, int_of(attempt, 2));
    if (call == SCMP_SYS(ioctl)) return control(attempt);
    if (call == SCMP_SYS(socket)) return make_socket(attempt);
    if (call == SCMP_SYS(connect)) return connect(attempt, "connect");
    if (call == SCMP_SYS(bind)) return connect(attempt, "bind");
    for (int each : {SCMP_SYS(kill), SCMP_SYS(tkill), SCMP_SYS(tgkill), SCMP_SYS(rt_sigqueueinfo),
                     SCMP_SYS(rt_tgsigqueueinfo), SCMP_SYS(pidfd_send_signal)}) {
        if (call == each) return signal(attempt);
    }
    auto row = std::find_if(std::begin(refused), std::end(refused),
                            [&](const Refused& one) { return one.call == call; });
    if (row != std::end(refused)) return refuse(attempt, *row);
    return {ENOSYS, {}};  // openat2, io_uring, and what is newer than this list
}

// `path` is the argument with the path; one before it has the descriptor of the folder, if any.
Answer Judge::open(const seccomp_notif& attempt, int path, int flags) const {
    Caller caller(thread_of(attempt));
    int folder = path == 0 ? AT_FDCWD : int_of(attempt, path - 1);
    bool slips_by =
        landlock_abi_ < landlock_knows_truncation && (flags & (O_ACCMODE | O_TRUNC)) == O_TRUNC;
    std::optional<std::string> text = caller.text_at(attempt.data.args[path]);
    Answer answer;
    if (text) answer = open_path(flags, caller.reachable(folder, *text));
    if (slips_by) answer.error = EROFS;
    if (answer.error != EROFS) return answer;
    std::string shown = caller.shown(folder, text.value_or(""));
    if (!is_idle_refresh(caller, shown)) answer.told = told("open", shown);
    return answer;
}

// Landlock refuses all of these, too. The errors are those of a file system that is read-only, and
// those that would have come without one.
Answer Judge::open_path(int flags, const std::string& reachable) const {
    constexpr int no_name = O_TMPFILE & ~O_DIRECTORY;
    if ((flags & O_PATH) != 0) return {};
    struct stat status {};
    int follow = (flags & O_NOFOLLOW) != 0 ? AT_SYMLINK_NOFOLLOW : 0;
    if (::fstatat(AT_FDCWD, reachable.c_str(), &status, follow | AT_NO_AUTOMOUNT) != 0) {
        bool creates = errno == ENOENT && (flags & O_CREAT) != 0;
        return {creates ? EROFS : errno, {}};
    }
    bool only_creates = (flags & (O_ACCMODE | O_TRUNC | no_name)) == 0;
    if ((flags & O_CREAT) != 0 && (flags & O_EXCL) != 0) return {EEXIST, {}};
    if (only_creates || is_sink(status)) return {};
    if (is_own_terminal(status)) return {ENXIO, {}};
    if (S_ISFIFO(status.st_mode) && status.st_dev == pipes_) return {};
    if (S_ISREG(status.st_mode) && status.st_dev == memory_) return {};
    if (S_ISDIR(status.st_mode) && (flags & no_name) == 0) return {EISDIR, {}};
    return {EROFS, {}};
}

Answer Judge::connect(const seccomp_notif& attempt, const char* name) const {
    std::string path = socket_path(attempt);
    if (path.empty()) return {EPERM, {}};
    if (path.starts_with('@')) return {EPERM, told(name, path)};
    Caller caller(thread_of(attempt));
    struct stat status {};
    bool connects = attempt.data.nr == SCMP_SYS(connect);
    if (connects && ::stat(caller.reachable(AT_FDCWD, path).c_str(), &status) != 0) {
        return {errno, {}};
    }
    std::string shown = caller.shown(AT_FDCWD, path);
    for (std::string_view lookup : lookups) {
        if (shown.starts_with(lookup)) return {ECONNREFUSED, {}};
    }
    return {connects ? EPERM : EROFS, told(name, shown)};
}

Answer Judge::signal(const seccomp_notif& attempt) const {
    int call = attempt.data.nr;
    pid_t target = int_of(attempt, 0);
    if (call == SCMP_SYS(pidfd_send_signal)) {
        target = Caller(thread_of(attempt)).process_of(target);
        // Which process the descriptor stands for may change until the kernel looks.
        if (landlock_abi_ < landlock_scopes_signals) return {EPERM, told("kill", "by descriptor")};
        if (target == 0) return {};
    }
    if (target < 0) return signal_group(-target);
    bool names_thread = call == SCMP_SYS(tgkill) || call == SCMP_SYS(rt_tgsigqueueinfo);
    return signal_process(target, int_of(attempt, names_thread ? 2 : 1));
}

Answer Judge::signal_process(pid_t pid, int signal) const {
    if (is_below(pid, supervisor_)) return {};
    if (!is_there(pid)) return {ESRCH, {}};
    if (signal == 0) return {EPERM, {}};
    return {EPERM, told("kill", std::to_string(pid))};
}

// -1 is everybody. A group whose leader is gone is nobody's we know.
Answer Judge::signal_group(pid_t leader) const {
    if (leader == 1) return {EPERM, told("kill", "-1")};
    if (is_below(leader, supervisor_)) return {};
    bool is_enforced = landlock_abi_ >= landlock_scopes_signals;
    if (!is_there(leader)) return {is_enforced ? 0 : ESRCH, {}};
    return {EPERM, told("kill", "-" + std::to_string(leader))};
}

}  // namespace thole::async
