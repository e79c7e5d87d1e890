#include "async/supervise.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <optional>
#include <string>

#include "async/confine.hpp"
#include "async/confinement.hpp"
#include "async/process_tree.hpp"
#include "async/warden.hpp"

namespace thole::async {

namespace {

using Clock = std::chrono::steady_clock;

constexpr int brisk_rounds = 200;
constexpr int brisk_step_ms = 10;
constexpr int patient_step_ms = 1000;  // between rounds for what no SIGKILL ends

void report(SupervisorReport::Kind kind, int value, bool leaves_others = false) {
    SupervisorReport message;
    message.kind = kind;
    message.value = value;
    message.leaves_others = leaves_others;
    ::send(supervise_control_fd, &message, sizeof message, MSG_NOSIGNAL);
}

void report_text(SupervisorReport::Kind kind, const std::string& text, int value) {
    SupervisorReport message;
    message.kind = kind;
    message.value = value;
    text.copy(message.text, sizeof message.text - 1);
    ::send(supervise_control_fd, &message, sizeof message, MSG_NOSIGNAL | MSG_DONTWAIT);
}

// What a program that may only read needs to become one.
struct Confining {
    int landlock_abi = 0;
    Descriptor handover = Descriptor();  // closed: it may do everything
};

Result<void> confine_self(const Confining& confining) {
    Result<Descriptor> listener = confine(confining.landlock_abi);
    if (!listener) return listener.error();
    if (hand_over(confining.handover.fd(), listener->fd())) return {};
    return fail(Code::io, "its supervisor does not take the listener of seccomp");
}

// In the forked child. SIGKILL at the supervisor's death, so that killing the parent is no way out.
[[noreturn]] void become_program(char** words, pid_t supervisor, const Confining& confining) {
    ::setsid();
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != supervisor) ::_exit(127);
    sigset_t none;
    sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    report(SupervisorReport::Kind::started, ::getpid());
    Result<void> ready;
    if (confining.handover.is_open()) ready = confine_self(confining);
    if (!ready) {
        report_text(SupervisorReport::Kind::unconfined, ready.error().message, 0);
        ::_exit(127);
    }
    ::execvp(words[0], words + 1);
    report(SupervisorReport::Kind::failed, errno);
    ::_exit(127);
}

class Supervisor {
public:
    Supervisor(pid_t program, int signals, Warden* warden)
        : program_(program), signals_(signals), warden_(warden) {}

    // Returns when nothing is left.
    void run() {
        while (reap()) {
            if (phase_ == Phase::killing) send_to_all(SIGKILL);
            wait_for_change();
        }
        if (warden_) warden_->tell_rest();
    }

private:
    enum class Phase { watching, asking, killing };

    bool reap();
    void wait_for_change();
    void heed_owner();
    int timeout();
    bool is_asked() const { return warden_ && warden_->has_more(); }
    static void send_to_all(int signal) {
        for (pid_t pid : descendants(::getpid())) ::kill(pid, signal);
    }

