#include "async/process.hpp"

#include <fcntl.h>
#include <linux/close_range.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cassert>
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <utility>

#include "async/descriptor.hpp"
#include "async/poll.hpp"
#include "async/process_tree.hpp"
#include "async/signal.hpp"
#include "async/uv_handle.hpp"
#include "async/write_queue.hpp"

namespace thole::async {

namespace {

using Milliseconds = std::chrono::milliseconds;

constexpr Milliseconds output_linger{200};
constexpr Milliseconds grace_step{20};
constexpr Milliseconds kill_step{10};
constexpr Milliseconds kill_limit{2000};  // after which even SIGKILL is given up on
constexpr std::string_view mark_name = "THOLE_CALL=";

struct Pipe {
    Descriptor read_end;
    Descriptor write_end;
};

Result<Pipe> make_pipe() {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) {
        return fail(Code::io, "cannot make a pipe for a program: too many files are open");
    }
    return Pipe{Descriptor(ends[0]), Descriptor(ends[1])};
}

std::string new_mark() {
    return std::to_string(::getpid()) + "-" + std::to_string(uv_hrtime());
}

// The child's environment, with the mark behind those of the calls that we ourselves are part of.
std::vector<std::string> marked_environment(std::vector<std::string> given,
                                            const std::string& mark) {
    if (given.empty()) {
        for (char** entry = environ; *entry != nullptr; ++entry) given.emplace_back(*entry);
    }
    std::string marks(mark_name);
    const char* outer = std::getenv("THOLE_CALL");
    if (outer) marks += std::string(outer) + ":";
    marks += mark;
    std::erase_if(given, [](const std::string& entry) { return entry.starts_with(mark_name); });
    given.push_back(std::move(marks));
    return given;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
    std::vector<char*> list;
    list.reserve(texts.size() + 1);
    for (auto& text : texts) list.push_back(text.data());
    list.push_back(nullptr);
    return list;
}

bool is_folder(const std::string& path) {
    struct stat status {};
    return ::stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
}

Error spawn_error(int error, const ProcessOptions& options) {
    std::string what = "cannot run '" + options.argv[0] + "'";
    if (!options.cwd.empty() && !is_folder(options.cwd)) {
        return fail(Code::not_found, what + ": there is no folder '" + options.cwd + "'");
    }
    if (error == UV_ENOENT) return fail(Code::not_found, what + ": no such program");
    if (error == UV_EACCES || error == UV_EPERM) {
        return fail(Code::denied, what + ": it is not executable, or may not be entered");
    }
    return fail(Code::io, what + ": " + uv_strerror(error));
}

uv_stdio_container_t inherit(const Descriptor& end) {
    uv_stdio_container_t container{};
    container.flags = end.is_open() ? UV_INHERIT_FD : UV_IGNORE;
    container.data.fd = end.fd();
    return container;
}

}  // namespace

struct Process::Impl {
    Impl(Loop& in_loop, std::chrono::milliseconds term_grace, OutputSink on_output)
        : loop(in_loop),
          grace(term_grace),
          sink(std::move(on_output)),
          changed(in_loop),
          linger_(in_loop, [this] { let_go_of_output(); }),
          step_(in_loop, [this] { end_step(); }) {}
    ~Impl();

    // The ends of the pipes that the child gets.
    struct ChildEnds {
        Descriptor in, out, err;
    };
    Result<ChildEnds> open_pipes(const ProcessOptions& options);
    Result<void> start(ProcessOptions options, const ChildEnds& ends);

    bool is_over() const { return has_exited && has_output_ended && !is_ending_; }
    void terminate();

    struct Source {
        Descriptor fd;
        std::unique_ptr<Poller> poller;
    };

    Loop& loop;
    std::chrono::milliseconds grace;
    OutputSink sink;
    Signal changed;
    UvHandle<uv_process_t> handle;
    pid_t pid = 0;
    std::unique_ptr<WriteQueue> input;
    std::array<Source, 2> sources;  // by Stream
    Exit exit;
    bool has_exited = false;
    bool has_output_ended = false;

private:
    void open_source(Stream stream, Descriptor fd);
    bool read_output(Stream stream);
    void on_exit(int64_t code, int signal);
    void let_go_of_output();
    void end_step();
    void finish_ending();

    Timer linger_;
    Timer step_;
    std::optional<ProcessTree> tree_;
    bool is_ending_ = false;
    std::chrono::steady_clock::time_point ending_since_;
    std::array<char, 64U << 10U> chunk_;
};

// Still running, or being ended: nobody waits, so it ends here.
Process::Impl::~Impl() {
    if (!tree_ || (has_exited && !is_ending_)) return;
    if (!has_exited) {
        tree_->look();
        tree_->send(SIGKILL);
        ::waitpid(pid, nullptr, 0);
        tree_->leader_was_reaped();
    }
    for (int round = 0; round < 100 && tree_->look(); ++round) tree_->send(SIGKILL);
}

