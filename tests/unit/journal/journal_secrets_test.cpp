// No secret gets into the files of a session, whatever it comes in with; what lives in memory keeps
// it, and a session that is opened again goes on without it.
#include <doctest/doctest.h>
#include <sys/stat.h>

#include <filesystem>

#include "base/json.hpp"
#include "base/sha256.hpp"
#include "journal/catalog.hpp"
#include "journal/journal.hpp"
#include "support/scratch.hpp"
#include "unit/journal/canaries.hpp"
#include "unit/journal/samples.hpp"

using namespace thole;
using async::Task;
using test::Canary;

namespace {

struct FixedClock : Clock {
    TimePoint now() const override { return test::envelope(1, {}).time; }
};

struct Bench {
    test::Scratch scratch;
    async::Loop loop;
    FixedClock clock;
    Secrets secrets;
    SessionFiles files{scratch.path() + "/sessions", "s1"};

    std::unique_ptr<Journal> create() {
        auto created = Journal::create(loop, clock, files, secrets);
        REQUIRE(created);
        return std::move(*created);
    }
    // The state as the files tell it to the next process.
    State reopened() {
        State state;
        loop.run(open_into(state));
        return state;
    }
    // Everything in every file of the session.
    std::string on_disk() const {
        std::string all;
        for (const auto& entry : std::filesystem::recursive_directory_iterator(files.directory)) {
            if (!entry.is_regular_file()) continue;
            std::string path = entry.path();
            all += path + "\n" + scratch.read(path.substr(scratch.path().size() + 1)) + "\n";
        }
        return all;
    }
    // The fold of the snapshot must be the fold of the whole log.
    void check_files_agree() {
        const State with_snapshot = reopened();
        std::filesystem::remove(files.snapshot());
        const State from_log = reopened();
        CHECK(state_to_json(with_snapshot) == state_to_json(from_log));
    }

private:
    Task<void> open_into(State& state) {
        auto opened = co_await Journal::open(loop, clock, files, secrets);
        REQUIRE(opened);
        CHECK(opened->damage.is_whole());
        state = opened->journal->state();
        co_await opened->journal->close();
    }
};

// A line of a secret, escaped as JSON holds it, so that it can be looked for.
std::vector<std::string> traces_of(const Canary& canary) {
    std::vector<std::string> traces;
    const std::string& secret = canary.secret;
    for (std::size_t at = 0; at < secret.size();) {
        const std::size_t end = std::min(secret.find('\n', at), secret.size());
        if (!secret.substr(at, end - at).starts_with("-----")) {
            traces.push_back(secret.substr(at, end - at));
        }
        at = end + 1;
    }
    return traces;
}

void check_absent(const Bench& bench, const std::vector<Canary>& canaries) {
    const std::string all = bench.on_disk();
    for (const Canary& canary : canaries) {
        for (const std::string& trace : traces_of(canary)) {
            CAPTURE(canary.kind);
            CHECK(all.find(trace) == std::string::npos);
        }
    }
    CHECK(has_redaction(all));
}

std::vector<Event> events_with(const std::string& text, const std::string& n) {
    const Json json{{"note", text}, {text, 1}, {"deep", {{{"list", {1, text, "b"}}}}}};
    const std::vector<FileDiff> diffs{{"/w/a.txt", false, false, "old " + text, text + " new"}};
    return {
        MessageReceived{.role = "user", .message_id = "p" + n, .content = "look: " + text},
        MessageReceived{.role = "user", .message_id = "b" + n, .blocks = Json{json}},
        TokensStreamed{"m" + n, text},
        ThoughtStreamed{"m" + n, "hm " + text, "", false},
        ToolCallStarted{.call_id = "c" + n,
                        .tool = "bash",
                        .title = "`echo " + text + "`",
                        .input = json,
                        .locations = {{"/w/" + text, 1}},
                        .diffs = diffs},
        ApprovalRequested{"c" + n,
                          "bash",
                          json,
                          "because " + text,
                          text,
                          {"bash(" + text + ")"},
                          "always " + text},
        ApprovalResolved{
            "c" + n, "allow", "session", "user", text, {"bash(" + text + " " + n + ")"}},
        QuestionRequested{"q" + n, "c" + n, "is it " + text + " ?", {"yes", text}},
        QuestionResolved{"q" + n, Json{{"kind", "custom"}, {"text", text}}},
        ToolCallCompleted{.call_id = "c" + n,
                          .status = "failed",
                          .output = "no such key: " + text,
                          .content = Json::array({json}),
                          .diffs = diffs},
        TodosUpdated{{{.id = n, .content = "rotate " + text, .reason = text}}},
        PlanUpdated{"/s/plan.md", "# Plan\n\n1. use " + text + "\n", "cafe", "root", 1},
        PlanReviewed{"feedback", "not " + text, "cafe", 1},
        ErrorReported{"io", "broke at " + text, {}, false},
        BusyStateChanged{.busy = false, .error_code = "io", .error = "ended at " + text},
        UnknownEvent{"SomethingLater", json},
    };
}

Event prompt(const std::string& text) {
    return MessageReceived{.role = "user", .message_id = "p", .content = text};
}

template <class T>
std::string logged_text(const Bench& bench) {
    std::string text;
    const auto sink = [&](const Envelope& envelope, std::string_view) {
        if (const auto* piece = std::get_if<T>(&envelope.event)) text += piece->text;
        return true;
    };
    CHECK(read_log(bench.files.log(), bench.files.blobs(), {}, sink)->damage.is_whole());
    return text;
}

}  // namespace

