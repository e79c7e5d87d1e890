#include "cli/follow.hpp"

#include <sys/inotify.h>
#include <unistd.h>

#include <csignal>

#include "async/descriptor.hpp"
#include "async/poll.hpp"
#include "async/signal.hpp"
#include "async/signals.hpp"
#include "cli/chat.hpp"
#include "cli/exit_code.hpp"
#include "cli/opening.hpp"
#include "journal/catalog.hpp"

namespace thole::cli {
namespace {

constexpr std::chrono::milliseconds heartbeat{1000};

// Wakes its waiter when a file was written to or its writer has closed it.
class Growth {
public:
    Growth(async::Loop& loop, const std::string& file)
        : changed_(loop),
          watched_(inotify_init1(IN_NONBLOCK | IN_CLOEXEC)),
          beat_(loop, [this] { notice(); }) {
        if (watched_.is_open()) {
            (void)inotify_add_watch(watched_.fd(), file.c_str(), IN_MODIFY | IN_CLOSE_WRITE);
            poller_ = async::Poller::open(loop, watched_.fd(), [this](unsigned) { notice(); });
        }
        if (poller_) poller_->watch(async::Poller::readable);
        beat_.start(heartbeat);
    }
    async::Signal::Wait wait() { return changed_.wait(); }

private:
    void notice() {
        char events[4096];
        while (watched_.is_open() && read(watched_.fd(), events, sizeof events) > 0) continue;
        beat_.start(heartbeat);
        changed_.notify();
    }

    async::Signal changed_;
    async::Descriptor watched_;
    async::Timer beat_;
    std::unique_ptr<async::Poller> poller_;
};

async::Task<void> stop_at_signal(async::Loop& loop, async::Scope& scope) {
    async::Signals signals(loop, {SIGINT, SIGTERM, SIGHUP});
    std::optional<int> number = co_await signals.next();
    if (number) scope.request_stop();
}

async::Task<void> follow(Parts& parts, LogView& view, const SessionFiles& files,
                         async::Scope& scope) {
    Growth growth(parts.loop, files.log());
    bool goes_on = true;
    while (goes_on && !parts.output.is_closed()) {
        // Looked at before reading, so that the last lines of a session that ends are shown.
        bool has_owner = is_running(files);
        Result<void> shown = view.show_new();
        goes_on = shown && has_owner;
        if (!goes_on) break;
        async::Wake wake = co_await growth.wait();
        goes_on = wake == async::Wake::done;
    }
    scope.request_stop();
}

async::Task<Result<void>> show_log(Parts& parts, const SessionFiles& files, bool is_json,
                                   bool follows) {
    LogView view(parts.output, files, is_json);
    Result<void> shown = view.show_new();
    if (!shown) co_return shown;
    if (!view.damage().is_whole()) parts.output.complain(view.damage().text());
    if (!follows) co_return shown;
    std::stop_token stop = co_await async::current_stop();
    async::Scope scope(stop);
    scope.spawn(stop_at_signal(parts.loop, scope));
    scope.spawn(follow(parts, view, files, scope));
    co_await scope.join();
    co_return shown;
}

void say_gone(Parts& parts, const Seen& seen) {
    parts.output.complain("nothing runs session " + seen.state.id + " (" + seen.state.status +
                          "); go on with it: thole resume " + seen.state.id);
}

}  // namespace

LogView::LogView(Output& output, SessionFiles files, bool is_json)
    : output_(output),
      files_(std::move(files)),
      is_json_(is_json),
      renderer_({output.out_look(), output.is_out_terminal(), true, true}) {}

Result<void> LogView::show_new() {
    Result<LogRead> read = read_log(files_.log(), files_.blobs(), range_,
                                    [this](const Envelope& envelope, std::string_view line) {
                                        show(envelope, line);
                                        return !output_.is_closed();
                                    });
    if (!read) return read.error();
    range_.offset = read->end;
    if (read->last_id > 0) range_.after_id = read->last_id;
    range_.border_id = range_.after_id;
    damage_ = read->damage;
    return {};
}

void LogView::show(const Envelope& envelope, std::string_view line) {
    if (is_json_) {
        output_.answer(std::string(line) + "\n");
        return;
    }
    for (Shown& piece : renderer_.piece(envelope.event)) output_.answer(std::move(piece.text));
    for (Shown& piece : renderer_.event(envelope)) output_.answer(std::move(piece.text));
}

async::Task<int> show_logs(Parts& parts, const Invocation& invocation) {
    Result<SessionFiles> files = files_of(parts, invocation);
    if (!files) co_return complain(parts, files.error());
    Result<void> shown = co_await show_log(parts, *files, invocation.json, invocation.follow);
    if (!shown) co_return complain(parts, shown.error());
    co_return exit_done;
}

async::Task<int> attach(Parts& parts, const Invocation& invocation) {
    Result<SessionFiles> files = files_of(parts, invocation);
    if (!files) co_return complain(parts, files.error());
    Result<Seen> seen = inspect_session(*files);
    if (!seen) co_return complain(parts, seen.error());
    bool talks = seen->is_alive && !invocation.json && is_at_terminal();
    if (talks) co_return co_await run_attached(parts, invocation);
    Result<void> shown = co_await show_log(parts, *files, invocation.json, seen->is_alive);
    if (!shown) co_return complain(parts, shown.error());
    if (!seen->is_alive) say_gone(parts, *seen);
    co_return exit_done;
}

}  // namespace thole::cli
