// confine() by itself: single system calls of a forked process, answered by a Warden in this one;
// and what kernels with less of Landlock leave to the Warden.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <functional>
#include <string>
#include <vector>

#include "async/confine.hpp"
#include "async/confinement.hpp"
#include "async/warden.hpp"
#include "support/running.hpp"
#include "support/scratch.hpp"
#include "support/tree.hpp"

using namespace thole::async;
using thole::Result;
using thole::test::Scratch;
using thole::test::tree_of;
using Texts = std::vector<std::string>;

namespace {

constexpr int all_held = 42;  // an exit status

struct Tried {
    int status = 0;
    Texts told;
};

// `body` in a confined process; its result is the exit status.
Tried tried(int abi, const std::function<int()>& body) {
    int ends[2] = {-1, -1};
    REQUIRE(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) == 0);
    Descriptor ours(ends[0]), theirs(ends[1]);
    pid_t pid = ::fork();
    if (pid == 0) {
        Result<Descriptor> listener = confine(abi);
        if (!listener || !hand_over(theirs.fd(), listener->fd())) ::_exit(99);
        listener->reset();
        ::_exit(body());
    }
    theirs.reset();
    Tried result;
    Warden warden(std::move(ours), Judge(::getpid(), abi),
                  [&](const std::string& what, int) { result.told.push_back(what); });
    pollfd asking{warden.fd(), POLLIN, 0};
    for (; asking.fd >= 0 && ::poll(&asking, 1, -1) > 0; asking.fd = warden.fd()) warden.attend();
    ::waitpid(pid, &result.status, 0);
    return result;
}

int kernel_abi() {
    Result<int> abi = landlock_abi();
    REQUIRE(abi);
    return *abi;
}

struct Call {
    const char* name;
    std::function<long()> make;
    int error;  // 0: it succeeds
};

int error_of(const Call& call) {
    errno = 0;
    return call.make() < 0 ? errno : 0;
}

std::vector<Call> calls_of(pid_t outsider) {
    static int word = 0;
    static iovec here{&word, sizeof word};
    return {
        {"openat2", [] { return ::syscall(SYS_openat2, AT_FDCWD, "x", nullptr, 24); }, ENOSYS},
        {"io_uring_setup", [] { return ::syscall(SYS_io_uring_setup, 1, nullptr); }, ENOSYS},
        {"what no kernel has", [] { return ::syscall(9999); }, ENOSYS},
        {"fchmodat2", [] { return ::syscall(452, AT_FDCWD, "file", 0600, 0); }, EROFS},
        {"setxattrat", [] { return ::syscall(463, AT_FDCWD, "file", 0, "user.a", 0, 0); }, EROFS},
        {"file_setattr", [] { return ::syscall(469, AT_FDCWD, "file", 0, 0, 0); }, EROFS},
        {"ptrace", [=] { return ::ptrace(PTRACE_ATTACH, outsider, 0, 0); }, EPERM},
        {"process_vm_writev", [=] { return ::process_vm_writev(outsider, &here, 1, &here, 1, 0); },
         EPERM},
        {"process_vm_readv", [=] { return ::process_vm_readv(outsider, &here, 1, &here, 1, 0); },
         EPERM},
        {"pidfd_getfd", [] { return ::syscall(SYS_pidfd_getfd, 0, 0, 0); }, EPERM},
        {"setpriority", [=] { return ::setpriority(PRIO_PROCESS, outsider, 19); }, EPERM},
        {"setpriority of a user", [] { return ::setpriority(PRIO_USER, 0, 19); }, EPERM},
        {"prlimit",
         [=] {
             rlimit limit{1000, 1000};
             return ::prlimit(outsider, RLIMIT_NOFILE, &limit, nullptr);
         },
         EPERM},
        {"prlimit of its own",
         [] {
             rlimit limit{1000, 1000};
             return ::prlimit(0, RLIMIT_NOFILE, &limit, nullptr);
         },
         0},
        {"a listener of its own",
         [] {
             return ::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
                              SECCOMP_FILTER_FLAG_NEW_LISTENER, nullptr);
         },
         EPERM},
        {"a filter of its own",
         [] { return ::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, nullptr); }, EFAULT},
        {"unshare", [] { return ::unshare(CLONE_NEWUSER); }, EPERM},
        {"setns", [] { return ::setns(0, 0); }, EPERM},
        {"chroot", [] { return ::chroot("."); }, EPERM},
        {"bpf", [] { return ::syscall(SYS_bpf, 0, nullptr, 0); }, EPERM},
        {"add_key", [] { return ::syscall(SYS_add_key, "user", "a", "b", 1, -4); }, EPERM},
        {"shmget", [] { return ::syscall(SYS_shmget, 0, 4096, 01600); }, EPERM},
        {"msgget", [] { return ::syscall(SYS_msgget, 0, 01600); }, EPERM},
        {"mq_open", [] { return ::syscall(SYS_mq_open, "q", O_CREAT | O_RDWR, 0600, 0); }, EPERM},
        {"a pair of datagram sockets",
         [] {
             int ends[2];
             return ::socketpair(AF_UNIX, SOCK_DGRAM, 0, ends);
         },
         EPERM},
        {"a pair of stream sockets",
         [] {
             int ends[2];
             return ::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends);
         },
         0},
        {"setting flags of a file",
         [] {
             Descriptor file(::open("file", O_RDONLY));
             int flags = 0;
             return ::ioctl(file.fd(), FS_IOC_SETFLAGS, &flags);
         },
         EPERM},
        {"owning the signals of a file", [] { return ::fcntl(0, F_SETOWN, ::getpid()); }, EPERM},
        {"a lease", [] { return ::fcntl(0, F_SETLEASE, F_RDLCK); }, EPERM},
        {"a file without a name", [] { return ::open(".", O_TMPFILE | O_RDWR, 0600); }, EROFS},
        {"a mode on a descriptor for reading",
         [] { return ::fchmod(Descriptor(::open("file", O_RDONLY)).fd(), 0600); }, EROFS},
        {"times on a descriptor",
         [] { return ::futimens(Descriptor(::open("file", O_RDONLY)).fd(), nullptr); }, EROFS},
        {"creating what is there", [] { return ::open("file", O_CREAT | O_RDONLY, 0600); }, 0},
        {"creating only what is not there",
         [] { return ::open("file", O_CREAT | O_EXCL | O_WRONLY, 0600); }, EEXIST},
        {"writing to a folder", [] { return ::open(".", O_WRONLY); }, EISDIR},
        {"writing to what is not there", [] { return ::open("missing", O_WRONLY); }, ENOENT},
        {"removing what is not there", [] { return ::unlink("missing"); }, ENOENT},
        {"making what is there", [] { return ::mkdir("folder", 0700); }, EEXIST},
        {"a bad address", [] { return ::syscall(SYS_openat, AT_FDCWD, 8, O_WRONLY); }, EFAULT},
        {"no terminal", [] { return ::open("/dev/tty", O_RDWR); }, ENXIO},
        {"a path to look at", [] { return ::open("file", O_PATH | O_WRONLY); }, 0},
        {"memory", [] { return ::syscall(SYS_memfd_create, "a", 0); }, 0},
    };
}

