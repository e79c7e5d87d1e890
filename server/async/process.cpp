#include "async/process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <cerrno>
#include <cstring>
#include <utility>

#include "async/poll.hpp"
#include "async/process_start.hpp"
#include "async/process_tree.hpp"
#include "async/signal.hpp"
#include "async/supervise.hpp"
#include "async/write_queue.hpp"

namespace thole::async {

namespace {

using Milliseconds = std::chrono::milliseconds;
using Report = SupervisorReport;

constexpr Milliseconds output_linger{200};
constexpr Milliseconds supervisor_patience{350};  // beyond the grace, before it is killed itself
constexpr Milliseconds kill_step{10};
constexpr Milliseconds kill_limit{1000};  // after which even SIGKILL is given up on

struct Ends {
    Descriptor ours;
    Descriptor theirs;
};

// Above those descriptors that the child's ends are moved to.
Descriptor above_child_ends(int fd) {
    if (fd > supervise_control_fd) return Descriptor(fd);
    Descriptor low(fd);
    return Descriptor(::fcntl(fd, F_DUPFD_CLOEXEC, supervise_control_fd + 1));
}

Result<Ends> ends_of(int error, int ours, int theirs) {
    if (error == 0) {
        Ends ends{Descriptor(ours), above_child_ends(theirs)};
        if (ends.theirs.is_open()) return ends;
    }
    return fail(Code::io, "cannot make a pipe for a program: too many files are open");
}

Result<Ends> pipe_to_child() {
    int ends[2] = {-1, -1};
    int error = ::pipe2(ends, O_CLOEXEC);
    return ends_of(error, ends[1], ends[0]);
}

Result<Ends> pipe_from_child() {
    int ends[2] = {-1, -1};
    int error = ::pipe2(ends, O_CLOEXEC);
    return ends_of(error, ends[0], ends[1]);
}

Result<Ends> control_socket() {
    int ends[2] = {-1, -1};
    int error = ::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends);
    return ends_of(error, ends[0], ends[1]);
}

Exit exit_of(int status) {
    if (WIFSIGNALED(status)) return Exit{0, WTERMSIG(status)};
    return Exit{WEXITSTATUS(status), 0};
}

std::string text_of(const Report& report) {
    return {report.text, ::strnlen(report.text, sizeof report.text)};
}

}  // namespace

struct Process::Impl {
    Impl(Loop& in_loop, ProcessOptions& options, OutputSink on_output)
        : loop(in_loop),
          grace(options.grace),
          sink(std::move(on_output)),
          changed(in_loop),
          refused_(std::move(options.on_refused)),
          closed_(std::move(options.on_closed)),
          linger_(in_loop, [this] { let_go_of_output(); }),
          step_(in_loop, [this] { end_step(); }) {}
    ~Impl();

    Result<ChildEnds> open_ends(const ProcessOptions& options);
    Result<void> start(ProcessOptions options, const ChildEnds& ends);

    bool is_over() const {
        bool is_settled = supervisor == 0 || leaves_others;
        return has_exited && has_output_ended && is_settled && !is_ending_;
    }
    void wait_for_start();
    void terminate();

    struct Source {
        Descriptor fd;
        std::unique_ptr<Poller> poller;
    };

    Loop& loop;
    std::chrono::milliseconds grace;
    OutputSink sink;
    Signal changed;
    pid_t supervisor = 0;  // 0: it has ended
    pid_t pid = 0;
    std::unique_ptr<WriteQueue> input;
    std::array<Source, 2> sources;  // by Stream
    Exit exit;
    bool has_exited = false;
    bool has_output_ended = false;
    bool leaves_others = false;
    std::string unconfined;

private:
    void open_source(Stream stream, Descriptor fd);
    bool read_output(Stream stream);
    void let_go_of_output();
    void hear();
    void note(const Report& report);
    void on_exit(const Exit& how);
    void on_supervisor_end();
    bool reap_supervisor();
    void await_supervisor_end();
    void end_step();
    void finish_ending();

    RefusalSink refused_;
    std::function<void(Stream)> closed_;
    Source control_;
    Timer linger_;
    Timer step_;
    std::string program_;
    bool could_not_start_ = false;
    bool is_ending_ = false;
    std::chrono::steady_clock::time_point kill_deadline_;
    std::array<char, 64U << 10U> chunk_;
};

