#include "cli/watch.hpp"

#include <unistd.h>

#include <csignal>

#include "async/signals.hpp"
#include "cli/exit_code.hpp"

namespace thole::cli {

Watch::Watch(async::Loop& loop, Output& output, Options options)
    : output_(output),
      options_(std::move(options)),
      renderer_({options_.one_stream ? output.out_look() : output.error_look(),
                 output.is_out_terminal(), options_.shows_thoughts, options_.one_stream,
                 options_.approved, options_.one_stream}),
      changed_(loop) {}

void Watch::begin(Session& session) {
    const State& state = session.state();
    report_.session_id = state.id;
    report_.model = state.model;
    report_.mode = state.mode;
    if (state.prompts == 0) {
        LogRange all;
        Result<LogRead> read = read_log(session.files().log(), session.files().blobs(), all,
                                        [this](const Envelope& envelope, std::string_view) {
                                            on_event(envelope);
                                            return true;
                                        });
        if (!read) output_.complain(read.error().message);
    } else if (options_.streaming != Streaming::ndjson) {
        Envelope known;
        known.event = SessionStarted{
            .session_id = state.id, .model = state.model, .mode = state.mode, .resumed = true};
        show(renderer_.event(known));
    }
    session.subscribe(*this);
}

void Watch::on_event(const Envelope& envelope) {
    report_.take(envelope.event);
    if (options_.streaming == Streaming::ndjson) {
        output_.answer(encode_line(envelope) + "\n");
    } else {
        show(renderer_.event(envelope));
    }
    if (report_.has_ended()) changed_.notify();
}

void Watch::on_delta(const Event& piece) {
    if (options_.streaming != Streaming::ndjson) show(renderer_.piece(piece));
}

void Watch::show(std::vector<Shown> pieces) {
    for (Shown& piece : pieces) {
        if (!(piece.is_answer ? options_.shows_answer : options_.shows_progress)) continue;
        if (piece.is_answer || options_.one_stream) {
            output_.answer(std::move(piece.text));
        } else {
            output_.progress(std::move(piece.text));
        }
    }
}

async::Task<bool> Watch::until_ended() {
    while (!report_.has_ended()) {
        async::Wake wake = co_await changed_.wait();
        if (wake == async::Wake::stopped) co_return false;
    }
    co_return true;
}

async::Task<bool> Watch::until_idle(const Session& session) {
    while (!session.is_idle()) {
        async::Wake wake = co_await changed_.wait();
        if (wake == async::Wake::stopped) co_return false;
    }
    co_return true;
}

async::Task<void> cancel_at_signal(async::Loop& loop, Session& session) {
    async::Signals signals(loop, {SIGINT, SIGTERM, SIGHUP});
    std::optional<int> first = co_await signals.next();
    if (!first) co_return;
    Result<std::string> taken = session.submit(Cancel{});
    if (!taken) _exit(exit_cancelled);
    std::optional<int> second = co_await signals.next();
    if (second) _exit(exit_cancelled);
}

}  // namespace thole::cli
