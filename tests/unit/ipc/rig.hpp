// A session with a real journal that does nothing by itself, its door in a scratch folder, and raw
// clients at its socket.
#pragma once
#include <doctest/doctest.h>
#include <unistd.h>

#include <csignal>
#include <memory>
#include <string>
#include <vector>

#include "async/sleep.hpp"
#include "async/stream.hpp"
#include "async/unix_socket.hpp"
#include "ipc/socket_links.hpp"
#include "journal/log_reader.hpp"
#include "session/session.hpp"
#include "support/scratch.hpp"

namespace thole::test {

class JournalSession final : public Session {
public:
    JournalSession(async::Loop& loop, const Clock& clock, SessionFiles files)
        : journal(std::move(*Journal::create(loop, clock, std::move(files), secrets))) {}

    Result<std::string> submit(Command command) override {
        if (refusal.code != Code::internal) return refusal;
        std::string id = std::holds_alternative<SendMessage>(command) ? "u1" : "";
        commands.push_back(std::move(command));
        return id;
    }
    void subscribe(Subscriber& subscriber) override {
        ++watchers;
        journal->subscribe(subscriber);
    }
    void unsubscribe(Subscriber& subscriber) override {
        --watchers;
        journal->unsubscribe(subscriber);
    }
    const State& state() const override { return journal->state(); }
    const SessionFiles& files() const override { return journal->files(); }
    const Damage& damage() const override { return none; }
    bool is_idle() const override { return true; }
    bool is_held() const override { return answerers > 0; }
    void lend_files(Files*) override {}
    void lend_terminals(Terminals*) override {}
    void add_answerer() override { ++answerers; }
    void remove_answerer() override { --answerers; }
    void wait_for_answers() override {}

    Secrets secrets;
    std::unique_ptr<Journal> journal;
    Damage none;
    std::vector<Command> commands;
    Error refusal;  // of every command; internal: of none
    int watchers = 0;
    int answerers = 0;
};

inline async::Task<void> turn(async::Loop& loop) {
    const std::chrono::milliseconds no_time{0};
    co_await async::sleep_for(loop, no_time);
}

class Client {
public:
    Client(async::Loop& loop, const std::string& path)
        : socket_(std::move(*async::connect_unix(path))),
          reader_(loop, socket_.fd(), 1 << 20),
          writer_(loop, socket_.fd()) {}

    void say(const std::string& line) { writer_.write(line + "\n"); }
    // "" at the end.
    async::Task<std::string> line() {
        std::optional<Result<std::string>> next = co_await reader_.next();
        bool is_line = next && *next;
        co_return is_line ? **next : std::string();
    }
    bool is_broken() const { return writer_.is_broken(); }

private:
    async::Descriptor socket_;
    async::LineReader reader_;
    async::FdWriter writer_;
};

inline std::string subscribe(std::uint64_t after_id, const std::string& more = {}) {
    return R"({"type":"Subscribe","after_id":)" + std::to_string(after_id) + more + "}";
}

struct Rig {
    explicit Rig(ipc::Limits given = {})
        : limits(given),
          links(loop, {scratch.path(), ::geteuid(), scratch.path()}, given),
          session(loop, clock, {scratch / "sessions", "s1"}),
          door(std::move(*links.open_door("s1"))) {
        std::signal(SIGPIPE, SIG_IGN);
        emit(SessionStarted{"s1"});
    }
    void run(async::Task<void> task) { loop.run(whole(std::move(task))); }
    async::Task<void> whole(async::Task<void> task) {
        door->admit(session);
        co_await task;
        co_await door->close();
        co_await session.journal->close();
    }
    void emit(Event event) { session.journal->append(std::move(event)); }
    void emit_text(std::size_t bytes) {
        emit(ErrorReported{"io", std::string(bytes, 'x'), {}, false});
    }
    std::string log() const { return scratch.read("sessions/s1.events.jsonl"); }
    std::uint64_t last_id() const { return session.state().last_event_id; }
    const std::string& path() const { return door->path(); }

    Scratch scratch;
    async::Loop loop;
    SystemClock clock;
    ipc::Limits limits;
    ipc::SocketLinks links;
    JournalSession session;
    std::unique_ptr<Door> door;
};

// The log from the line after the first `lines` on.
inline std::string after_lines(const std::string& log, std::uint64_t lines) {
    std::size_t at = 0;
    for (std::uint64_t i = 0; i < lines; ++i) at = log.find('\n', at) + 1;
    return log.substr(at);
}

}  // namespace thole::test
