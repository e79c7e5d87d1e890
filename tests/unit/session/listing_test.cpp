#include "session/listing.hpp"

#include <doctest/doctest.h>

#include "journal/log_reader.hpp"
#include "support/scratch.hpp"

using namespace thole;

namespace {

using Ids = std::vector<std::string>;

struct Desk {
    test::Scratch scratch;
    TimePoint now = *parse_rfc3339("2026-02-01T12:00:00Z");

    // A session of two events, `hours` ago.
    void add(const std::string& place, const SessionStarted& started, int hours,
             const std::string& prompt) const {
        const TimePoint time = now - std::chrono::hours(hours);
        std::string log = encode_line({1, time, started}) + "\n";
        if (!prompt.empty()) {
            const MessageReceived message{.role = "user", .content = prompt};
            log += encode_line({2, time, message}) + "\n";
        }
        log += encode_line({3, time, SessionEnded{"completed"}}) + "\n";
        scratch.write(place + "/" + started.session_id + ".events.jsonl", log);
    }
    Desk() {
        add("one", {.session_id = "a", .cwd = "/boat", .model = "m"}, 1, "oars");
        add("one", {.session_id = "b", .cwd = "/boat/bow", .model = "m"}, 3, "mast");
        add("one", {.session_id = "c", .cwd = "/boat", .parent_session_id = "a"}, 2, "oars, mast");
        add("one", {.session_id = "unused", .cwd = "/boat"}, 0, "");
        add("two", {.session_id = "d", .cwd = "/ship"}, 30, "oars");
    }

    std::vector<SessionRow> rows(const ListQuery& query) const {
        const Places places{scratch / "state/index.db", {scratch / "one", scratch / "two"}};
        return list_sessions(places, query, now, {});
    }
    Ids ids(const ListQuery& query) const {
        Ids ids;
        for (const SessionRow& row : rows(query)) ids.push_back(row.id);
        return ids;
    }
};

}  // namespace

TEST_CASE("sessions of all places are listed newest first, unused ones only when asked for") {
    const Desk desk;
    CHECK(desk.ids({}) == Ids{"a", "c", "b", "d"});
    CHECK(desk.ids({.with_empty = true}) == Ids{"unused", "a", "c", "b", "d"});
    CHECK(desk.ids({.limit = 2}) == Ids{"a", "c"});
}

TEST_CASE("a list is narrowed by folder, status, age and parent") {
    const Desk desk;
    CHECK(desk.ids({.status = "completed"}) == Ids{"a", "c", "b", "d"});
    CHECK(desk.ids({.status = "failed"}).empty());
    CHECK(desk.ids({.since_hours = 2}) == Ids{"a", "c"});
    CHECK(desk.ids({.parent = "a"}) == Ids{"c"});
}

TEST_CASE("a search goes with every filter and gives hits") {
    const Desk desk;
    CHECK(desk.ids({.search = "oars"}) == Ids{"a", "c", "d"});
    CHECK(desk.ids({.search = "mast oars"}) == Ids{"c"});
    CHECK(desk.ids({.search = "child"}) == Ids{"c"});
    CHECK(desk.ids({.since_hours = 24, .search = "oars"}) == Ids{"a", "c"});
    CHECK(desk.ids({.search = "oars", .limit = 1}) == Ids{"a"});
    const auto rows = desk.rows({.search = "mast oars"});
    REQUIRE(rows.size() == 1);
    CHECK(rows[0].hits == std::vector{Hit{2, "prompt", "oars, mast"}});
}

TEST_CASE("what cannot be read is shown unless a filter speaks against it") {
    const Desk desk;
    std::filesystem::create_directories(desk.scratch / "one/z.events.jsonl");
    CHECK(desk.ids({}) == Ids{"a", "c", "b", "d", "z"});
    CHECK(desk.ids({.status = "failed"}) == Ids{"z"});
    CHECK(desk.ids({.status = "completed"}) == Ids{"a", "c", "b", "d"});
    CHECK(desk.ids({.search = "oars"}) == Ids{"a", "c", "d"});
    CHECK(desk.ids({.parent = "a"}) == Ids{"c"});
}