TEST_CASE("no secret of any kind gets into the files through any event") {
    Bench bench;
    auto journal = bench.create();
    journal->append(SessionStarted{.session_id = "s1", .workspace = "/w"});
    const auto canaries = test::canaries();
    int number = 0;
    for (const Canary& canary : canaries) {
        const auto events = events_with(canary.text, std::to_string(++number));
        for (const Event& event : events) journal->append(event);
        CHECK(journal->state().last_error == "ended at " + canary.text);
    }
    journal->append(ContextWarning{1, 2});
    bench.loop.run(journal->close());
    check_absent(bench, canaries);
    journal.reset();
    bench.check_files_agree();
}

TEST_CASE("the live state keeps what the files do not") {
    Bench bench;
    auto journal = bench.create();
    const Canary canary = test::canaries().front();
    journal->append(SessionStarted{.session_id = "s1"});
    journal->append(prompt("use " + canary.text));
    journal->append(ToolCallStarted{.call_id = "c", .input = Json{{"command", canary.text}}});
    const State live = journal->state();
    CHECK(live.context[0].text == "use " + canary.text);
    CHECK(text_member(*live.context[1].input, "command") == canary.text);
    bench.loop.run(journal->close());
    journal.reset();
    const State again = bench.reopened();
    CHECK(again.context[0].text == "use [redacted anthropic-key]");
    CHECK(text_member(*again.context[1].input, "command") == "[redacted anthropic-key]");
    CHECK(again.open_calls.size() == 1);
}

TEST_CASE("a secret that streams in small pieces lies in no line, in part or whole") {
    for (const std::size_t size : {1, 5, 20}) {
        Bench bench;
        auto journal = bench.create();
        const auto canaries = test::canaries();
        std::string text;
        for (const Canary& canary : canaries) text += "here is " + canary.text + " for you\n";
        for (std::size_t at = 0; at < text.size(); at += size) {
            journal->stream(TokensStreamed{"m", text.substr(at, size)});
            journal->stream(ToolOutputChunk{"a", text.substr(at, size)});
            if (at % 3 == 0) journal->flush();
            if (at % 50 == 0) journal->append(CostUpdated{.model = "m"});
        }
        journal->append(MessageReceived{.role = "assistant", .message_id = "m"});
        journal->append(ToolCallCompleted{.call_id = "a", .status = "completed"});
        CHECK(journal->state().context[0].text == text);
        bench.loop.run(journal->close());
        check_absent(bench, canaries);
        CHECK(logged_text<TokensStreamed>(bench) == bench.secrets.redact(text));
        CHECK(logged_text<ToolOutputChunk>(bench) == bench.secrets.redact(text));
        journal.reset();
        bench.check_files_agree();
    }
}

TEST_CASE("outputs of several calls are held apart, and other events of theirs go by") {
    Bench bench;
    auto journal = bench.create();
    const std::string key = test::canaries().front().secret;
    journal->stream(ToolOutputChunk{"a", "key: " + key.substr(0, 9)});
    journal->stream(ToolOutputChunk{"b", "key: " + key.substr(0, 30)});
    journal->append(ApprovalResolved{.call_id = "c", .decision = "allow"});
    journal->append(ToolCallCompleted{.call_id = "c", .status = "completed"});
    journal->stream(ToolOutputChunk{"b", key.substr(30) + "\n"});
    journal->stream(ToolOutputChunk{"a", key.substr(9) + "\n"});
    journal->append(ToolCallCompleted{.call_id = "a", .status = "completed"});
    bench.loop.run(journal->close());
    check_absent(bench, {test::canaries().front()});
    CHECK(bench.on_disk().find(key.substr(0, 20)) == std::string::npos);
    CHECK(bench.on_disk().find(key.substr(30)) == std::string::npos);
}