Result<Process::Impl::ChildEnds> Process::Impl::open_pipes(const ProcessOptions& options) {
    Result<Pipe> out = make_pipe();
    if (!out) return out.error();
    Result<Pipe> err = make_pipe();
    if (!err) return err.error();
    ChildEnds ends;
    if (options.pipe_stdin || !options.stdin_text.empty()) {
        Result<Pipe> in = make_pipe();
        if (!in) return in.error();
        ends.in = std::move(in->read_end);
        input = std::make_unique<WriteQueue>(loop, std::move(in->write_end), [] {});
    }
    ends.out = std::move(out->write_end);
    ends.err = std::move(err->write_end);
    open_source(Stream::out, std::move(out->read_end));
    open_source(Stream::err, std::move(err->read_end));
    return ends;
}

void Process::Impl::open_source(Stream stream, Descriptor fd) {
    Source& source = sources[static_cast<std::size_t>(stream)];
    source.fd = std::move(fd);
    source.poller =
        Poller::open(loop, source.fd.fd(), [this, stream](unsigned) { read_output(stream); });
    assert(source.poller && "a pipe can be polled");
}

// close_range sees to descriptors that were left open to us by whoever started us; a kernel before
// 5.11 does not have it, and then only our own are kept from the child.
Result<void> Process::Impl::start(ProcessOptions options, const ChildEnds& ends) {
    std::string mark = new_mark();
    std::vector<std::string> variables = marked_environment(std::move(options.env), mark);
    std::vector<char*> arguments = pointers(options.argv);
    std::vector<char*> environment = pointers(variables);
    uv_stdio_container_t stdio[3] = {inherit(ends.in), inherit(ends.out), inherit(ends.err)};
    uv_process_options_t spawning{};
    spawning.file = arguments[0];
    spawning.args = arguments.data();
    spawning.env = environment.data();
    spawning.cwd = options.cwd.empty() ? nullptr : options.cwd.c_str();
    spawning.flags = UV_PROCESS_DETACHED;
    spawning.stdio = stdio;
    spawning.stdio_count = 3;
    spawning.exit_cb = [](uv_process_t* process, int64_t code, int signal) {
        static_cast<Impl*>(process->data)->on_exit(code, signal);
    };
    handle.reset(new uv_process_t{});
    handle->data = this;
    ::close_range(3, UINT_MAX, CLOSE_RANGE_CLOEXEC);
    int error = uv_spawn(loop.raw(), handle.get(), &spawning);
    if (error != 0) return spawn_error(error, options);
    pid = handle->pid;
    tree_.emplace(pid, std::move(mark));
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
    return false;
}

void Process::Impl::on_exit(int64_t code, int signal) {
    has_exited = true;
    exit = {signal == 0 ? static_cast<int>(code) : 0, signal};
    tree_->leader_was_reaped();
    if (!has_output_ended) linger_.start(output_linger);
    changed.notify();
}

// What the child wrote is read even if a busy loop comes late: a pipe holds 64 KiB, or little more.
void Process::Impl::let_go_of_output() {
    for (Stream stream : {Stream::out, Stream::err}) {
        for (int piece = 0; piece < 16 && read_output(stream);) ++piece;
    }
    has_output_ended = true;
    changed.notify();
}

// A stopped process takes SIGTERM only once it continues.
void Process::Impl::terminate() {
    if (is_ending_) return;
    if (!tree_->look()) return finish_ending();
    is_ending_ = true;
    ending_since_ = std::chrono::steady_clock::now();
    tree_->send(SIGTERM);
    tree_->send(SIGCONT);
    step_.start(std::min(grace_step, grace));
}

void Process::Impl::end_step() {
    auto passed = std::chrono::steady_clock::now() - ending_since_;
    bool is_patient = passed < grace;
    if (is_patient && tree_->is_alive()) return step_.start(grace_step);
    if (!tree_->look() || passed > kill_limit) return finish_ending();
    tree_->send(is_patient ? SIGTERM : SIGKILL);
    step_.start(is_patient ? grace_step : kill_step);
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
    auto impl = std::make_unique<Impl>(loop, options.grace, std::move(on_output));
    Result<Impl::ChildEnds> ends = impl->open_pipes(options);
    if (!ends) return ends.error();
    Result<void> started = impl->start(std::move(options), *ends);
    if (!started) return started.error();
    return std::unique_ptr<Process>(new Process(std::move(impl)));
}

int Process::pid() const {
    return impl_->pid;
}
bool Process::has_exited() const {
    return impl_->has_exited;
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

void Process::close_stdin() {
    if (impl_->input) impl_->input->close();
}

}  // namespace thole::async
