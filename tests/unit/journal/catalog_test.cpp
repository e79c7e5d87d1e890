#include "journal/catalog.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/scratch.hpp"
#include "unit/journal/samples.hpp"

using namespace thole;
using Ids = std::vector<std::string>;

namespace {

struct Sessions {
    test::Scratch scratch;
    std::string directory = scratch / "sessions";
    std::string last_file = scratch / ".last_session";

    SessionFiles files(const std::string& id) const { return {directory, id}; }

    // `changed`: seconds since 1970.
    void add(const std::string& id, std::int64_t changed, const std::string& parent = "") const {
        const SessionStarted started{.session_id = id, .parent_session_id = parent, .pid = 1};
        scratch.write("sessions/" + id + ".events.jsonl",
                      encode_line(test::envelope(1, started)) + "\n");
        touch(files(id).log(), changed);
    }
    static void touch(const std::string& path, std::int64_t changed) {
        const timespec times[2] = {{changed, 0}, {changed, 0}};
        REQUIRE(::utimensat(AT_FDCWD, path.c_str(), times, 0) == 0);
    }
    Result<std::string> find(const std::string& prefix) const {
        return find_session(directory, prefix, last_file);
    }
};

}  // namespace

TEST_CASE("the directory of the sessions is private and keeps itself out of git") {
    test::Scratch scratch;
    const auto made = make_session_directory(scratch.path());
    REQUIRE(made);
    CHECK(*made == scratch / ".thole/sessions");
    CHECK(scratch.read(".thole/.gitignore") ==
          "# Sessions of thole stay on this machine; settings may be shared.\n"
          "*\n!config.toml\n!agents/\n!agents/**\n!commands/\n!commands/**\n"
          "!skills/\n!skills/**\n");
    scratch.write(".thole/.gitignore", "mine");
    REQUIRE(make_session_directory(scratch.path()));
    CHECK(scratch.read(".thole/.gitignore") == "mine");
}

TEST_CASE("a directory that cannot hold sessions is refused with a reason") {
    test::Scratch scratch;
    const auto message = [&](const std::string& workspace) {
        return make_session_directory(workspace).error().message;
    };
    std::filesystem::create_directories(scratch / "elsewhere");
    std::filesystem::create_directories(scratch / "a");
    std::filesystem::create_symlink(scratch / "elsewhere", scratch / "a/.thole");
    CHECK(message(scratch / "a") == "cannot keep sessions in " + (scratch / "a/.thole") +
                                        ": it is a symbolic link; replace it by a directory");
    CHECK(std::filesystem::is_empty(scratch / "elsewhere"));
    scratch.write("b/.thole", "");
    CHECK(message(scratch / "b") == "cannot keep sessions in " + (scratch / "b/.thole") +
                                        ": it is not a directory; move it away");
    CHECK(message(scratch / "missing") ==
          "cannot make directory " + (scratch / "missing/.thole") +
              ": No such file or directory; make it writable or start thole in another directory");
}

TEST_CASE("sessions are listed by their last change, of log or snapshot") {
    const Sessions sessions;
    CHECK(session_ids(sessions.directory).empty());
    sessions.add("a", 100);
    sessions.add("b", 300);
    sessions.add("c", 200);
    CHECK(session_ids(sessions.directory) == Ids{"b", "c", "a"});
    sessions.scratch.write("sessions/a.json", "{}");
    Sessions::touch(sessions.files("a").snapshot(), 400);
    sessions.scratch.write("sessions/d.json", "{}");
    sessions.scratch.write("sessions/a.json.tmp", "{}");
    sessions.scratch.write("sessions/..events.jsonl", "");
    sessions.scratch.write("sessions/notes.txt", "");
    CHECK(session_ids(sessions.directory) == Ids{"a", "b", "c"});
}