// Nobody waits for what is left, so it ends here. A supervisor that does not answer is killed.
Process::Impl::~Impl() {
    bool is_sweeping = is_ending_ && supervisor == 0;
    if (supervisor != 0) {
        control_.poller.reset();
        await_supervisor_end();
        is_sweeping = reap_supervisor();
    }
    for (int round = 0; is_sweeping && round < 100; ++round) {
        is_sweeping = kill_orphans(loop.children());
    }
}

Result<ChildEnds> Process::Impl::open_ends(const ProcessOptions& options) {
    Result<Ends> out = pipe_from_child();
    if (!out) return out.error();
    Result<Ends> err = pipe_from_child();
    if (!err) return err.error();
    Result<Ends> control = control_socket();
    if (!control) return control.error();
    ChildEnds ends;
    if (options.pipe_stdin || !options.stdin_text.empty()) {
        Result<Ends> in = pipe_to_child();
        if (!in) return in.error();
        ends.in = std::move(in->theirs);
        input = std::make_unique<WriteQueue>(loop, std::move(in->ours), [] {});
    }
    ends.out = std::move(out->theirs);
    ends.err = std::move(err->theirs);
    ends.control = std::move(control->theirs);
    open_source(Stream::out, std::move(out->ours));
    open_source(Stream::err, std::move(err->ours));
    control_.fd = std::move(control->ours);
    control_.poller = Poller::open(loop, control_.fd.fd(), [this](unsigned) { hear(); });
    assert(control_.poller && "a socket can be polled");
    return ends;
}

void Process::Impl::open_source(Stream stream, Descriptor fd) {
    Source& source = sources[static_cast<std::size_t>(stream)];
    source.fd = std::move(fd);
    source.poller =
        Poller::open(loop, source.fd.fd(), [this, stream](unsigned) { read_output(stream); });
    assert(source.poller && "a pipe can be polled");
}

Result<void> Process::Impl::start(ProcessOptions options, const ChildEnds& ends) {
    Result<std::string> program = find_program(options);
    if (!program) return program.error();
    Result<pid_t> started = start_supervisor(*program, options, ends);
    if (!started) return started.error();
    supervisor = *started;
    loop.children().push_back(supervisor);
    program_ = options.argv[0];
    control_.poller->watch(Poller::readable);
    for (auto& source : sources) source.poller->watch(Poller::readable);
    if (input) input->write(std::move(options.stdin_text));
    if (input && !options.pipe_stdin) input->close();
    return {};
}

// One piece; false when there is none now.
bool Process::Impl::read_output(Stream stream) {
    Source& source = sources[static_cast<std::size_t>(stream)];
    if (!source.poller) return false;
    ssize_t count = ::read(source.fd.fd(), chunk_.data(), chunk_.size());
    if (count < 0 && (errno == EINTR || errno == EAGAIN || errno == EWOULDBLOCK)) return false;
    if (count > 0) {
        if (sink) sink(stream, std::string_view(chunk_.data(), static_cast<std::size_t>(count)));
        return true;
    }
    source.poller.reset();
    source.fd.reset();
    if (!sources[0].poller && !sources[1].poller) {
        has_output_ended = true;
        changed.notify();
    }
    if (closed_ && sink) closed_(stream);
    return false;
}

// What the child wrote is read even if a busy loop comes late: a pipe holds 64 KiB, or little more.
void Process::Impl::let_go_of_output() {
    for (Stream stream : {Stream::out, Stream::err}) {
        for (int piece = 0; piece < 16 && read_output(stream);) ++piece;
    }
    has_output_ended = true;
    changed.notify();
}

// All that the supervisor has said by now. An error is the end, too: what we said was not read.
void Process::Impl::hear() {
    while (control_.poller) {
        Report report;
        ssize_t count = ::recv(control_.fd.fd(), &report, sizeof report, MSG_DONTWAIT);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return;
        if (count != sizeof report) return on_supervisor_end();
        note(report);
    }
}

void Process::Impl::note(const Report& report) {
    if (report.kind == Report::Kind::started) {
        pid = report.value;
    } else if (report.kind == Report::Kind::exited) {
        leaves_others = report.leaves_others;
        on_exit(exit_of(report.value));
    } else if (report.kind == Report::Kind::refused) {
        std::string what = text_of(report);
        if (refused_) refused_(Refusal{what, what.empty() ? report.value : 0});
    } else {
        if (report.kind == Report::Kind::unconfined) unconfined = text_of(report);
        std::string why = unconfined.empty() ? std::strerror(report.value)
                                             : "it cannot be kept from writing: " + unconfined;
        could_not_start_ = true;
        if (sink) sink(Stream::err, "cannot run '" + program_ + "': " + why + "\n");
    }
}

