#include "async/confine_filter.hpp"

#include <fcntl.h>
#include <linux/fiemap.h>
#include <linux/filter.h>
#include <linux/fs.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <initializer_list>
#include <memory>
#include <string>
#include <vector>

#include "async/confine.hpp"

namespace thole::async {

namespace {

// Reading, memory, time, and what a process does to itself and to its children. Writing and the
// like need a descriptor that was opened for writing, and there is none but pipes and memory.
constexpr int harmless[] = {
    SCMP_SYS(read),
    SCMP_SYS(write),
    SCMP_SYS(readv),
    SCMP_SYS(writev),
    SCMP_SYS(pread64),
    SCMP_SYS(pwrite64),
    SCMP_SYS(preadv),
    SCMP_SYS(pwritev),
    SCMP_SYS(preadv2),
    SCMP_SYS(pwritev2),
    SCMP_SYS(close),
    SCMP_SYS(close_range),
    SCMP_SYS(lseek),
    SCMP_SYS(sendfile),
    SCMP_SYS(splice),
    SCMP_SYS(tee),
    SCMP_SYS(vmsplice),
    SCMP_SYS(copy_file_range),
    SCMP_SYS(readahead),
    SCMP_SYS(fadvise64),
    SCMP_SYS(sync_file_range),
    SCMP_SYS(fsync),
    SCMP_SYS(fdatasync),
    SCMP_SYS(sync),
    SCMP_SYS(syncfs),
    SCMP_SYS(ftruncate),
    SCMP_SYS(fallocate),
    SCMP_SYS(flock),
    SCMP_SYS(dup),
    SCMP_SYS(dup2),
    SCMP_SYS(dup3),
    SCMP_SYS(pipe),
    SCMP_SYS(pipe2),
    SCMP_SYS(memfd_create),
    // What is where.
    SCMP_SYS(stat),
    SCMP_SYS(fstat),
    SCMP_SYS(lstat),
    SCMP_SYS(newfstatat),
    SCMP_SYS(statx),
    SCMP_SYS(statfs),
    SCMP_SYS(fstatfs),
    SCMP_SYS(ustat),
    SCMP_SYS(access),
    SCMP_SYS(faccessat),
    SCMP_SYS(faccessat2),
    SCMP_SYS(getdents),
    SCMP_SYS(getdents64),
    SCMP_SYS(getcwd),
    SCMP_SYS(chdir),
    SCMP_SYS(fchdir),
    SCMP_SYS(readlink),
    SCMP_SYS(readlinkat),
    SCMP_SYS(getxattr),
    SCMP_SYS(lgetxattr),
    SCMP_SYS(fgetxattr),
    SCMP_SYS(listxattr),
    SCMP_SYS(llistxattr),
    SCMP_SYS(flistxattr),
    SCMP_SYS(name_to_handle_at),
    SCMP_SYS(umask),
    SCMP_SYS(inotify_init),
    SCMP_SYS(inotify_init1),
    SCMP_SYS(inotify_add_watch),
    SCMP_SYS(inotify_rm_watch),
    SCMP_SYS(sysfs),
    451 /* cachestat */,
    457 /* statmount */,
    458 /* listmount */,
    464 /* getxattrat */,
    465 /* listxattrat */,
    468 /* file_getattr */,
    // Waiting.
    SCMP_SYS(poll),
    SCMP_SYS(ppoll),
    SCMP_SYS(select),
    SCMP_SYS(pselect6),
    SCMP_SYS(epoll_create),
    SCMP_SYS(epoll_create1),
    SCMP_SYS(epoll_ctl),
    SCMP_SYS(epoll_wait),
    SCMP_SYS(epoll_pwait),
    SCMP_SYS(epoll_pwait2),
    SCMP_SYS(eventfd),
    SCMP_SYS(eventfd2),
    SCMP_SYS(signalfd),
    SCMP_SYS(signalfd4),
    SCMP_SYS(timerfd_create),
    SCMP_SYS(timerfd_settime),
    SCMP_SYS(timerfd_gettime),
    SCMP_SYS(pause),
    SCMP_SYS(nanosleep),
    SCMP_SYS(clock_nanosleep),
    SCMP_SYS(alarm),
    SCMP_SYS(getitimer),
    SCMP_SYS(setitimer),
    SCMP_SYS(timer_create),
    SCMP_SYS(timer_settime),
    SCMP_SYS(timer_gettime),
    SCMP_SYS(timer_getoverrun),
    SCMP_SYS(timer_delete),
    SCMP_SYS(io_setup),
    SCMP_SYS(io_destroy),
    SCMP_SYS(io_submit),
    SCMP_SYS(io_cancel),
    SCMP_SYS(io_getevents),
    SCMP_SYS(io_pgetevents),
    // Memory.
    SCMP_SYS(mmap),
    SCMP_SYS(munmap),
    SCMP_SYS(mremap),
    SCMP_SYS(mprotect),
    SCMP_SYS(brk),
    SCMP_SYS(msync),
    SCMP_SYS(mincore),
    SCMP_SYS(madvise),
    SCMP_SYS(mlock),
    SCMP_SYS(mlock2),
    SCMP_SYS(munlock),
    SCMP_SYS(mlockall),
    SCMP_SYS(munlockall),
    SCMP_SYS(remap_file_pages),
    SCMP_SYS(mbind),
    SCMP_SYS(set_mempolicy),
    SCMP_SYS(get_mempolicy),
    SCMP_SYS(set_mempolicy_home_node),
    SCMP_SYS(pkey_alloc),
    SCMP_SYS(pkey_free),
    SCMP_SYS(pkey_mprotect),
    453 /* map_shadow_stack */,
    462 /* mseal */,
    // Processes and threads.
    SCMP_SYS(fork),
    SCMP_SYS(vfork),
    SCMP_SYS(clone),
    SCMP_SYS(clone3),
    SCMP_SYS(execve),
    SCMP_SYS(execveat),
    SCMP_SYS(exit),
    SCMP_SYS(exit_group),
    SCMP_SYS(wait4),
    SCMP_SYS(waitid),
    SCMP_SYS(futex),
    SCMP_SYS(futex_waitv),
    454 /* futex_wake */,
    455 /* futex_wait */,
    456 /* futex_requeue */,
    SCMP_SYS(set_robust_list),
    SCMP_SYS(get_robust_list),
    SCMP_SYS(rseq),
    SCMP_SYS(set_tid_address),
    SCMP_SYS(set_thread_area),
    SCMP_SYS(get_thread_area),
    SCMP_SYS(arch_prctl),
    SCMP_SYS(prctl),
    SCMP_SYS(personality),
    SCMP_SYS(membarrier),
    SCMP_SYS(sched_yield),
    SCMP_SYS(sched_getaffinity),
    SCMP_SYS(sched_getparam),
    SCMP_SYS(sched_getscheduler),
    SCMP_SYS(sched_get_priority_max),
    SCMP_SYS(sched_get_priority_min),
    SCMP_SYS(sched_rr_get_interval),
    SCMP_SYS(sched_getattr),
    SCMP_SYS(getpriority),
    SCMP_SYS(ioprio_get),
    SCMP_SYS(getrlimit),
    SCMP_SYS(setrlimit),
    SCMP_SYS(getrusage),
    SCMP_SYS(times),
    SCMP_SYS(getpid),
    SCMP_SYS(gettid),
    SCMP_SYS(getppid),
    SCMP_SYS(getpgid),
    SCMP_SYS(getpgrp),
    SCMP_SYS(getsid),
    SCMP_SYS(setpgid),
    SCMP_SYS(setsid),
    SCMP_SYS(pidfd_open),
    SCMP_SYS(process_vm_readv),
    SCMP_SYS(kcmp),
    SCMP_SYS(getcpu),
    SCMP_SYS(landlock_create_ruleset),
    SCMP_SYS(landlock_add_rule),
    SCMP_SYS(landlock_restrict_self),
    459 /* lsm_get_self_attr */,
    461 /* lsm_list_modules */,
    // Who it is; set-user-id programs give nothing any more.
    SCMP_SYS(getuid),
    SCMP_SYS(geteuid),
    SCMP_SYS(getgid),
    SCMP_SYS(getegid),
    SCMP_SYS(getgroups),
    SCMP_SYS(getresuid),
    SCMP_SYS(getresgid),
    SCMP_SYS(setuid),
    SCMP_SYS(setgid),
    SCMP_SYS(setreuid),
    SCMP_SYS(setregid),
    SCMP_SYS(setresuid),
    SCMP_SYS(setresgid),
    SCMP_SYS(setgroups),
    SCMP_SYS(setfsuid),
    SCMP_SYS(setfsgid),
    SCMP_SYS(capget),
    SCMP_SYS(capset),
    // Its own signals.
    SCMP_SYS(rt_sigaction),
    SCMP_SYS(rt_sigprocmask),
    SCMP_SYS(rt_sigreturn),
    SCMP_SYS(rt_sigpending),
    SCMP_SYS(rt_sigtimedwait),
    SCMP_SYS(rt_sigsuspend),
    SCMP_SYS(sigaltstack),
    SCMP_SYS(restart_syscall),
    335 /* uretprobe */,
    // The time and the machine.
    SCMP_SYS(time),
    SCMP_SYS(gettimeofday),
    SCMP_SYS(clock_gettime),
    SCMP_SYS(clock_getres),
    SCMP_SYS(uname),
    SCMP_SYS(sysinfo),
    SCMP_SYS(getrandom),
    // Of sockets there are pairs, and such as cannot be connected.
    SCMP_SYS(sendto),
    SCMP_SYS(recvfrom),
    SCMP_SYS(sendmsg),
    SCMP_SYS(recvmsg),
    SCMP_SYS(sendmmsg),
    SCMP_SYS(recvmmsg),
    SCMP_SYS(shutdown),
    SCMP_SYS(getsockname),
    SCMP_SYS(getpeername),
    SCMP_SYS(getsockopt),
    SCMP_SYS(setsockopt),
};

// Go sends itself many of these. From landlock_scopes_signals on they reach nobody outside.
constexpr int signals_to_threads[] = {SCMP_SYS(tkill), SCMP_SYS(tgkill),
                                      SCMP_SYS(rt_tgsigqueueinfo)};

constexpr unsigned long controls[] = {
    TCGETS,
    TIOCGWINSZ,
    TIOCGPGRP,
    TIOCSPGRP,
    TIOCGSID,
    TIOCOUTQ,
    FIONREAD,
    FIONBIO,
    FIOASYNC,
    FIOCLEX,
    FIONCLEX,
    FIOQSIZE,
    FIGETBSZ,
    FIBMAP,
    FS_IOC_FIEMAP,
    FS_IOC_GETFLAGS,
    FS_IOC_GETVERSION,
    FS_IOC_FSGETXATTR,
    FS_IOC_GETFSLABEL,
};

// Not among them: owners of signals, leases, hints about how long data will live.
constexpr int of_descriptors[] = {
    F_DUPFD,      F_DUPFD_CLOEXEC, F_GETFD,
    F_SETFD,      F_GETFL,         F_SETFL,
    F_GETLK,      F_SETLK,         F_SETLKW,
    F_OFD_GETLK,  F_OFD_SETLK,     F_OFD_SETLKW,
    F_GETOWN,     F_GETSIG,        F_GETLEASE,
    F_GETPIPE_SZ, F_SETPIPE_SZ,    F_ADD_SEALS,
    F_GET_SEALS,  F_GET_RW_HINT,   1027 /* F_DUPFD_QUERY */,
};

// The kernel reads ints of an argument's lower half only.
constexpr scmp_datum_t lower_half = 0xffffffff;
constexpr scmp_datum_t socket_type = 0xf;  // without SOCK_CLOEXEC and SOCK_NONBLOCK
constexpr scmp_datum_t changing_open = O_ACCMODE | O_CREAT | O_TRUNC | (O_TMPFILE & ~O_DIRECTORY);

constexpr scmp_arg_cmp masked(unsigned argument, scmp_datum_t mask, scmp_datum_t value) {
    return {argument, SCMP_CMP_MASKED_EQ, mask, value};
}
constexpr scmp_arg_cmp is(unsigned argument, scmp_datum_t value) {
    return masked(argument, lower_half, value);
}

Error lacks(const std::string& why) {
    return fail(Code::unavailable, "seccomp user notification is not available: " + why);
}

class Filter {
public:
    // What no rule lets through is the Warden's. Another machine's system calls (x32 and i386 on
    // x86-64) have other numbers and must not be judged by these: they end the process.
    Filter() : context_(::seccomp_init(SCMP_ACT_NOTIFY), ::seccomp_release) {
        keep(context_ ? 0 : -ENOMEM);
        if (context_) keep(::seccomp_attr_set(context_.get(), SCMP_FLTATR_ACT_BADARCH, killed));
    }

