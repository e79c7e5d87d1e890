#include "journal/index.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <algorithm>
#include <map>
#include <thread>

#include "base/json.hpp"
#include "journal/blobs.hpp"
#include "journal/log_file.hpp"
#include "unit/journal/desk.hpp"

using namespace thole;
using test::Desk;
using test::Ids;

namespace {

// `size` bytes of the file from `offset` on become something else.
void spoil(const std::string& path, std::size_t offset, std::size_t size) {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(static_cast<std::streamoff>(offset));
    file << std::string(size, '\x5a');
}

// Whether all that is said there is said here.
bool is_among(const SessionRow& row, const std::vector<SessionRow>& rows) {
    const auto same = std::find_if(rows.begin(), rows.end(),
                                   [&](const SessionRow& other) { return other.id == row.id; });
    if (same == rows.end()) return false;
    SessionRow rest = row;
    rest.hits = same->hits;
    return rest == *same && std::all_of(row.hits.begin(), row.hits.end(), [&](const Hit& hit) {
               return std::count(same->hits.begin(), same->hits.end(), hit) == 1;
           });
}

mode_t mode_of(const std::string& path) {
    struct stat status {};
    REQUIRE(::stat(path.c_str(), &status) == 0);
    return status.st_mode & 07777;
}

}  // namespace

TEST_CASE("a row of the list says what a session is") {
    Desk desk;
    desk.add("s", SessionStarted{.session_id = "s",
                                 .workspace = "/boat",
                                 .cwd = "/boat/oars",
                                 .model = "demo/demo",
                                 .mode = "plan",
                                 .parent_session_id = "parent"});
    desk.add("s", MessageReceived{.role = "user", .message_id = "p", .content = "Row!\nHard."});
    desk.add("s", CostUpdated{.model = "demo/demo", .cost_usd = 0.25});
    desk.add("s", SessionEnded{"cancelled"});
    const SessionRow row{"s",
                         "/boat/oars",
                         "/boat",
                         "Row!",
                         "demo/demo",
                         "plan",
                         "cancelled",
                         "parent",
                         "2026-09-21T14:13:20.124Z",
                         "2026-09-21T14:13:20.127Z",
                         1,
                         0.25,
                         "",
                         {}};
    CHECK(desk.find() == std::vector{row});
    CHECK(desk.find() == std::vector{row});
    CHECK(Index::open("").find({{desk.directory}, "", {}, 0}, {}) == std::vector{row});
}

TEST_CASE("the list is newest first and no longer than asked for") {
    Desk desk;
    for (const char* id : {"b", "c", "a"}) {
        Envelope begun = test::envelope(1, SessionStarted{.session_id = id});
        begun.time += std::chrono::hours(id[0]);
        desk.write(id, encode_line(begun) + "\n");
    }
    CHECK(desk.ids() == Ids{"c", "b", "a"});
    CHECK(desk.find("", 2).size() == 2);
    CHECK(desk.find("", 2)[1].id == "b");
}

TEST_CASE("a filter is asked before the limit counts") {
    Desk desk;
    for (const char* id : {"a", "b", "c"}) desk.talk(id, "oars");
    const auto is_a = [](const SessionRow& row) { return row.id == "a"; };
    const auto rows = Index::open(desk.path).find({{desk.directory}, "oars", is_a, 1}, {});
    REQUIRE(rows.size() == 1);
    CHECK(rows[0].id == "a");
}

TEST_CASE("a session that changes is shown as it is now") {
    Desk desk;
    desk.talk("s", "first");
    CHECK(desk.find()[0].status == "completed");
    for (const char* title : {"again", "and again"}) {
        desk.add("s", SessionStarted{.session_id = "s", .model = title, .resumed = true});
        desk.add("s", MessageReceived{.role = "user", .message_id = title, .content = "more"});
        desk.add("s", SessionEnded{"cancelled"});
        const auto rows = desk.find();
        CHECK(rows == desk.found_in("", ""));
        CHECK(rows[0].model == title);
    }
    CHECK(desk.find()[0].prompts == 3);
}

TEST_CASE("a session without a living writer that says running has failed") {
    Desk desk;
    auto log = LogFile::create(desk.files("s").log());
    REQUIRE(log);
    desk.add("s", SessionStarted{.session_id = "s"});
    CHECK(desk.find()[0].status == "running");
    log->close();
    CHECK(desk.find()[0].status == "failed");
    desk.check_anew("");
}

