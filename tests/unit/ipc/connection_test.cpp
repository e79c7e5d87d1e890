#include "ipc/connection.hpp"

#include <random>

#include "base/json.hpp"
#include "ipc/command_json.hpp"
#include "rig.hpp"

using namespace thole;
using test::Client;
using test::Rig;
using test::subscribe;
using test::turn;

namespace {

bool is_log_line(const std::string& line) {
    return line.starts_with(R"({"schema_version":1,)");
}

// The lines of the log after `after_id`, up to the last event.
async::Task<std::string> read_rest(Rig& rig, Client& client, std::uint64_t after_id) {
    std::string got;
    while (after_id++ < rig.last_id()) {
        std::string line = co_await client.line();
        if (line.empty()) break;
        CHECK(is_log_line(line));
        got += line + "\n";
    }
    co_return got;
}

async::Task<void> from_every_id(Rig& rig) {
    while (rig.last_id() < 40) rig.emit(ModeChanged{"plan", "user"});
    for (std::uint64_t id = 0; id <= 40; ++id) {
        Client client(rig.loop, rig.path());
        client.say(subscribe(id));
        rig.emit(ModeChanged{"default", "user"});
        std::string answer = co_await client.line();
        CHECK(
            answer.starts_with(R"({"type":"Subscribed","command":"Subscribe","session_id":"s1")"));
        std::string got;
        std::uint64_t at = id;
        for (std::size_t i = 0; i < 7 && at < rig.last_id(); ++i, ++at) {
            std::string line = co_await client.line();
            got += line + "\n";
            if (i % 2 == 0) rig.emit_text(i * 3000);
        }
        std::string rest = co_await read_rest(rig, client, at);
        got += rest;
        CHECK(got == test::after_lines(rig.log(), id));
    }
}

async::Task<void> many_clients(Rig& rig) {
    std::vector<std::unique_ptr<Client>> clients;
    for (int i = 0; i < 10; ++i) {
        clients.push_back(std::make_unique<Client>(rig.loop, rig.path()));
        clients.back()->say(subscribe(0));
        for (int n = 0; n < 20; ++n) rig.emit_text(500);
        co_await turn(rig.loop);
    }
    for (auto& client : clients) {
        co_await client->line();
        std::string got = co_await read_rest(rig, *client, 0);
        CHECK(got == rig.log());
    }
}

async::Task<void> come_and_go(Rig& rig, std::string& got) {
    std::mt19937 random(8);
    std::uint64_t last_id = 0;
    for (int times = 0; times < 1000; ++times) {
        Client client(rig.loop, rig.path());
        client.say(subscribe(last_id));
        if (random() % 2 == 0) rig.emit_text(random() % 200);
        std::uint64_t wanted = random() % 4;
        co_await client.line();
        for (; wanted > 0 && last_id < rig.last_id(); --wanted, ++last_id) {
            std::string line = co_await client.line();
            got += line + "\n";
        }
    }
    Client client(rig.loop, rig.path());
    client.say(subscribe(last_id));
    co_await client.line();
    std::string rest = co_await read_rest(rig, client, last_id);
    got += rest;
}

async::Task<void> wait_for_watchers(Rig& rig, int count) {
    while (rig.session.watchers != count) co_await turn(rig.loop);
}

}  // namespace

TEST_CASE("a subscriber gets the log after any id byte for byte, while it grows") {
    Rig rig;
    rig.run(from_every_id(rig));
}

TEST_CASE("many clients see the same lines in the same order") {
    Rig rig;
    rig.run(many_clients(rig));
}

TEST_CASE("a client that comes back a thousand times with its last id ends with the whole log") {
    Rig rig;
    std::string got;
    rig.run(come_and_go(rig, got));
    CHECK(got == rig.log());
    CHECK(rig.session.watchers == 0);
}

