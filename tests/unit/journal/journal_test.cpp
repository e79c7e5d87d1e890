#include "journal/journal.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "async/signal.hpp"
#include "base/json.hpp"
#include "journal/catalog.hpp"
#include "support/scratch.hpp"
#include "unit/journal/samples.hpp"

using namespace thole;
using async::Task;

namespace {

struct FixedClock : Clock {
    TimePoint now() const override { return test::envelope(1, {}).time; }
};

// Writes down what it is shown: "12:MessageReceived" for an event, "+text" for a piece.
struct Recorder : Subscriber {
    std::vector<std::string> seen;
    std::function<void(const Envelope&)> then;
    void on_event(const Envelope& envelope) override {
        seen.push_back(std::to_string(envelope.id) + ":" + std::string(event_type(envelope.event)));
        if (then) then(envelope);
    }
    void on_delta(const Event& piece) override {
        const auto* tokens = std::get_if<TokensStreamed>(&piece);
        seen.push_back("+" + (tokens ? tokens->text : std::string(event_type(piece))));
    }
};
using Shown = std::vector<std::string>;

struct Bench {
    test::Scratch scratch;
    async::Loop loop;
    FixedClock clock;
    Secrets secrets;
    SessionFiles files{scratch / "w/.thole/sessions", "s1"};

    Bench() { std::filesystem::create_directory(scratch / "w"); }

    std::unique_ptr<Journal> create() {
        auto created = Journal::create(loop, clock, files, secrets);
        REQUIRE(created);
        return std::move(*created);
    }
    void close(Journal& journal) { loop.run(journal.close()); }

    Result<Journal::Opened> open() {
        std::optional<Result<Journal::Opened>> opened;
        loop.run(open_into(opened));
        return std::move(*opened);
    }
    std::vector<Envelope> logged() {
        std::vector<Envelope> all;
        const auto sink = [&](const Envelope& envelope, std::string_view) {
            all.push_back(envelope);
            return true;
        };
        CHECK(read_log(files.log(), files.blobs(), {}, sink)->damage.is_whole());
        return all;
    }
    Shown logged_types() {
        Shown types;
        for (const Envelope& e : logged()) types.emplace_back(event_type(e.event));
        return types;
    }

private:
    Task<void> open_into(std::optional<Result<Journal::Opened>>& out) {
        auto opened = co_await Journal::open(loop, clock, files, secrets);
        out.emplace(std::move(opened));
    }
};

Event prompt(const std::string& text) {
    return MessageReceived{.role = "user", .message_id = "p", .content = text};
}
Event tokens(const std::string& text, const std::string& message = "m") {
    return TokensStreamed{message, text};
}
int mode_of(const std::string& path) {
    struct stat status {};
    ::stat(path.c_str(), &status);
    return status.st_mode & 0777;
}

Task<void> sync_into(Journal& journal, std::vector<Result<void>>& results) {
    Result<void> synced = co_await journal.sync();
    results.push_back(synced);
}

Task<void> sync_many(Journal& journal, std::vector<Result<void>>& results) {
    async::Scope scope;
    for (int i = 0; i < 20; ++i) {
        journal.append(prompt(std::to_string(i)));
        scope.spawn(sync_into(journal, results));
    }
    co_await scope.join();
}

Task<void> sync_stopped(Journal& journal, std::vector<Result<void>>& results) {
    async::Scope scope;
    scope.request_stop();
    journal.append(prompt("1"));
    scope.spawn(sync_into(journal, results));
    scope.spawn(sync_into(journal, results));
    co_await scope.join();
}

Task<void> save_into(Journal& journal, std::vector<Result<void>>& results) {
    Result<void> saved = co_await journal.save_snapshot();
    results.push_back(saved);
}

Task<void> save_many(Journal& journal, std::vector<Result<void>>& results) {
    async::Scope scope;
    for (int i = 0; i < 5; ++i) {
        journal.append(prompt(std::to_string(i)));
        scope.spawn(save_into(journal, results));
    }
    co_await scope.join();
}

Task<void> wait_for(async::Signal& signal) {
    const async::Wake wake = co_await signal.wait();
    CHECK(wake == async::Wake::done);
}

}  // namespace