void Process::Impl::on_exit(const Exit& how) {
    has_exited = true;
    exit = how;
    if (!has_output_ended) linger_.start(output_linger);
    changed.notify();
}

// A supervisor that was killed left its processes to us, but for the program: that died with it.
void Process::Impl::on_supervisor_end() {
    control_.poller.reset();
    control_.fd.reset();
    step_.stop();
    bool was_killed = reap_supervisor();
    if (!has_exited) on_exit(could_not_start_ ? Exit{127, 0} : Exit{0, SIGKILL});
    if (!was_killed) return finish_ending();
    is_ending_ = true;
    kill_deadline_ = std::chrono::steady_clock::now() + kill_limit;
    end_step();
}

// Blocks while it still lives. True: it did not end by itself.
bool Process::Impl::reap_supervisor() {
    int status = 0;
    while (::waitpid(supervisor, &status, 0) < 0 && errno == EINTR) continue;
    std::erase(loop.children(), supervisor);
    supervisor = 0;
    leaves_others = false;
    return !WIFEXITED(status);
}

// Lets go of it; when it does not end for too long, as one that is stopped again and again, kills
// it.
void Process::Impl::await_supervisor_end() {
    ::shutdown(control_.fd.fd(), SHUT_WR);
    ::kill(supervisor, SIGCONT);
    pollfd answer{control_.fd.fd(), POLLIN, 0};
    Report report;
    while (::poll(&answer, 1, static_cast<int>(kill_limit.count())) > 0) {
        if (::recv(answer.fd, &report, sizeof report, MSG_DONTWAIT) != sizeof report) return;
    }
    ::kill(supervisor, SIGKILL);
}

void Process::Impl::wait_for_start() {
    pollfd answer{control_.fd.fd(), POLLIN, 0};
    for (hear(); pid == 0 && control_.poller; hear()) ::poll(&answer, 1, -1);
}

void Process::Impl::terminate() {
    if (is_ending_ || supervisor == 0) return;
    is_ending_ = true;
    EndCommand command{static_cast<int>(grace.count())};
    ::send(control_.fd.fd(), &command, sizeof command, MSG_NOSIGNAL);
    ::kill(supervisor, SIGCONT);
    step_.start(grace + supervisor_patience);
}

void Process::Impl::end_step() {
    if (supervisor != 0) {
        ::kill(supervisor, SIGKILL);
        return;
    }
    bool is_late = std::chrono::steady_clock::now() > kill_deadline_;
    if (!kill_orphans(loop.children()) || is_late) return finish_ending();
    step_.start(kill_step);
}

void Process::Impl::finish_ending() {
    is_ending_ = false;
    changed.notify();
}

Process::Process(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Process::~Process() = default;

Result<std::unique_ptr<Process>> Process::spawn(Loop& loop, ProcessOptions options,
                                                OutputSink on_output) {
    if (options.argv.empty() || options.argv[0].empty()) {
        return fail(Code::invalid_argument, "cannot run a program: no program is named");
    }
    auto impl = std::make_unique<Impl>(loop, options, std::move(on_output));
    Result<ChildEnds> ends = impl->open_ends(options);
    if (!ends) return ends.error();
    Result<void> started = impl->start(std::move(options), *ends);
    if (!started) return started.error();
    return std::unique_ptr<Process>(new Process(std::move(impl)));
}

int Process::pid() const {
    impl_->wait_for_start();
    return impl_->pid;
}
bool Process::has_exited() const {
    return impl_->has_exited;
}
bool Process::leaves_processes() const {
    return impl_->leaves_others;
}
const std::string& Process::unconfined() const {
    return impl_->unconfined;
}
void Process::terminate() {
    impl_->terminate();
}

Task<Exit> Process::wait() {
    std::stop_token stop = co_await current_stop();
    bool was_stopped = false;
    while (!impl_->is_over()) {
        if (!was_stopped && stop.stop_requested()) {
            was_stopped = true;
            impl_->terminate();
        }
        Signal::Wait change(impl_->changed, !was_stopped);
        co_await change;
    }
    impl_->sink = nullptr;
    co_return impl_->exit;
}

void Process::write_stdin(std::string text) {
    if (impl_->input) impl_->input->write(std::move(text));
}

std::size_t Process::unwritten() const {
    return impl_->input ? impl_->input->bytes() : 0;
}

void Process::close_stdin() {
    if (impl_->input) impl_->input->close();
}

}  // namespace thole::async