namespace {

// Reads what a client that was cut off still gets, and gives its last words.
async::Task<Json> read_until_goodbye(Client& client, std::string& got) {
    while (true) {
        std::string line = co_await client.line();
        if (!is_log_line(line)) co_return parse_json(line).value_or(Json());
        got += line + "\n";
    }
}

async::Task<void> be_slow(Rig& rig, const char* reason) {
    Client client(rig.loop, rig.path());
    client.say(subscribe(0));
    co_await client.line();
    for (int i = 0; i < 30; ++i) {
        rig.emit_text(30'000);
        co_await turn(rig.loop);
    }
    co_await wait_for_watchers(rig, 0);
    std::string got;
    Json goodbye = co_await read_until_goodbye(client, got);
    std::uint64_t last_id = goodbye["last_id"].get<std::uint64_t>();
    CHECK(goodbye["type"] == "Disconnected");
    CHECK(goodbye["code"] == "too_slow");
    CHECK(goodbye["reason"].get<std::string>().find(reason) != std::string::npos);
    std::string end = co_await client.line();
    CHECK(end.empty());
    CHECK(last_id < rig.last_id());
    Client again(rig.loop, rig.path());
    again.say(subscribe(last_id));
    co_await again.line();
    std::string rest = co_await read_rest(rig, again, last_id);
    CHECK(got + rest == rig.log());
}

async::Task<void> read_long_backlog(Rig& rig) {
    for (int i = 0; i < 60; ++i) rig.emit_text(30'000);
    Client client(rig.loop, rig.path());
    client.say(subscribe(0));
    co_await client.line();
    // More than the lag that is allowed, while the backlog is not read yet.
    for (int i = 0; i < 4; ++i) {
        rig.emit_text(30'000);
        co_await turn(rig.loop);
    }
    std::string got = co_await read_rest(rig, client, 0);
    CHECK(got == rig.log());
}

}  // namespace

TEST_CASE("a client with too many live events before it is cut off and can come back") {
    ipc::Limits limits;
    limits.lag = 64 << 10;
    limits.piece = 32 << 10;
    Rig rig(limits);
    rig.run(be_slow(rig, "too many events"));
}

TEST_CASE("a client that takes nothing for too long is cut off and can come back") {
    ipc::Limits limits;
    limits.stall = std::chrono::milliseconds(1);
    Rig rig(limits);
    rig.run(be_slow(rig, "took nothing"));
}

TEST_CASE("a long backlog is not slowness") {
    ipc::Limits limits;
    limits.lag = 64 << 10;
    Rig rig(limits);
    rig.run(read_long_backlog(rig));
}

namespace {

async::Task<void> end_session(Rig& rig) {
    Client client(rig.loop, rig.path());
    Client other(rig.loop, rig.path());
    client.say(subscribe(0, R"(,"answers":true)"));
    co_await client.line();
    CHECK(rig.session.answerers == 1);
    for (int i = 0; i < 60; ++i) rig.emit_text(30'000);
    rig.emit(SessionEnded{"completed"});
    async::Scope closing;
    closing.spawn(rig.door->close());
    CHECK(rig.session.watchers == 0);
    CHECK(rig.session.answerers == 0);
    CHECK(async::connect_unix(rig.path()).error().code == Code::unavailable);
    std::string got;
    Json goodbye = co_await read_until_goodbye(client, got);
    CHECK(got == rig.log());
    CHECK(goodbye["code"] == "closed");
    CHECK(goodbye["last_id"] == rig.last_id());
    std::string end = co_await client.line();
    CHECK(end.empty());
    co_await closing.join();
    CHECK(rig.session.commands.empty());
}

async::Task<void> end_session_unread(Rig& rig) {
    Client client(rig.loop, rig.path());
    client.say(subscribe(0));
    co_await client.line();
    for (int i = 0; i < 60; ++i) rig.emit_text(30'000);
    co_await turn(rig.loop);
    co_await rig.door->close();
    CHECK(rig.session.watchers == 0);
}

}  // namespace

TEST_CASE("when the session ends, clients get what is left, a goodbye, and the end") {
    Rig rig;
    rig.run(end_session(rig));
}

TEST_CASE("a client that does not read holds up the end of the session for the limit only") {
    ipc::Limits limits;
    limits.farewell = std::chrono::milliseconds(1);
    Rig rig(limits);
    rig.run(end_session_unread(rig));
}

namespace {

async::Task<void> stream_to(Rig& rig, Client& client) {
    client.say(subscribe(0, R"(,"deltas":true)"));
    co_await client.line();
    co_await client.line();
    rig.session.journal->stream(TokensStreamed{"m1", "one "});
    rig.session.journal->stream(TokensStreamed{"m1", "two"});
    rig.emit(MessageReceived{"assistant", "m1"});
    rig.session.journal->stream(TokensStreamed{"m2", "three"});
    std::vector<std::string> seen;
    for (int i = 0; i < 5; ++i) {
        std::string line = co_await client.line();
        seen.push_back(line);
    }
    CHECK(seen[0] ==
          R"({"type":"Delta","event":{"message_id":"m1","text":"one ","type":"TokensStreamed"}})");
    CHECK(seen[1] ==
          R"({"type":"Delta","event":{"message_id":"m1","text":"two","type":"TokensStreamed"}})");
    CHECK(seen[2] + "\n" + seen[3] + "\n" == test::after_lines(rig.log(), 1));
    CHECK(seen[4] ==
          R"({"type":"Delta","event":{"message_id":"m2","text":"three","type":"TokensStreamed"}})");
}

constexpr const char* seen_piece =
    R"({"type":"Delta","event":{"message_id":"m2","text":"seen","type":"TokensStreamed"}})";

async::Task<void> stream_deltas(Rig& rig) {
    Client client(rig.loop, rig.path());
    co_await stream_to(rig, client);
}

async::Task<void> stream_to_slow(Rig& rig) {
    Client client(rig.loop, rig.path());
    client.say(subscribe(0, R"(,"deltas":true)"));
    co_await client.line();
    for (int i = 0; i < 30; ++i) rig.emit_text(30'000);
    co_await turn(rig.loop);
    rig.session.journal->stream(TokensStreamed{"m1", "missed "});
    std::string got = co_await read_rest(rig, client, 0);
    // It has all of the log now, but would miss the beginning of this text.
    rig.session.journal->stream(TokensStreamed{"m1", "and missed too"});
    rig.emit(MessageReceived{"assistant", "m1"});
    rig.session.journal->stream(TokensStreamed{"m2", "seen"});
    std::string line = co_await client.line();
    while (is_log_line(line)) {
        got += line + "\n";
        line = co_await client.line();
    }
    CHECK(got == rig.log().substr(0, got.size()));
    CHECK(line == seen_piece);
}

async::Task<void> join_in_a_turn(Rig& rig) {
    rig.session.journal->stream(TokensStreamed{"m1", "before "});
    Client client(rig.loop, rig.path());
    client.say(subscribe(0, R"(,"deltas":true)"));
    for (int i = 0; i < 3; ++i) co_await client.line();
    CHECK(rig.last_id() == 2);
    rig.session.journal->stream(TokensStreamed{"m2", "seen"});
    std::string line = co_await client.line();
    CHECK(line == seen_piece);
}

}  // namespace

TEST_CASE("pieces of streamed text come at once, in order with the lines of the log") {
    Rig rig;
    rig.run(stream_deltas(rig));
}

TEST_CASE("pieces are left out for a client that is behind, up to the end of their text") {
    Rig rig;
    rig.run(stream_to_slow(rig));
}

TEST_CASE(
    "who subscribes while text streams gets what there was in a line, and pieces from there on") {
    Rig rig;
    rig.run(join_in_a_turn(rig));
}

namespace {

async::Task<void> follow_damaged(Rig& rig) {
    for (int i = 0; i < 3; ++i) rig.emit(ModeChanged{"plan", "user"});
    std::string log = rig.log();
    std::string damaged = log;
    damaged[log.find('\n') + 50] ^= 1;
    rig.scratch.write("sessions/s1.events.jsonl", damaged);
    Client client(rig.loop, rig.path());
    client.say(subscribe(0));
    co_await client.line();
    std::string first = co_await client.line();
    std::string note = co_await client.line();
    CHECK(first + "\n" + test::after_lines(log, 1) == log);
    CHECK(note.starts_with(R"({"type":"Damage","error":")"));
    CHECK(note.find("checksum") != std::string::npos);
    std::string rest = co_await client.line();
    CHECK(is_log_line(rest));
    CHECK(log.find(rest) != std::string::npos);
}

}  // namespace

TEST_CASE("a damaged line is left out and told") {
    Rig rig;
    rig.run(follow_damaged(rig));
}