TEST_CASE("what cannot be read is listed last, with the reason") {
    Desk desk;
    desk.talk("s", "oars");
    std::filesystem::create_directory(desk.files("z").log());
    const auto rows = desk.find();
    REQUIRE(rows.size() == 2);
    CHECK(rows[1].id == "z");
    CHECK(rows[1].status == "failed");
    CHECK(rows[1].damage.find("z.events.jsonl") != std::string::npos);
    CHECK(desk.ids("oars") == Ids{"s"});
}

TEST_CASE("damage is told in the list, whenever it comes") {
    Desk desk;
    desk.talk("s", "oars");
    CHECK(desk.find()[0].damage.empty());
    desk.write("s", "garbage\n");
    CHECK(desk.find()[0].damage.find("1 unreadable lines") != std::string::npos);
    desk.check_anew("");
}

TEST_CASE("an index that has followed every change answers as one that is made anew") {
    Desk desk;
    std::mt19937 random(7);
    const Ids ids{"a", "b", "c"};
    std::map<std::string, std::vector<Envelope>> histories;
    for (const std::string& id : ids) {
        histories[id] = test::random_history(static_cast<unsigned>(random()), 150);
    }
    std::map<std::string, std::size_t> written;
    for (int step = 0; step < 40; ++step) {
        const std::string& id = ids[random() % ids.size()];
        const auto& history = histories[id];
        const std::size_t to = std::min(written[id] + random() % 20, history.size());
        for (std::size_t& i = written[id]; i < to; ++i)
            desk.write(id, encode_line(history[i]) + "\n");
        if (random() % 2 == 0) update_index(desk.path, desk.files(id));
        if (random() % 4 == 0) desk.find("the");
    }
    for (const char* search : {"", "the", "a", "text", "message", "child", "call", "summary"}) {
        desk.check_anew(search);
    }
}

TEST_CASE("a log that was cut or replaced is taken in anew") {
    Desk desk;
    desk.talk("s", "anchor", "chain");
    desk.talk("t", "chain locker");
    CHECK(desk.ids("anchor") == Ids{"s"});
    std::filesystem::remove(desk.files("s").log());
    desk.last_ids.erase("s");
    desk.talk("s", "binnacle with a much longer prompt than before", "compass");
    CHECK(desk.ids("anchor").empty());
    CHECK(desk.ids("binnacle") == Ids{"s"});
    CHECK(desk.ids("chain") == Ids{"t"});
    std::filesystem::resize_file(desk.files("s").log(), 200);
    CHECK(desk.ids("binnacle").empty());
    CHECK(desk.find().size() == 2);
    desk.check_anew("");
    desk.check_anew("chain");
}

TEST_CASE("sessions that are gone are gone from the index, without a trace") {
    Desk desk;
    desk.talk("s", "halyardknot");
    desk.talk("t", "windlass");
    desk.talk("u", "capstan");
    CHECK(desk.ids("halyardknot") == Ids{"s"});
    CHECK(desk.scratch.read("state/index.db").find("halyardknot") != std::string::npos);
    forget_in_index(desk.path, desk.files("s"));
    for (const char* file : {"state/index.db", "state/index.db-wal"}) {
        CHECK(desk.scratch.read(file).find("alyardknot") == std::string::npos);
    }
    std::filesystem::remove(desk.files("s").log());
    std::filesystem::remove(desk.files("t").log());
    CHECK(desk.ids() == Ids{"u"});
    CHECK(desk.ids("capstan") == Ids{"u"});
    CHECK(desk.ids("windlass").empty());
    for (const char* file : {"state/index.db", "state/index.db-wal"}) {
        CHECK(desk.scratch.read(file).find("indlass") == std::string::npos);
    }
}

TEST_CASE("deleting the index changes nothing") {
    Desk desk;
    for (int i = 0; i < 30; ++i) desk.talk("s" + std::to_string(i), "oar " + std::to_string(i % 3));
    const auto all = desk.find();
    const auto some = desk.find("oar 2");
    CHECK(some.size() == 10);
    desk.remove_index();
    CHECK(desk.find("oar 2") == some);
    CHECK(desk.find() == all);
}