TEST_CASE("long texts and full outputs lie in blobs without their secrets") {
    Bench bench;
    auto journal = bench.create();
    const auto canaries = test::canaries();
    std::string text;
    for (const Canary& canary : canaries) text += std::string(500, '-') + "\n" + canary.text + "\n";
    const auto sha256 = journal->store_blob(text);
    REQUIRE(sha256);
    const std::string kept = bench.secrets.redact(text);
    CHECK(*sha256 == sha256_hex(kept));
    CHECK(*read_blob(bench.files, *sha256) == kept);
    journal->append(prompt(text));
    journal->append(ToolCallStarted{.call_id = "c", .input = Json{{"content", text}}});
    bench.loop.run(journal->close());
    check_absent(bench, canaries);
    journal.reset();
    CHECK(bench.reopened().context[0].text == kept);
    bench.check_files_agree();
}

TEST_CASE("a title that is cut within a secret has no part of it") {
    const std::string key = test::canaries().front().secret;
    for (std::size_t before = 0; before < 90; ++before) {
        Bench bench;
        auto journal = bench.create();
        journal->append(SessionStarted{.session_id = "s1"});
        journal->append(prompt(std::string(before, '.') + " " + key + " and so on"));
        CHECK(journal->state().title.find(key.substr(0, 20)) == std::string::npos);
        bench.loop.run(journal->close());
        CHECK(bench.on_disk().find(key.substr(0, 20)) == std::string::npos);
        journal.reset();
        bench.check_files_agree();
    }
}

TEST_CASE("a thought that lost a secret has no signature any more") {
    Bench bench;
    auto journal = bench.create();
    const std::string key = test::canaries().front().secret;
    journal->stream(ThoughtStreamed{"m", "the key is " + key + "\n", "", false});
    journal->flush();
    journal->stream(ThoughtStreamed{"m", "so be it", "", false});
    journal->stream(ThoughtStreamed{"m", "", "signed", false});
    journal->append(TokensStreamed{"m", "done"});
    journal->append(ThoughtStreamed{"n", "one piece: " + key, "signed too", false});
    journal->append(ThoughtStreamed{"o", "harmless", "signed as well", false});
    CHECK(journal->state().context[0].signature == "signed");
    bench.loop.run(journal->close());
    journal.reset();
    const State again = bench.reopened();
    REQUIRE(again.context.size() == 4);
    CHECK(again.context[0].signature.empty());
    CHECK(again.context[2].signature.empty());
    CHECK(again.context[3].signature == "signed as well");
    bench.check_files_agree();
}

TEST_CASE("ids, hashes and words of fixed lists stay even when they are a known value") {
    Bench bench;
    bench.files.id = "boat-session";
    const std::vector<SecretValue> values{
        {"A", "boat-session"}, {"B", "accept-edits"}, {"C", "completed"}, {"D", "message-1"}};
    const Secrets known(values);
    auto created = Journal::create(bench.loop, bench.clock, bench.files, known);
    REQUIRE(created);
    auto journal = std::move(*created);
    journal->append(SessionStarted{.session_id = "boat-session", .mode = "accept-edits"});
    journal->append(
        MessageReceived{.role = "user", .message_id = "message-1", .content = "completed"});
    journal->append(SessionEnded{"completed"});
    bench.loop.run(journal->close());
    journal.reset();
    const State again = bench.reopened();
    CHECK(again.id == "boat-session");
    CHECK(again.mode == "accept-edits");
    CHECK(again.status == "completed");
    CHECK(again.context[0].message_id == "message-1");
    CHECK(again.context[0].text == "[redacted C]");
}

TEST_CASE("bytes that are no UTF-8 do not bring the redacted text into the live state") {
    Bench bench;
    auto journal = bench.create();
    const std::string key = test::canaries().front().secret;
    journal->append(prompt("\xff " + key));
    CHECK(journal->state().context[0].text == "\xEF\xBF\xBD " + key);
    bench.loop.run(journal->close());
    journal.reset();
    CHECK(bench.reopened().context[0].text == "\xEF\xBF\xBD [redacted anthropic-key]");
}

TEST_CASE("a subscriber that comes late misses nothing of what was held back") {
    struct Listener : Subscriber {
        std::string text;
        void on_event(const Envelope& envelope) override {
            if (const auto* e = std::get_if<TokensStreamed>(&envelope.event)) text += e->text;
        }
        void on_delta(const Event&) override {}
    };
    Bench bench;
    auto journal = bench.create();
    journal->stream(TokensStreamed{"m", "pull the oa"});
    journal->flush();
    Listener listener;
    journal->subscribe(listener);
    CHECK(logged_text<TokensStreamed>(bench) == "pull the oa");
    journal->stream(TokensStreamed{"m", "r now"});
    bench.loop.run(journal->close());
    CHECK(listener.text == "r now");
}