    void allow(int call, std::initializer_list<scmp_arg_cmp> conditions = {}) {
        if (error_ != 0) return;
        keep(::seccomp_rule_add_array(context_.get(), SCMP_ACT_ALLOW, call,
                                      static_cast<unsigned>(conditions.size()),
                                      conditions.begin()));
    }

    // The filter as the kernel takes it. Errors: unavailable.
    Result<std::vector<sock_filter>> program() {
        Descriptor file(::memfd_create("filter", MFD_CLOEXEC));
        if (error_ == 0) keep(::seccomp_export_bpf(context_.get(), file.fd()));
        if (error_ != 0) return lacks(std::strerror(error_));
        auto size = static_cast<std::size_t>(::lseek(file.fd(), 0, SEEK_CUR));
        std::vector<sock_filter> steps(size / sizeof(sock_filter));
        if (::pread(file.fd(), steps.data(), size, 0) != static_cast<ssize_t>(size)) {
            return lacks("its filter cannot be read");
        }
        return steps;
    }

private:
    static constexpr std::uint32_t killed = SCMP_ACT_KILL_PROCESS;

    void keep(int result) {
        if (result < 0 && error_ == 0) error_ = -result;
    }

    std::unique_ptr<void, void (*)(scmp_filter_ctx)> context_;
    int error_ = 0;
};

void allow_files(Filter& filter) {
    filter.allow(SCMP_SYS(open), {masked(1, changing_open, 0)});
    filter.allow(SCMP_SYS(openat), {masked(2, changing_open, 0)});
    for (unsigned long control : controls) filter.allow(SCMP_SYS(ioctl), {is(1, control)});
    for (int command : of_descriptors) {
        filter.allow(SCMP_SYS(fcntl), {is(1, static_cast<scmp_datum_t>(command))});
    }
}

// No datagrams: such a socket sends to whatever address it is given.
void allow_sockets(Filter& filter) {
    filter.allow(SCMP_SYS(socket), {is(0, AF_UNIX), masked(1, socket_type, SOCK_STREAM)});
    filter.allow(SCMP_SYS(socketpair), {is(0, AF_UNIX), masked(1, socket_type, SOCK_STREAM)});
    filter.allow(SCMP_SYS(socketpair), {is(0, AF_UNIX), masked(1, socket_type, SOCK_SEQPACKET)});
}

// 0 is the caller. A listener of its own could let through what this filter does not.
void allow_of_itself(Filter& filter) {
    constexpr scmp_datum_t of_process = 1;  // IOPRIO_WHO_PROCESS
    filter.allow(SCMP_SYS(kill), {is(0, 0)});
    filter.allow(SCMP_SYS(setpriority), {is(0, PRIO_PROCESS), is(1, 0)});
    filter.allow(SCMP_SYS(ioprio_set), {is(0, of_process), is(1, 0)});
    filter.allow(SCMP_SYS(sched_setaffinity), {is(0, 0)});
    filter.allow(SCMP_SYS(sched_setscheduler), {is(0, 0)});
    filter.allow(SCMP_SYS(sched_setparam), {is(0, 0)});
    filter.allow(SCMP_SYS(sched_setattr), {is(0, 0)});
    filter.allow(SCMP_SYS(prlimit64), {is(0, 0)});
    filter.allow(SCMP_SYS(prlimit64), {{2, SCMP_CMP_EQ, 0, 0}});
    filter.allow(SCMP_SYS(seccomp), {masked(1, SECCOMP_FILTER_FLAG_NEW_LISTENER, 0)});
}

// libseccomp 2.5 does not know the second flag: a call that the Warden has taken is not interrupted
// by a signal that the process handles. Kernels before 5.19 do not know it either.
Result<Descriptor> load(std::vector<sock_filter>& steps) {
    constexpr unsigned undisturbed = 1U << 5U;  // SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV
    sock_fprog program{static_cast<unsigned short>(steps.size()), steps.data()};
    for (unsigned more : {undisturbed, 0U}) {
        long fd = ::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
                            SECCOMP_FILTER_FLAG_NEW_LISTENER | more, &program);
        if (fd >= 0) return Descriptor(static_cast<int>(fd));
        if (errno == EBUSY) return lacks("another program listens to this one's system calls");
        if (errno != EINVAL) return lacks(std::strerror(errno));
    }
    return lacks("this kernel does not have it");
}

}  // namespace

Result<Descriptor> load_filter(int landlock_abi) {
    Filter filter;
    for (int call : harmless) filter.allow(call);
    if (landlock_abi >= landlock_scopes_signals) {
        for (int call : signals_to_threads) filter.allow(call);
    }
    allow_files(filter);
    allow_sockets(filter);
    allow_of_itself(filter);
    Result<std::vector<sock_filter>> steps = filter.program();
    if (!steps) return steps.error();
    return load(*steps);
}

}  // namespace thole::async
