#include "journal/snapshot.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include "support/scratch.hpp"
#include "unit/journal/samples.hpp"

using namespace thole;

namespace {

// A session whose files are written by hand, from one history.
struct Session {
    test::Scratch scratch;
    SessionFiles files{scratch.path(), "s1"};
    std::vector<Envelope> history = test::random_history(7, 60);

    // The log with the first `count` events.
    void write_log(std::size_t count) const { scratch.write("s1.events.jsonl", text(count)); }
    void write_snapshot(std::size_t count) const {
        const auto end = static_cast<std::int64_t>(text(count).size());
        REQUIRE(thole::write_snapshot(files, Folded{state(count), {}, end}, Secrets()));
    }
    std::string text(std::size_t count) const {
        std::string log;
        for (std::size_t i = 0; i < count; ++i) log += encode_line(history[i]) + "\n";
        return log;
    }
    State state(std::size_t count) const {
        State folded;
        for (std::size_t i = 0; i < count; ++i) apply(folded, history[i]);
        return folded;
    }
};

void check_fold(const Session& session, std::size_t count) {
    const auto folded = fold_files(session.files);
    REQUIRE(folded);
    CHECK((folded->state == session.state(count)));
    CHECK((folded->damage == Damage()));
    CHECK(folded->end == static_cast<std::int64_t>(session.text(count).size()));
}

}  // namespace

TEST_CASE("the state is the same with every snapshot and with none") {
    const Session session;
    session.write_log(60);
    check_fold(session, 60);
    for (std::size_t at = 1; at <= 60; ++at) {
        session.write_snapshot(at);
        check_fold(session, 60);
    }
}

TEST_CASE("a snapshot that is newer than its log is not used") {
    const Session session;
    session.write_snapshot(50);
    session.write_log(40);
    check_fold(session, 40);
}

TEST_CASE("a snapshot of another log is not used") {
    Session session;
    session.write_snapshot(30);
    session.history = test::random_history(8, 60);
    session.write_log(60);
    check_fold(session, 60);
}

TEST_CASE("a snapshot with any byte damaged is not used") {
    const Session session;
    session.write_log(20);
    session.write_snapshot(20);
    const std::string whole = session.scratch.read("s1.json");
    for (std::size_t at = 0; at < whole.size(); at += 7) {
        std::string damaged = whole;
        damaged[at] ^= 1;
        session.scratch.write("s1.json", damaged);
        check_fold(session, 20);
        session.scratch.write("s1.json", whole.substr(0, at));
        check_fold(session, 20);
    }
}

TEST_CASE("a snapshot in whose place stands something else is not used") {
    const Session session;
    session.write_log(20);
    std::filesystem::create_directory(session.files.snapshot());
    check_fold(session, 20);
    std::filesystem::remove(session.files.snapshot());
    ::mkfifo(session.files.snapshot().c_str(), 0600);
    check_fold(session, 20);
}

TEST_CASE("a snapshot saves reading what it stands for") {
    const Session session;
    session.write_log(60);
    session.write_snapshot(50);
    std::string log = session.text(60);
    log[10] ^= 1;
    session.scratch.write("s1.events.jsonl", log);
    check_fold(session, 60);
}

TEST_CASE("damage that was found once is told with the snapshot too") {
    const Session session;
    session.write_log(60);
    Damage damage;
    damage.bad_lines = 2;
    damage.bad_bytes = 300;
    damage.first_missing = 5;
    damage.first_error = "line 5 at byte 600: the checksum is 1, not 2";
    const auto end = static_cast<std::int64_t>(session.text(50).size());
    REQUIRE(write_snapshot(session.files, Folded{session.state(50), damage, end}, Secrets()));
    const auto folded = fold_files(session.files);
    REQUIRE(folded);
    CHECK((folded->damage == damage));
}

TEST_CASE("damage behind the snapshot is told") {
    const Session session;
    session.write_snapshot(50);
    std::string log = session.text(60);
    log[session.text(55).size() + 20] ^= 1;
    session.scratch.write("s1.events.jsonl", log + "torn");
    const auto folded = fold_files(session.files);
    REQUIRE(folded);
    CHECK(folded->damage.bad_lines == 1);
    CHECK(folded->damage.torn_bytes == 4);
    CHECK(folded->damage.first_missing == 56);
    CHECK(folded->state.last_event_id == 60);
}

TEST_CASE("a session without a log is not found, with a snapshot too") {
    const Session session;
    CHECK(fold_files(session.files).error().code == Code::not_found);
    session.write_snapshot(5);
    CHECK(fold_files(session.files).error().code == Code::not_found);
}