    pid_t program_;
    int signals_;
    Warden* warden_;                      // null: the program may do everything
    int control_ = supervise_control_fd;  // -1: the owner is gone
    Phase phase_ = Phase::watching;
    Clock::time_point end_of_grace_;
    int rounds_ = 0;
};

// False when there are no children: then there is nothing below them either.
bool Supervisor::reap() {
    int status = 0, status_of_program = 0;
    bool has_exited = false;
    pid_t pid = 0;
    while ((pid = ::waitpid(-1, &status, WNOHANG)) > 0) {
        if (pid != program_) continue;
        has_exited = true;
        status_of_program = status;
    }
    bool is_left = pid == 0;
    if (has_exited && warden_) warden_->tell_rest();
    if (has_exited) report(SupervisorReport::Kind::exited, status_of_program, is_left);
    return is_left;
}

void Supervisor::wait_for_change() {
    int asking = warden_ ? warden_->fd() : -1;
    pollfd watched[3] = {{signals_, POLLIN, 0}, {control_, POLLIN, 0}, {asking, POLLIN, 0}};
    ::poll(watched, 3, timeout());
    signalfd_siginfo arrived;
    while (::read(signals_, &arrived, sizeof arrived) > 0) continue;
    if (watched[1].revents != 0) heed_owner();
    if (watched[2].revents != 0 || is_asked()) warden_->attend();
    if (phase_ == Phase::asking && Clock::now() >= end_of_grace_) phase_ = Phase::killing;
}

// A stopped process takes SIGTERM only once it continues.
void Supervisor::heed_owner() {
    EndCommand command;
    ssize_t count = ::recv(control_, &command, sizeof command, MSG_DONTWAIT);
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (count != sizeof command) {
        control_ = -1;
        phase_ = Phase::killing;
        return;
    }
    if (phase_ != Phase::watching) return;
    phase_ = Phase::asking;
    end_of_grace_ = Clock::now() + std::chrono::milliseconds(command.grace_ms);
    send_to_all(SIGTERM);
    send_to_all(SIGCONT);
}

int Supervisor::timeout() {
    if (is_asked()) return 0;
    if (phase_ == Phase::watching) return -1;
    if (phase_ == Phase::killing) {
        return ++rounds_ < brisk_rounds ? brisk_step_ms : patient_step_ms;
    }
    auto left = std::chrono::ceil<std::chrono::milliseconds>(end_of_grace_ - Clock::now());
    return static_cast<int>(std::max<std::int64_t>(left.count(), 0));
}

// Signals come through a descriptor only: none interrupts or ends the supervisor.
int take_signals() {
    sigset_t every, child;
    sigfillset(&every);
    ::sigprocmask(SIG_SETMASK, &every, nullptr);
    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    return ::signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK);
}

// The pipes and the folder are the program's alone; its words would match a `pkill -f` of its own.
void forget_program(char** words) {
    for (int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) ::close(fd);
    [[maybe_unused]] int moved = ::chdir("/");
    for (; *words != nullptr; ++words) std::memset(*words, 0, std::strlen(*words));
}

bool is_control_open() {
    int type = 0;
    socklen_t size = sizeof type;
    return ::getsockopt(supervise_control_fd, SOL_SOCKET, SO_TYPE, &type, &size) == 0 &&
           type == SOCK_SEQPACKET;
}

// The owner's death continues a supervisor that the program has stopped, so that it sees the end of
// the stream.
void prepare() {
    ::fcntl(supervise_control_fd, F_SETFD, FD_CLOEXEC);
    ::prctl(PR_SET_NAME, "thole-supervise");
    ::prctl(PR_SET_CHILD_SUBREAPER, 1);
    ::prctl(PR_SET_PDEATHSIG, SIGCONT);
}

void supervise(char** words, Confining confining, Warden* warden) {
    int signals = take_signals();
    pid_t self = ::getpid();
    pid_t program = ::fork();
    if (program == 0) become_program(words, self, confining);
    confining.handover.reset();
    if (program < 0) return report(SupervisorReport::Kind::failed, errno);
    forget_program(words);
    Supervisor(program, signals, warden).run();
}

// The same for a program that may only read.
void supervise_reading(char** words) {
    Result<int> abi = landlock_abi();
    if (!abi) return report_text(SupervisorReport::Kind::unconfined, abi.error().message, 0);
    int ends[2] = {-1, -1};
    if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) {
        return report(SupervisorReport::Kind::failed, errno);
    }
    Confining confining{*abi, Descriptor(ends[1])};
    Warden warden(Descriptor(ends[0]), Judge(::getpid(), *abi),
                  [](const std::string& what, int count) {
                      report_text(SupervisorReport::Kind::refused, what, count);
                  });
    supervise(words, std::move(confining), &warden);
}

}  // namespace

void supervise_if_asked(int argc, char** argv) {
    if (argc < 4) return;
    probe_if_asked(argc, argv);
    bool reads = std::strcmp(argv[1], supervise_reading_word) == 0;
    if ((!reads && std::strcmp(argv[1], supervise_word) != 0) || !is_control_open()) return;
    prepare();
    if (reads) {
        supervise_reading(argv + 2);
    } else {
        supervise(argv + 2, Confining(), nullptr);
    }
    ::_exit(0);
}

}  // namespace thole::async
