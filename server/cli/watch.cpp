#include "cli/watch.hpp"

#include <unistd.h>

#include <csignal>

#include "async/signals.hpp"
#include "cli/exit_code.hpp"

namespace thole::cli {

Watch::Watch(async::Loop& loop, Output& output, Options options)
    : output_(output),
      options_(std::move(options)),
      renderer_(renderer_options()),
      changed_(loop) {}

Renderer::Options Watch::renderer_options() const {
    Renderer::Options options;
    options.look = options_.one_stream ? output_.out_look() : output_.error_look();
    options.styles_answers = output_.is_out_terminal();
    options.thoughts = options_.shows_thoughts;
    options.prompts = options.plans = options_.one_stream;
    options.approved = options_.approved;
    options.waits = !options_.answers;
    return options;
}

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
    bool shows_agents = options_.sessions && options_.shows_progress;
    if (!shows_agents) return;
    AgentsView::Parts parts{*options_.sessions,          session, renderer_options(),
                            options_.answers != nullptr, {},      options_.answers};
    parts.show = [this](const std::vector<Shown>& pieces) { show(renderer_.aside(pieces)); };
    agents_ = std::make_unique<AgentsView>(std::move(parts));
}

async::Task<void> Watch::close() {
    std::unique_ptr<AgentsView> agents = std::move(agents_);
    if (agents) co_await agents->close();
}

void Watch::on_event(const Envelope& envelope) {
    report_.take(envelope.event);
    if (options_.streaming == Streaming::ndjson) {
        output_.answer(encode_line(envelope) + "\n");
    } else {
        show(renderer_.event(envelope));
    }
    if (agents_) agents_->follow(envelope.event);
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
