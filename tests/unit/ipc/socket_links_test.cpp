#include "ipc/socket_links.hpp"

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/json.hpp"
#include "ipc/messages.hpp"
#include "ipc/socket_door.hpp"
#include "rig.hpp"

using namespace thole;
using test::Client;
using test::Rig;
using test::Scratch;
using test::turn;

namespace {

// Keeps what a link tells.
class Sink final : public LinkSink {
public:
    void on_event(const Envelope& envelope) override {
        ids.push_back(envelope.id);
        events.push_back(envelope.event);
        if (on_any) on_any();
    }
    void on_delta(const Event& piece) override { pieces.push_back(piece); }
    void on_damage(const std::string& what) override { damage.push_back(what); }
    void on_refused(const Command& command, const Error& why) override {
        refused.push_back(command);
        reasons.push_back(why);
    }
    void on_closed(const Error& why) override { closed.push_back(why); }

    std::vector<std::uint64_t> ids;
    std::vector<Event> events, pieces;
    std::vector<std::string> damage;
    std::vector<Command> refused;
    std::vector<Error> reasons, closed;
    std::function<void()> on_any;
};

async::Task<std::unique_ptr<Link>> attach(Rig& rig, Sink& sink, std::uint64_t after_id) {
    SessionFiles files = rig.session.files();
    std::string path = rig.path();
    Result<std::unique_ptr<Link>> link =
        co_await rig.links.attach(std::move(files), std::move(path), after_id, sink);
    REQUIRE(link);
    co_return std::move(*link);
}

async::Task<void> watch(Rig& rig, Sink& sink) {
    rig.emit(ModeChanged{"plan", "user"});
    std::string long_text(50'000, 'x');
    std::unique_ptr<Link> link = co_await attach(rig, sink, 1);
    CHECK(sink.ids.empty());
    CHECK(rig.session.answerers == 1);
    rig.emit(MessageReceived{"user", "u1", long_text});
    while (sink.ids.size() < 2) co_await turn(rig.loop);
    rig.session.journal->stream(TokensStreamed{"m1", "hello"});
    while (sink.pieces.empty()) co_await turn(rig.loop);
    rig.emit(MessageReceived{"assistant", "m1"});
    link->send(SetMode{"plan"});
    rig.session.refusal = fail(Code::not_found, "no approval is open for call 'c1'");
    while (rig.session.commands.empty() && sink.reasons.empty()) co_await turn(rig.loop);
    link->send(Approve{"c1", false});
    while (sink.reasons.size() < 2) co_await turn(rig.loop);
    CHECK(sink.ids == std::vector<std::uint64_t>{2, 3, 4, 5});
    CHECK(sink.events[1] == Event(MessageReceived{"user", "u1", long_text}));
    CHECK(sink.events[2] == Event(TokensStreamed{"m1", "hello"}));
    CHECK(sink.pieces == std::vector<Event>{TokensStreamed{"m1", "hello"}});
    CHECK(std::get<SetMode>(sink.refused[0]).mode == "plan");
    CHECK(std::get<Approve>(sink.refused[1]).call_id == "c1");
    CHECK(sink.reasons[1] == rig.session.refusal);
    co_await link->close();
    while (rig.session.answerers > 0) co_await turn(rig.loop);
    CHECK(sink.closed.empty());
}

async::Task<void> lose_session(Rig& rig, Sink& sink) {
    std::unique_ptr<Link> link = co_await attach(rig, sink, 0);
    rig.emit(SessionEnded{"completed"});
    co_await rig.door->close();
    while (sink.closed.empty()) co_await turn(rig.loop);
    link->send(Cancel{});
    co_await turn(rig.loop);
    CHECK(sink.ids == std::vector<std::uint64_t>{1, 2});
    REQUIRE(sink.closed.size() == 1);
    CHECK(sink.closed[0].code == Code::unavailable);
    CHECK(sink.refused.empty());
    co_await link->close();
}

async::Task<void> close_and_drop(std::unique_ptr<Link> link) {
    co_await link->close();
    link.reset();
}

async::Task<void> close_in_callback(Rig& rig, Sink& sink) {
    async::Scope closing;
    std::unique_ptr<Link> link = co_await attach(rig, sink, 0);
    for (int i = 0; i < 5; ++i) rig.emit(ModeChanged{"plan", "user"});
    sink.on_any = [&] { closing.spawn(close_and_drop(std::move(link))); };
    while (rig.session.watchers > 0) co_await turn(rig.loop);
    co_await closing.join();
    CHECK(sink.ids == std::vector<std::uint64_t>{1});
    CHECK(sink.closed.empty());
}

async::Task<void> send_and_close(Rig& rig, Sink& sink) {
    std::unique_ptr<Link> link = co_await attach(rig, sink, 0);
    link->send(SendMessage{std::string(2 << 20, 'x'), {}, {}});
    link->send(Cancel{});
    co_await link->close();
    while (rig.session.commands.size() < 2) co_await turn(rig.loop);
    CHECK(std::holds_alternative<Cancel>(rig.session.commands[1]));
}

async::Task<void> lose_blob(Rig& rig, Sink& sink) {
    rig.emit(MessageReceived{"user", "u1", std::string(50'000, 'x')});
    std::filesystem::remove_all(rig.session.files().blobs());
    std::unique_ptr<Link> link = co_await attach(rig, sink, 1);
    while (sink.ids.empty()) co_await turn(rig.loop);
    REQUIRE(sink.damage.size() == 1);
    CHECK(std::get<MessageReceived>(sink.events[0]).content ==
          "[this text of 50000 bytes is lost]");
    co_await link->close();
}

}  // namespace

TEST_CASE("a link gives events with their long texts, pieces, and what was refused") {
    Rig rig;
    Sink sink;
    rig.run(watch(rig, sink));
}

TEST_CASE("a link tells once that the session has gone") {
    Rig rig;
    Sink sink;
    rig.run(lose_session(rig, sink));
}

TEST_CASE("a link may be closed while it calls its sink, which then hears nothing more") {
    Rig rig;
    Sink sink;
    rig.run(close_in_callback(rig, sink));
}

TEST_CASE("what was sent over a link before it was closed still arrives") {
    Rig rig;
    Sink sink;
    rig.run(send_and_close(rig, sink));
}

TEST_CASE("a link tells of a long text that is lost") {
    Rig rig;
    Sink sink;
    rig.run(lose_blob(rig, sink));
}

namespace {

// The other process, played by hand: takes one connection after another.
struct FakeOwner {
    explicit FakeOwner(const Scratch& scratch)
        : files{scratch / "sessions", "s1"},
          path(scratch / "s1.sock"),
          listening(std::move(*async::listen_unix(path))),
          links(loop, {scratch.path(), ::geteuid(), scratch.path()}, limits()) {
        std::signal(SIGPIPE, SIG_IGN);
    }

    static ipc::Limits limits() {
        ipc::Limits limits;
        limits.answer = std::chrono::milliseconds(2000);
        return limits;
    }
    std::string event_line(std::uint64_t id) const {
        return encode_line({id, {}, ModeChanged{"m" + std::to_string(id), "user"}}) + "\n";
    }

    async::Loop loop;
    SessionFiles files;
    std::string path;
    async::Descriptor listening;
    ipc::SocketLinks links;
    std::vector<std::string> heard;  // first the Subscribe of each connection
};

constexpr const char* welcome = R"({"type":"Subscribed","session_id":"s1","pid":7,"last_id":9})"
                                "\n";
constexpr const char* too_slow = R"({"type":"Disconnected","code":"too_slow","reason":"slow"})"
                                 "\n";

// Hears `lines` lines, the first of which it answers with `said`, and hangs up.
async::Task<void> serve_once(FakeOwner& owner, int lines, std::string said) {
    async::Descriptor peer;
    while (!peer.is_open()) {
        co_await turn(owner.loop);
        peer = std::move(*async::accept_unix(owner.listening));
    }
    async::LineReader reader(owner.loop, peer.fd(), 1000);
    async::FdWriter writer(owner.loop, peer.fd());
    for (int i = 0; i < lines; ++i) {
        std::optional<Result<std::string>> line = co_await reader.next();
        REQUIRE(line);
        owner.heard.push_back(**line);
        if (i == 0) writer.write(welcome);
    }
    writer.write(std::move(said));
    co_await writer.drained();
}

async::Task<void> cut_off_twice(FakeOwner& owner) {
    co_await serve_once(owner, 1, owner.event_line(3) + owner.event_line(4) + too_slow);
    // What comes twice is given once.
    co_await serve_once(owner, 2, owner.event_line(4) + owner.event_line(5) + too_slow);
    co_await serve_once(owner, 2,
                        owner.event_line(6) + R"({"type":"Ack","request_id":1})" + "\n" +
                            R"({"type":"Disconnected","code":"closed","reason":"bye"})" + "\n");
}

async::Task<void> survive_cuts(FakeOwner& owner, Sink& sink) {
    async::Scope scope;
    scope.spawn(cut_off_twice(owner));
    SessionFiles files = owner.files;
    std::string path = owner.path;
    Result<std::unique_ptr<Link>> link =
        co_await owner.links.attach(std::move(files), std::move(path), 2, sink);
    REQUIRE(link);
    (*link)->send(SetMode{"plan"});
    while (sink.closed.empty()) co_await turn(owner.loop);
    co_await (*link)->close();
    co_await scope.join();
}

async::Task<void> always_cut_off(FakeOwner& owner, int times) {
    for (int i = 0; i < times; ++i) co_await serve_once(owner, 1, too_slow);
}

async::Task<void> give_up(FakeOwner& owner, Sink& sink) {
    async::Scope scope;
    scope.spawn(always_cut_off(owner, FakeOwner::limits().returns + 1));
    SessionFiles files = owner.files;
    std::string path = owner.path;
    Result<std::unique_ptr<Link>> link =
        co_await owner.links.attach(std::move(files), std::move(path), 2, sink);
    REQUIRE(link);
    while (sink.closed.empty()) co_await turn(owner.loop);
    co_await (*link)->close();
    co_await scope.join();
}

}  // namespace

TEST_CASE("a link that was cut off comes back from its last id, with what was not answered") {
    Scratch scratch;
    FakeOwner owner(scratch);
    Sink sink;
    owner.loop.run(survive_cuts(owner, sink));
    CHECK(sink.ids == std::vector<std::uint64_t>{3, 4, 5, 6});
    CHECK(owner.heard == std::vector<std::string>{
                             R"({"after_id":2,"answers":true,"deltas":true,"type":"Subscribe"})",
                             R"({"after_id":4,"answers":true,"deltas":true,"type":"Subscribe"})",
                             R"({"mode":"plan","request_id":1,"type":"SetMode"})",
                             R"({"after_id":5,"answers":true,"deltas":true,"type":"Subscribe"})",
                             R"({"mode":"plan","request_id":1,"type":"SetMode"})"});
    REQUIRE(sink.closed.size() == 1);
    CHECK(sink.closed[0] == fail(Code::unavailable, "bye"));
    CHECK(sink.refused.empty());
}

TEST_CASE("a link that is cut off again and again without an event gives up") {
    Scratch scratch;
    FakeOwner owner(scratch);
    Sink sink;
    owner.loop.run(give_up(owner, sink));
    REQUIRE(sink.closed.size() == 1);
    CHECK(sink.closed[0].code == Code::limit);
    CHECK(owner.heard.size() == static_cast<std::size_t>(FakeOwner::limits().returns) + 1);
}

namespace {

struct Attempt {
    std::string path;
    uid_t user = ::geteuid();
    std::uint64_t after_id = 0;
    std::chrono::milliseconds answer{5000};
};

async::Task<void> try_to_attach(async::Loop& loop, Attempt attempt, Error& error) {
    ipc::Limits limits;
    limits.answer = attempt.answer;
    ipc::SocketPlace place{"", attempt.user, "/tmp"};
    ipc::SocketLinks links(loop, place, limits);
    SessionFiles files{"/nowhere", "s1"};
    Sink sink;
    Result<std::unique_ptr<Link>> link =
        co_await links.attach(std::move(files), std::move(attempt.path), attempt.after_id, sink);
    if (!link) error = link.error();
    if (link) co_await (*link)->close();
}

Error attach_error(Attempt attempt) {
    async::Loop loop;
    Error error;
    loop.run(try_to_attach(loop, std::move(attempt), error));
    return error;
}

}  // namespace

TEST_CASE("attaching where nobody can be attached to is a clear error") {
    Scratch scratch;
    CHECK(attach_error({scratch / "none.sock"}).code == Code::unavailable);
    CHECK(attach_error({scratch.path() + "/" + std::string(200, 'x')}).code == Code::too_large);
    async::Descriptor listening = std::move(*async::listen_unix(scratch / "hung.sock"));
    Attempt hung{scratch / "hung.sock"};
    hung.answer = std::chrono::milliseconds(1);
    CHECK(attach_error(hung) ==
          fail(Code::timed_out,
               "cannot attach to session s1 at " + hung.path + ": its process does not answer"));
    Attempt foreign{scratch / "hung.sock", ::geteuid() + 1};
    CHECK(attach_error(foreign).code == Code::denied);
    listening.reset();
    CHECK(attach_error({scratch / "hung.sock"}).code == Code::unavailable);
}

namespace {

async::Task<void> attach_ahead(Rig& rig) {
    Error error;
    Attempt ahead{rig.path()};
    ahead.after_id = 7;
    co_await try_to_attach(rig.loop, std::move(ahead), error);
    CHECK(error.code == Code::invalid_argument);
}

}  // namespace

TEST_CASE("attaching after an event that is still to come is refused") {
    Rig rig;
    rig.run(attach_ahead(rig));
}

namespace {

async::Task<void> be_refused(Rig& rig, ipc::SocketDoor& door) {
    door.admit(rig.session);
    Client client(rig.loop, door.path());
    client.say(R"({"type":"Cancel"})");
    std::string line = co_await client.line();
    CHECK(line ==
          R"({"type":"Disconnected","code":"denied","reason":"this session belongs to user )" +
              std::to_string(::geteuid() + 1) + "; you are user " + std::to_string(::geteuid()) +
              R"(","last_id":0})");
    line = co_await client.line();
    CHECK(line.empty());
    CHECK(rig.session.commands.empty());
    co_await door.close();
}

// What a process of user 65534 reads from the socket, as its exit code: 0 for a refusal.
int read_as_nobody(const std::string& path) {
    if (::setgid(65534) != 0 || ::setuid(65534) != 0) return 1;
    Result<async::Descriptor> socket = async::connect_unix(path);
    if (!socket) return 2;
    std::string line;
    char byte = 0;
    while (line.find('\n') == std::string::npos) {
        ssize_t got = ::read(socket->fd(), &byte, 1);
        if (got == 0) return 3;
        if (got == 1) line += byte;
    }
    return line.starts_with(R"({"type":"Disconnected","code":"denied")") ? 0 : 4;
}

async::Task<void> refuse_nobody(Rig& rig) {
    ::chmod(rig.scratch.path().c_str(), 0755);
    ::chmod((rig.scratch / "thole").c_str(), 0755);
    ::chmod(rig.path().c_str(), 0666);
    pid_t child = ::fork();
    if (child == 0) ::_exit(read_as_nobody(rig.path()));
    int status = 0;
    while (::waitpid(child, &status, WNOHANG) == 0) co_await turn(rig.loop);
    CHECK(WIFEXITED(status));
    CHECK(WEXITSTATUS(status) == 0);
}

}  // namespace

TEST_CASE("a process of another user than the session's is refused with a reason") {
    Rig rig;
    ipc::SocketDoor door(rig.loop, std::move(*async::listen_unix(rig.scratch / "other.sock")),
                         rig.scratch / "other.sock", ::geteuid() + 1, {});
    rig.run(be_refused(rig, door));
}

TEST_CASE("a process that another user really runs is refused") {
    if (::geteuid() != 0) {
        MESSAGE("only root can become another user");
        return;
    }
    Rig rig;
    rig.run(refuse_nobody(rig));
}

namespace {

async::Task<void> crowd(Rig& rig) {
    Client first(rig.loop, rig.path());
    first.say(R"({"type":"Save"})");
    co_await first.line();
    Client second(rig.loop, rig.path());
    std::string line = co_await second.line();
    CHECK(line.starts_with(R"({"type":"Disconnected","code":"limit")"));
}

}  // namespace

TEST_CASE("more connections than a socket takes are refused with a reason") {
    ipc::Limits limits;
    limits.connections = 1;
    Rig rig(limits);
    rig.run(crowd(rig));
}