TEST_CASE("the index and what lies beside it is for its user only") {
    Desk desk;
    desk.talk("s", "oars");
    const mode_t before = ::umask(0);
    Index index = Index::open(desk.path);
    CHECK(index.find({{desk.directory}, "oars", {}, 0}, {}).size() == 1);
    ::umask(before);
    for (const char* end : {"", "-wal", "-shm"}) CHECK(mode_of(desk.path + end) == 0600);
    CHECK(mode_of(desk.scratch / "state") == 0700);
    // Also where there has been nothing yet.
    const std::string deep = desk.scratch / "home/.local/state/thole";
    CHECK(desk.found_in(deep + "/index.db", "oars").size() == 1);
    CHECK(mode_of(deep + "/index.db") == 0600);
    CHECK(mode_of(deep) == 0700);
}

TEST_CASE("bad bytes in the index never change the list, and add nothing to a search") {
    Desk desk;
    for (int i = 0; i < 40; ++i) desk.talk("s" + std::to_string(i), "oar " + std::to_string(i));
    const auto all = desk.find();
    const auto some = desk.find("oar");
    const std::size_t size = std::filesystem::file_size(desk.path);
    for (std::size_t offset = 0; offset < size; offset += 1536) {
        spoil(desk.path, offset, 100);
        CHECK(desk.find() == all);
        for (const SessionRow& row : desk.find("oar")) {
            CHECK(is_among(row, some));
        }
    }
    desk.remove_index();
    CHECK(desk.find("oar") == some);
}

TEST_CASE("an index that is foreign, cut, of another version or no database is made anew") {
    Desk desk;
    for (int i = 0; i < 40; ++i) desk.talk("s" + std::to_string(i), "oar " + std::to_string(i));
    const auto some = desk.find("oar");
    const auto file = [&] { return desk.scratch.read("state/index.db"); };
    for (const std::string& content : {std::string(), std::string("no database at all, but text"),
                                       file().substr(0, 5000), std::string(100'000, '\0')}) {
        desk.scratch.write("state/index.db", content);
        CHECK(desk.find("oar") == some);
        CHECK(file().starts_with("SQLite format 3"));
        CHECK(file().size() > 20'000);
    }
    // The version of the schema is at byte 60, the application's number at 68.
    for (std::size_t offset : {60, 68}) {
        spoil(desk.path, offset, 4);
        CHECK(desk.find("oar") == some);
        CHECK(file().substr(offset, 4) != "ZZZZ");
    }
}

TEST_CASE("where no index can be kept a temporary one does") {
    Desk desk;
    desk.talk("s", "oars");
    std::filesystem::create_directories(desk.path);
    CHECK(desk.ids("oars") == Ids{"s"});
    CHECK(desk.found_in("/proc/no/index.db", "oars").size() == 1);
    CHECK(desk.found_in(desk.files("s").log() + "/index.db", "oars").size() == 1);
    CHECK(std::filesystem::is_directory(desk.path));
    update_index("/proc/no/index.db", desk.files("s"));
    forget_in_index("/proc/no/index.db", desk.files("s"));
}

TEST_CASE("a link in place of the index is replaced and not followed") {
    Desk desk;
    desk.talk("s", "oars");
    desk.scratch.write("victim", "mine");
    std::filesystem::create_directories(desk.scratch / "state");
    std::filesystem::create_symlink(desk.scratch / "victim", desk.path);
    CHECK(desk.ids("oars") == Ids{"s"});
    CHECK(desk.scratch.read("victim") == "mine");
    CHECK(std::filesystem::is_regular_file(std::filesystem::symlink_status(desk.path)));
}

TEST_CASE("several threads write and search at once") {
    Desk desk;
    for (int i = 0; i < 8; ++i) desk.talk("s" + std::to_string(i), "oar");
    std::vector<std::size_t> counts(3);
    std::vector<std::thread> threads;
    for (std::size_t& count : counts) {
        threads.emplace_back([&] {
            for (int i = 0; i < 8; ++i)
                update_index(desk.path, desk.files("s" + std::to_string(i)));
            count = desk.find("oar").size();
        });
    }
    for (std::thread& thread : threads) thread.join();
    CHECK(counts == std::vector<std::size_t>{8, 8, 8});
    desk.check_anew("oar");
}