TEST_CASE("a session is found by its id and by a prefix that only it has") {
    const Sessions sessions;
    for (const auto* id : {"20260101-1200-abcd", "20260101-1200-abxy", "2026"}) {
        sessions.add(id, 100);
    }
    CHECK(*sessions.find("2026") == "2026");
    CHECK(*sessions.find("20260101-1200-abc") == "20260101-1200-abcd");
    CHECK(sessions.find("20260101").error() ==
          fail(Code::invalid_argument,
               "'20260101' names several sessions: 20260101-1200-abxy, 20260101-1200-abcd; give "
               "more of the id"));
    CHECK(sessions.find("x").error().code == Code::not_found);
    CHECK(sessions.find("../x").error().code == Code::invalid_argument);
    CHECK(sessions.find("").error().code == Code::invalid_argument);
}

TEST_CASE("the latest session is the one that was noted, else the newest that is no child") {
    const Sessions sessions;
    CHECK(sessions.find("latest").error().code == Code::not_found);
    sessions.add("old", 100);
    sessions.add("new", 200);
    sessions.add("child", 300, "new");
    CHECK(*sessions.find("latest") == "new");
    sessions.scratch.write(".last_session", "old\n");
    CHECK(*sessions.find("latest") == "old");
    for (const auto* content : {"gone", "../../etc/passwd", "", "\0"}) {
        sessions.scratch.write(".last_session", content);
        CHECK(*sessions.find("latest") == "new");
    }
}

TEST_CASE("a running session whose process is gone is shown as interrupted") {
    const Sessions sessions;
    sessions.add("s", 100);
    const auto seen = inspect_session(sessions.files("s"));
    REQUIRE(seen);
    CHECK_FALSE(seen->is_alive);
    CHECK(seen->state.status == "failed");
    CHECK(seen->state.last_error == "interrupted");
    CHECK(inspect_session(sessions.files("none")).error().code == Code::not_found);
}

TEST_CASE("looking at a session changes nothing of it") {
    const Sessions sessions;
    sessions.add("s", 100);
    const std::string torn = sessions.scratch.read("sessions/s.events.jsonl") + "torn";
    sessions.scratch.write("sessions/s.events.jsonl", torn);
    CHECK(inspect_session(sessions.files("s"))->damage.torn_bytes == 4);
    CHECK(sessions.scratch.read("sessions/s.events.jsonl") == torn);
}

TEST_CASE("a deleted session leaves nothing behind") {
    const Sessions sessions;
    sessions.add("s", 100);
    sessions.add("other", 100);
    sessions.scratch.write("sessions/s.json", "{}");
    sessions.scratch.write("sessions/s.blobs/abc", "x");
    REQUIRE(delete_session(sessions.files("s")));
    CHECK(session_ids(sessions.directory) == Ids{"other"});
    CHECK_FALSE(std::filesystem::exists(sessions.files("s").snapshot()));
    CHECK_FALSE(std::filesystem::exists(sessions.files("s").blobs()));
    CHECK(delete_session(sessions.files("s")).error().code == Code::not_found);
    CHECK(delete_session(sessions.files("../s")).error().code == Code::invalid_argument);
}

TEST_CASE("a blob is read only by its sha256 and only when it holds it") {
    const Sessions sessions;
    const std::string name(64, 'a');
    sessions.scratch.write("sessions/s.blobs/" + name, "x");
    CHECK(read_blob(sessions.files("s"), name).error().code == Code::corrupt);
    CHECK(read_blob(sessions.files("s"), std::string(64, 'b')).error().code == Code::not_found);
    CHECK(read_blob(sessions.files("s"), "../s.json").error().code == Code::invalid_argument);
}

TEST_CASE("a process is known by its pid and its start") {
    const std::int64_t start = process_start_time(::getpid());
    CHECK(start > 0);
    CHECK(process_is_alive(::getpid(), start));
    CHECK_FALSE(process_is_alive(::getpid(), start + 1));
    CHECK_FALSE(process_is_alive(0, 0));
    CHECK(process_start_time(999'999'999) == 0);
}