class Ground {
public:
    Ground() {
        scratch.write("file", "text\n");
        scratch.write("folder/inner", "");
    }
    Scratch scratch;
};

// The probe that proves the sandbox, told what its supervisor would print for it.
int become_probe(const std::string& folder, pid_t outsider) {
    std::string pid = std::to_string(outsider);
    ::execl("/proc/self/exe", "thole", probe_word, folder.c_str(), pid.c_str(), nullptr);
    return 98;
}

}  // namespace

TEST_CASE("each system call that changes something fails as on a file system for reading") {
    Ground ground;
    std::vector<Call> calls = calls_of(::getppid());
    for (const Call& call : calls) {
        CAPTURE(call.name);
        Texts before = tree_of(ground.scratch.path());
        Tried one = tried(kernel_abi(), [&] {
            if (::chdir(ground.scratch.path().c_str()) != 0) return 97;
            return error_of(call);
        });
        CHECK(WIFEXITED(one.status));
        CHECK(WEXITSTATUS(one.status) == call.error);
        CHECK(tree_of(ground.scratch.path()) == before);
    }
}

TEST_CASE("what older kernels lack of Landlock the Warden refuses") {
    for (int abi = 1; abi <= kernel_abi(); ++abi) {
        CAPTURE(abi);
        Ground ground;
        Texts before = tree_of(ground.scratch.path());
        Tried probed = tried(abi, [&] { return become_probe(ground.scratch.path(), ::getppid()); });
        CHECK(WIFEXITED(probed.status));
        CHECK(WEXITSTATUS(probed.status) == 0);
        CHECK(tree_of(ground.scratch.path()) == before);
    }
}

TEST_CASE("on kernels without scopes signals to threads and by descriptor stay inside, too") {
    pid_t outside = ::getppid();
    for (int abi : {5, kernel_abi()}) {
        CAPTURE(abi);
        Tried sent = tried(abi, [&] {
            bool to_thread = ::syscall(SYS_tgkill, outside, outside, 0) < 0 && errno == EPERM;
            bool to_task = ::syscall(SYS_tkill, outside, 0) < 0 && errno == EPERM;
            Descriptor handle(static_cast<int>(::syscall(SYS_pidfd_open, outside, 0)));
            bool by_handle =
                ::syscall(SYS_pidfd_send_signal, handle.fd(), SIGURG, nullptr, 0) < 0 &&
                errno == EPERM;
            bool to_itself = ::raise(SIGURG) == 0;
            return to_thread && to_task && by_handle && to_itself ? all_held : 1;
        });
        CHECK(WEXITSTATUS(sent.status) == all_held);
        CHECK(sent.told.size() == 1);
    }
}

#ifdef __x86_64__
TEST_CASE("system calls of another machine end the process") {
    constexpr long x32 = 0x40000000;
    for (const auto& body : std::vector<std::function<int()>>{
             [] { return static_cast<int>(::syscall(x32 + SYS_getpid)); },
             [] {
                 ::signal(SIGSEGV, SIG_DFL);
                 int result = 20;  // getpid of i386
                 asm volatile("int $0x80" : "+a"(result) : : "memory");
                 return result;
             }}) {
        Tried other = tried(kernel_abi(), body);
        CHECK(WIFSIGNALED(other.status));
        // A kernel without i386 at all has its own way.
        bool is_ended = WTERMSIG(other.status) == SIGSYS || WTERMSIG(other.status) == SIGSEGV;
        CHECK(is_ended);
    }
}
#endif

TEST_CASE("without its Warden a confined process is refused everything that needs one") {
    Ground ground;
    int status = 0;
    pid_t pid = ::fork();
    if (pid == 0) {
        Result<Descriptor> listener = confine(kernel_abi());
        if (!listener) ::_exit(99);
        listener->reset();
        bool refused = ::unlink((ground.scratch / "file").c_str()) < 0 && errno == ENOSYS;
        ::_exit(refused ? all_held : 1);
    }
    ::waitpid(pid, &status, 0);
    CHECK(WEXITSTATUS(status) == all_held);
    CHECK(ground.scratch.read("file") == "text\n");
}