TEST_CASE("a new journal makes private files whatever the umask is") {
    for (const mode_t mask : {0, 0777}) {
        Bench bench;
        const mode_t before = ::umask(mask);
        auto journal = bench.create();
        journal->append(prompt(std::string(40'000, 'x')));
        bench.close(*journal);
        ::umask(before);
        CHECK(mode_of(bench.scratch / "w/.thole") == 0700);
        CHECK(mode_of(bench.files.directory) == 0700);
        CHECK(mode_of(bench.files.blobs()) == 0700);
        CHECK(mode_of(bench.files.log()) == 0600);
        CHECK(mode_of(bench.files.snapshot()) == 0600);
        CHECK(mode_of(bench.scratch / "w/.thole/.gitignore") == 0600);
    }
}

TEST_CASE("appended events have ids, are folded, shown and in the log") {
    Bench bench;
    auto journal = bench.create();
    Recorder recorder;
    journal->subscribe(recorder);
    CHECK(journal->append(SessionStarted{.session_id = "s1"}) == 1);
    CHECK(journal->append(prompt("hi")) == 2);
    CHECK(recorder.seen == Shown{"1:SessionStarted", "2:MessageReceived"});
    CHECK(journal->state().title == "hi");
    CHECK(journal->state().last_event_id == 2);
    State folded;
    for (const Envelope& envelope : bench.logged()) apply(folded, envelope);
    CHECK((folded == journal->state()));
    bench.close(*journal);
}

TEST_CASE("a session that exists is not made again") {
    Bench bench;
    auto journal = bench.create();
    CHECK(Journal::create(bench.loop, bench.clock, bench.files, bench.secrets).error().code ==
          Code::exists);
    bench.files.id = "../evil";
    CHECK(Journal::create(bench.loop, bench.clock, bench.files, bench.secrets).error() ==
          fail(Code::invalid_argument, "not a session id: ../evil"));
    bench.files.id = "s1";
    bench.close(*journal);
}

TEST_CASE("a reopened journal goes on with the next id and the same state") {
    Bench bench;
    auto journal = bench.create();
    for (const Event& event : test::one_of_each()) journal->append(event);
    const State before = journal->state();
    bench.close(*journal);
    journal.reset();
    for (const bool has_snapshot : {true, false}) {
        if (!has_snapshot) std::filesystem::remove(bench.files.snapshot());
        auto opened = bench.open();
        REQUIRE(opened);
        CHECK((opened->damage == Damage()));
        if (has_snapshot) CHECK((opened->journal->state() == before));
        const std::uint64_t next = opened->journal->state().last_event_id + 1;
        CHECK(opened->journal->append(Checkpoint{1}) == next);
        bench.close(*opened->journal);
    }
    CHECK(bench.logged().size() == test::one_of_each().size() + 2);
}

TEST_CASE("streamed pieces are shown at once and written as one line") {
    Bench bench;
    auto journal = bench.create();
    Recorder recorder;
    journal->subscribe(recorder);
    journal->stream(tokens("a"));
    journal->stream(tokens("b\n"));
    CHECK(recorder.seen == Shown{"+a", "+b\n"});
    CHECK(bench.logged().empty());
    CHECK(journal->state().context.empty());
    journal->flush();
    CHECK(recorder.seen == Shown{"+a", "+b\n", "1:TokensStreamed"});
    REQUIRE(bench.logged().size() == 1);
    CHECK((bench.logged()[0].event == tokens("ab\n")));
    journal->stream(tokens("c"));
    journal->append(prompt("next"));
    CHECK(bench.logged_types() == Shown{"TokensStreamed", "TokensStreamed", "MessageReceived"});
    bench.close(*journal);
}

TEST_CASE("streamed text is written when there are 4 KiB of it") {
    Bench bench;
    auto journal = bench.create();
    for (int i = 0; i < 1000; ++i) journal->stream(tokens("0123456789abcde "));
    journal->flush();
    const auto logged = bench.logged();
    CHECK(logged.size() == 4);
    std::string text;
    for (const Envelope& e : logged) text += std::get<TokensStreamed>(e.event).text;
    CHECK(text.size() == 16'000);
    bench.close(*journal);
}

TEST_CASE("streamed text is written after a while when nothing else happens") {
    Bench bench;
    auto journal = bench.create();
    Recorder recorder;
    journal->subscribe(recorder);
    journal->stream(tokens("a "));
    async::Signal written(bench.loop);
    recorder.then = [&](const Envelope&) { written.notify(); };
    bench.loop.run(wait_for(written));
    CHECK(recorder.seen == Shown{"+a ", "1:TokensStreamed"});
    CHECK(bench.logged().size() == 1);
    bench.close(*journal);
}

TEST_CASE("the last word of streamed text waits for what comes next") {
    Bench bench;
    auto journal = bench.create();
    journal->stream(tokens("pull the oa"));
    journal->flush();
    CHECK((bench.logged().back().event == tokens("pull the ")));
    journal->stream(tokens("r"));
    journal->flush();
    CHECK(bench.logged().size() == 1);
    journal->append(CostUpdated{.model = "m"});
    CHECK(bench.logged_types() == Shown{"TokensStreamed", "CostUpdated"});
    journal->append(MessageReceived{.role = "assistant", .message_id = "m"});
    CHECK(bench.logged_types() ==
          Shown{"TokensStreamed", "CostUpdated", "TokensStreamed", "MessageReceived"});
    CHECK((bench.logged()[2].event == tokens("oar")));
    bench.close(*journal);
}

TEST_CASE("closing writes the text that waits") {
    Bench bench;
    auto journal = bench.create();
    journal->stream(tokens("a"));
    bench.close(*journal);
    CHECK(bench.logged().size() == 1);
    CHECK(journal->append(prompt("late")) == 0);
    CHECK(journal->health().error().message == "session s1 is closed");
    CHECK(bench.logged().size() == 1);
}

TEST_CASE("a subscriber sees what comes after it and nothing after it has left") {
    Bench bench;
    auto journal = bench.create();
    Recorder first, second;
    journal->append(prompt("1"));
    journal->subscribe(first);
    journal->stream(tokens("a"));
    journal->subscribe(second);
    journal->stream(tokens("b"));
    journal->append(prompt("2"));
    journal->unsubscribe(first);
    journal->append(prompt("3"));
    CHECK(first.seen ==
          Shown{"+a", "2:TokensStreamed", "+b", "3:TokensStreamed", "4:MessageReceived"});
    CHECK(second.seen == Shown{"+b", "3:TokensStreamed", "4:MessageReceived", "5:MessageReceived"});
    bench.close(*journal);
}

TEST_CASE("all subscribers see the same order although one appends, subscribes and leaves") {
    Bench bench;
    auto journal = bench.create();
    Recorder first, second, third;
    first.then = [&](const Envelope& envelope) {
        if (envelope.id != 1) return;
        journal->append(prompt("from inside"));
        journal->unsubscribe(first);
        journal->subscribe(third);
        journal->append(prompt("again"));
    };
    journal->subscribe(first);
    journal->subscribe(second);
    journal->append(prompt("1"));
    CHECK(first.seen == Shown{"1:MessageReceived"});
    CHECK(second.seen == Shown{"1:MessageReceived", "2:MessageReceived", "3:MessageReceived"});
    CHECK(third.seen == Shown{"3:MessageReceived"});
    bench.close(*journal);
}

TEST_CASE("many callers of sync are all told that their events are safe") {
    Bench bench;
    auto journal = bench.create();
    std::vector<Result<void>> results;
    bench.loop.run(sync_many(*journal, results));
    CHECK(results.size() == 20);
    for (const auto& result : results) CHECK(result);
    bench.close(*journal);
}

TEST_CASE("a stop does not cut a sync short") {
    Bench bench;
    auto journal = bench.create();
    std::vector<Result<void>> results;
    bench.loop.run(sync_stopped(*journal, results));
    REQUIRE(results.size() == 2);
    CHECK(results[0]);
    CHECK(results[1]);
    bench.close(*journal);
}

TEST_CASE("snapshots that are asked for at once are made one after another") {
    Bench bench;
    auto journal = bench.create();
    std::vector<Result<void>> results;
    bench.loop.run(save_many(*journal, results));
    CHECK(results.size() == 5);
    for (const auto& result : results) CHECK(result);
    const auto json = parse_json(bench.scratch.read("w/.thole/sessions/s1.json"));
    REQUIRE(json);
    CHECK(member(*json, "last_event_id") == 5);
    CHECK(member(*json, "schema_version") == 1);
    CHECK(member(*json, "log_offset") == std::filesystem::file_size(bench.files.log()));
    CHECK_FALSE(std::filesystem::exists(bench.files.snapshot() + ".tmp"));
    bench.close(*journal);
}

TEST_CASE("a second opening is told that the session is busy, in this process and in another") {
    Bench bench;
    auto journal = bench.create();
    journal->append(prompt("1"));
    CHECK(bench.open().error().code == Code::busy);
    CHECK(inspect_session(bench.files)->is_alive);
    const pid_t child = ::fork();
    if (child == 0) {
        Bench other;
        other.files = bench.files;
        ::_exit(other.open().error().code == Code::busy ? 7 : 1);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    CHECK(WEXITSTATUS(status) == 7);
    bench.close(*journal);
    journal.reset();
    CHECK_FALSE(inspect_session(bench.files)->is_alive);
    auto opened = bench.open();
    REQUIRE(opened);
    bench.close(*opened->journal);
}

TEST_CASE("a torn end is cut off and told, and the log goes on cleanly") {
    Bench bench;
    auto journal = bench.create();
    journal->append(prompt("1"));
    journal->append(prompt("2"));
    bench.close(*journal);
    journal.reset();
    const std::string whole = bench.scratch.read("w/.thole/sessions/s1.events.jsonl");
    bench.scratch.write("w/.thole/sessions/s1.events.jsonl", whole.substr(0, whole.size() - 9));
    auto opened = bench.open();
    REQUIRE(opened);
    CHECK(opened->damage.torn_bytes > 0);
    CHECK(opened->journal->append(prompt("again")) == 2);
    bench.close(*opened->journal);
    CHECK(bench.logged().size() == 2);
}

TEST_CASE("a last line without its newline is completed") {
    Bench bench;
    auto journal = bench.create();
    journal->append(prompt("1"));
    bench.close(*journal);
    journal.reset();
    const std::string whole = bench.scratch.read("w/.thole/sessions/s1.events.jsonl");
    bench.scratch.write("w/.thole/sessions/s1.events.jsonl", whole.substr(0, whole.size() - 1));
    auto opened = bench.open();
    REQUIRE(opened);
    CHECK(opened->damage.is_whole());
    CHECK(opened->journal->append(prompt("2")) == 2);
    bench.close(*opened->journal);
    CHECK(bench.logged().size() == 2);
}

TEST_CASE("a log without a readable event and a session that is not there are told apart") {
    Bench bench;
    CHECK(bench.open().error().code == Code::not_found);
    bench.scratch.write("w/.thole/sessions/s1.events.jsonl", "garbage\n");
    CHECK(bench.open().error().code == Code::corrupt);
    CHECK(bench.scratch.read("w/.thole/sessions/s1.events.jsonl") == "garbage\n");
    std::filesystem::remove(bench.files.log());
    std::filesystem::create_symlink("/etc/hostname", bench.files.log());
    CHECK(bench.open().error().code == Code::denied);
}

TEST_CASE("a long text lies in a blob once and is read back") {
    Bench bench;
    auto journal = bench.create();
    const std::string text(100'000, 'x');
    journal->append(prompt(text));
    journal->append(ToolCallStarted{.call_id = "c", .input = Json{{"content", text}}});
    const auto sha256 = journal->store_blob(text);
    REQUIRE(sha256);
    CHECK(*read_blob(bench.files, *sha256) == text);
    const auto logged = bench.logged();
    CHECK(std::get<MessageReceived>(logged[0].event).content == text);
    CHECK(text_member(*std::get<ToolCallStarted>(logged[1].event).input, "content") == text);
    CHECK(std::filesystem::file_size(bench.files.log()) < 1000);
    CHECK(std::distance(std::filesystem::directory_iterator(bench.files.blobs()), {}) == 1);
    bench.close(*journal);
}

TEST_CASE("bytes that are no UTF-8 are the same for those who watch and those who read") {
    Bench bench;
    auto journal = bench.create();
    for (const std::size_t size : {1, 40'000}) {
        journal->append(prompt(std::string(size, '\xff')));
        journal->append(QuestionResolved{"q", Json{{"text", std::string(size, '\xff')}}});
    }
    State folded;
    for (const Envelope& envelope : bench.logged()) apply(folded, envelope);
    CHECK((folded == journal->state()));
    CHECK(journal->state().context[0].text == "\xEF\xBF\xBD");
    bench.close(*journal);
}
