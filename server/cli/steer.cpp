#include "cli/steer.hpp"

#include <unistd.h>

#include <csignal>
#include <functional>

#include "async/signal.hpp"
#include "async/sleep.hpp"
#include "cli/exit_code.hpp"
#include "cli/opening.hpp"
#include "cli/watch.hpp"
#include "journal/catalog.hpp"
#include "session/compacting.hpp"

namespace thole::cli {
namespace {

constexpr std::chrono::seconds patience{3};

// Wakes its owner at each event.
class Listener final : public Subscriber {
public:
    Listener(async::Loop& loop, Session& session) : changed_(loop), session_(session) {
        session_.subscribe(*this);
    }
    ~Listener() override { session_.unsubscribe(*this); }

    void on_event(const Envelope&) override { changed_.notify(); }
    void on_delta(const Event&) override {}

    // Until `is_over` holds; false: stopped before.
    async::Task<bool> until(std::function<bool()> is_over) {
        while (!is_over()) {
            async::Wake wake = co_await changed_.wait();
            if (wake == async::Wake::stopped) co_return is_over();
        }
        co_return true;
    }

private:
    async::Signal changed_;
    Session& session_;
};

async::Task<void> stop_after(async::Loop& loop, async::Scope& scope, std::chrono::seconds delay) {
    async::Wake wake = co_await async::sleep_for(loop, delay);
    if (wake == async::Wake::done) scope.request_stop();
}

async::Task<void> wait_until_idle(Listener& listener, Session& session, async::Scope& scope,
                                  bool& is_idle) {
    std::function<bool()> is_over = [&session] { return !session.state().is_busy; };
    is_idle = co_await listener.until(std::move(is_over));
    scope.request_stop();
}

// True: the turn has ended.
async::Task<bool> cancel_turn(Parts& parts, Session& session) {
    Listener listener(parts.loop, session);
    Result<std::string> taken = session.submit(Cancel{});
    if (!taken) co_return false;
    bool is_idle = false;
    std::stop_token stop = co_await async::current_stop();
    async::Scope scope(stop);
    scope.spawn(stop_after(parts.loop, scope, patience));
    scope.spawn(wait_until_idle(listener, session, scope, is_idle));
    co_await scope.join();
    co_return is_idle;
}

int stop_process(Parts& parts, const State& state) {
    if (!process_is_alive(state.pid, state.process_start)) {
        parts.output.answer("the process of " + state.id + " is gone\n");
        return exit_done;
    }
    if (kill(static_cast<pid_t>(state.pid), SIGTERM) != 0) {
        Error refused = fail(Code::busy, "process " + std::to_string(state.pid) + ", which runs " +
                                             state.id + ", neither answers nor can be stopped");
        return complain(parts, refused);
    }
    parts.output.answer("process " + std::to_string(state.pid) + " did not answer; told it to " +
                        "stop, and " + state.id + " with it\n");
    return exit_done;
}

bool is_elsewhere(const Session& session) {
    return session.state().pid != getpid();
}

void say_compacted(Parts& parts, const ContextCompaction& done) {
    std::string text = "compacted: " + count_text(done.before_tokens) + " → " +
                       count_text(done.after_tokens) + " tokens\n";
    parts.output.answer(std::move(text));
}

// What is not there, or not enough, is the conversation, not the session.
int failure_code(Code code) {
    bool is_about_input = code == Code::not_found || code == Code::invalid_argument;
    return is_about_input ? exit_internal : exit_code(code);
}

async::Task<void> compact_in(Parts& parts, Session& session, async::Scope& scope, int& code) {
    Result<ContextCompaction> done = co_await thole::compact_now(parts.loop, session);
    scope.request_stop();
    code = done ? exit_done : failure_code(done.error().code);
    if (done) co_return say_compacted(parts, *done);
    parts.output.complain("cannot compact " + session.state().id + ": " + done.error().message);
}

// A signal cancels it, and with that ends the wait.
async::Task<int> compact(Parts& parts, Session& session) {
    int code = exit_internal;
    std::stop_token stop = co_await async::current_stop();
    async::Scope scope(stop);
    scope.spawn(cancel_at_signal(parts.loop, session));
    scope.spawn(compact_in(parts, session, scope, code));
    co_await scope.join();
    co_return code;
}

}  // namespace

async::Task<int> cancel_session(Parts& parts, const Invocation& invocation) {
    Result<SessionFiles> files = files_of(parts, invocation);
    if (!files) co_return complain(parts, files.error());
    Result<Seen> seen = inspect_session(*files);
    if (!seen) co_return complain(parts, seen.error());
    bool is_working = seen->is_alive && seen->state.is_busy;
    if (!is_working) {
        parts.output.answer(files->id + (seen->is_alive ? " is idle" : " is not running") +
                            "; nothing to cancel\n");
        co_return exit_done;
    }
    Result<Session*> opened = co_await open_session(parts, invocation);
    if (!opened) co_return stop_process(parts, seen->state);
    Session& session = **opened;
    bool has_ended = !is_elsewhere(session);
    if (!has_ended) has_ended = co_await cancel_turn(parts, session);
    std::string id = files->id;
    co_await parts.sessions.close(std::move(id));
    if (!has_ended) co_return stop_process(parts, seen->state);
    parts.output.answer("cancelled " + files->id + "\n");
    co_return exit_done;
}

async::Task<int> compact_session(Parts& parts, const Invocation& invocation) {
    Result<Session*> opened = co_await open_session(parts, invocation);
    if (!opened) co_return complain(parts, opened.error());
    std::string id = (*opened)->state().id;
    int code = co_await compact(parts, **opened);
    co_await parts.sessions.close(std::move(id));
    co_return code;
}

}  // namespace thole::cli
