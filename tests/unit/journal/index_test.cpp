#include "journal/index.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <algorithm>
#include <map>
#include <thread>

#include "base/json.hpp"
#include "journal/blobs.hpp"
#include "journal/log_file.hpp"
#include "support/scratch.hpp"
#include "unit/journal/samples.hpp"

using namespace thole;

namespace {

using Ids = std::vector<std::string>;

// Sessions on a disk, and their index.
struct Desk {
    test::Scratch scratch;
    std::string directory = scratch / "sessions";
    std::string path = scratch / "state/index.db";
    std::map<std::string, std::uint64_t> last_ids;

    Desk() { std::filesystem::create_directories(directory); }

    SessionFiles files(const std::string& id) const { return {directory, id}; }

    void write(const std::string& id, const std::string& text) const {
        std::ofstream(files(id).log(), std::ios::binary | std::ios::app) << text;
    }
    void add(const std::string& id, const Event& event) {
        write(id, encode_line(test::envelope(++last_ids[id], event)) + "\n");
    }
    // A session with one prompt and its answer.
    void talk(const std::string& id, const std::string& prompt,
              const std::string& answer = "Yes.") {
        add(id, SessionStarted{.session_id = id, .cwd = "/boat", .model = "demo/demo"});
        add(id, MessageReceived{.role = "user", .message_id = "p", .content = prompt});
        add(id, TokensStreamed{"a", answer});
        add(id, MessageReceived{.role = "assistant", .message_id = "a", .content = answer});
        add(id, SessionEnded{"completed"});
    }

    std::vector<SessionRow> find(const std::string& search = "", std::size_t limit = 0) const {
        return found_in(path, search, limit);
    }
    std::vector<SessionRow> found_in(const std::string& index, const std::string& search,
                                     std::size_t limit = 0) const {
        return Index::open(index).find({{directory}, search, {}, limit}, {});
    }
    Ids ids(const std::string& search = "") const {
        Ids ids;
        for (const SessionRow& row : find(search)) ids.push_back(row.id);
        return ids;
    }
    std::vector<Hit> hits(const std::string& search) const {
        const auto rows = find(search);
        return rows.empty() ? std::vector<Hit>() : rows[0].hits;
    }
    // The same with an index that knows nothing yet.
    void check_anew(const std::string& search) const {
        CHECK(find(search) == found_in("", search));
    }
    void remove_index() const { std::filesystem::remove_all(scratch / "state"); }
};

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

TEST_CASE("words are found in every text of a session, and a hit says where") {
    Desk desk;
    desk.talk("s", "Where are the oars?", "In the boathouse.");
    const Json input = {{"path", "/boat/thwart.txt"}, {"data", "secretbytes"}};
    desk.add("s",
             ToolCallStarted{
                 .call_id = "c", .tool = "read_file", .title = "Read the thwart", .input = input});
    desk.add("s", ToolCallCompleted{.call_id = "c", .status = "completed", .output = "larboard"});
    desk.add("s", PlanUpdated{.content = "# Caulking", .revision = 1});
    desk.add("s", TodosUpdated{{TaskItem{.id = "1", .content = "Bail out"}}});
    desk.add("s", ThoughtStreamed{"b", "Is it low tide?", "", false});
    desk.add("s", ErrorReported{.code = "io", .message = "aground"});
    desk.add("s", QuestionRequested{.question_id = "q", .question = "Starboard?"});
    CHECK(desk.hits("oars") == std::vector{Hit{2, "prompt", "Where are the oars?"}});
    CHECK(desk.hits("boathouse") == std::vector{Hit{3, "answer", "In the boathouse."}});
    CHECK(desk.hits("thwart.txt") ==
          std::vector{Hit{6, "call", "read_file Read the thwart /boat/thwart.txt"}});
    CHECK(desk.hits("larboard") == std::vector{Hit{7, "output", "larboard"}});
    CHECK(desk.hits("caulking") == std::vector{Hit{8, "plan", "# Caulking"}});
    CHECK(desk.hits("bail") == std::vector{Hit{9, "tasks", "Bail out"}});
    CHECK(desk.hits("tide") == std::vector{Hit{10, "thought", "Is it low tide?"}});
    CHECK(desk.hits("aground") == std::vector{Hit{11, "error", "aground"}});
    CHECK(desk.hits("starboard") == std::vector{Hit{12, "question", "Starboard?"}});
    CHECK(desk.ids("secretbytes").empty());
}

TEST_CASE("sub-agents are found by the word child and by why they were made") {
    Desk desk;
    desk.talk("parent", "hello");
    desk.add("kid", SessionStarted{.session_id = "kid",
                                   .parent_session_id = "parent",
                                   .spawn_reason = "paint the hull"});
    CHECK(desk.ids("child") == Ids{"kid"});
    CHECK(desk.hits("hull") == std::vector{Hit{1, "start", "child paint the hull"}});
}

TEST_CASE("ids and titles are found, also when the title comes late") {
    Desk desk;
    desk.add("20260131-1200-abcd", SessionStarted{.session_id = "20260131-1200-abcd"});
    CHECK(desk.ids("20260131-12") == Ids{"20260131-1200-abcd"});
    desk.add("20260131-1200-abcd", MessageReceived{.role = "user", .content = "Rudder"});
    CHECK(desk.ids("rudder 20260131-1200-abcd") == Ids{"20260131-1200-abcd"});
    CHECK(desk.ids("1200 rudder abcd") == Ids{"20260131-1200-abcd"});
}

TEST_CASE("all words must occur in the session; a passage with all of them is the better hit") {
    Desk desk;
    desk.talk("s", "oars", "The oars lie in the boat.");
    desk.talk("t", "boat", "No.");
    CHECK(desk.ids("boat oars") == Ids{"s"});
    CHECK(desk.hits("boat oars") == std::vector{Hit{3, "answer", "The oars lie in the boat."}});
    desk.talk("u", "oars", "boat");
    CHECK(desk.hits("boat oars") ==
          std::vector{Hit{2, "prompt", "oars"}, Hit{3, "answer", "boat"}});
}

TEST_CASE("case and accents do not matter, words may go on, quoted words follow each other") {
    Desk desk;
    desk.talk("s", "Déjà vu: server/journal/log_reader.cpp");
    for (const char* found :
         {"deja", "DÉJÀ VU", "serv", "journal/lo", "log_reader.cpp", "\"deja vu\"", "\"vu server\"",
          "\"vu ser", "reader deja", "  vu\t", "rea"}) {
        CHECK_MESSAGE(desk.ids(found) == Ids{"s"}, found);
        desk.check_anew(found);
    }
    for (const char* missed :
         {"eja", "se", "\"vu deja\"", "\"deja v\"", "journal/cpp", "reader sloop"}) {
        CHECK_MESSAGE(desk.ids(missed).empty(), missed);
    }
}

TEST_CASE("whatever is typed is no error") {
    Desk desk;
    desk.talk("s", "oars AND boat NOT NEAR(x) c++ 100%");
    CHECK(desk.ids("AND") == Ids{"s"});
    CHECK(desk.ids("NOT near(x)") == Ids{"s"});
    CHECK(desk.ids("c++ 100%") == Ids{"s"});
    CHECK(desk.ids("oars -") == Ids{"s"});
    CHECK(desk.ids("   ") == Ids{"s"});
    for (std::string none : {"*", "\"", "\"\"", "-- ;", "body:oars", "'; DROP TABLE rows; --",
                             "\xff\xfe", "(((", "oars\" OR \"x"}) {
        CHECK_MESSAGE(desk.ids(none).empty(), none);
    }
    CHECK(desk.ids(std::string("oars\0boat", 9)) == Ids{"s"});
    CHECK(desk.ids(std::string(100'000, 'x')).empty());
    for (int byte = 1; byte < 256; ++byte) {
        const std::string typed{static_cast<char>(byte), 'o', static_cast<char>(byte), '"'};
        CHECK(desk.find(typed).size() <= 1);
    }
    CHECK(desk.ids("oars") == Ids{"s"});
}

TEST_CASE("a snippet is one short line round the word") {
    Desk desk;
    desk.talk("s", std::string(500, 'x') + " before\n\n the mast  stands " + std::string(500, 'y'));
    const auto hits = desk.hits("mast");
    REQUIRE(hits.size() == 1);
    const std::string& snippet = hits[0].snippet;
    CHECK(snippet.find("x before the mast stands yyy") != std::string::npos);
    CHECK(snippet.starts_with("…"));
    CHECK(snippet.ends_with("…"));
    CHECK(snippet.size() < 200);
}

TEST_CASE("a text in a blob is found and shown") {
    Desk desk;
    desk.talk("s", "hello");
    const std::string output = std::string(50'000, 'x') + " capstan";
    std::filesystem::create_directories(desk.files("s").blobs());
    const auto stored = write_blob(desk.files("s").blobs(), output);
    REQUIRE(stored);
    desk.write("s", R"({"schema_version":1,"id":6,"ts":"2026-09-21T14:13:20.130Z","event":)"
                    R"({"type":"ToolCallCompleted","call_id":"c","output":{"$blob":")" +
                        stored->sha256 + R"(","size":50008}}})" + "\n");
    const auto hits = desk.hits("capstan");
    REQUIRE(hits.size() == 1);
    CHECK(hits[0].snippet.ends_with("xxx capstan"));
}

TEST_CASE("pieces of a streamed answer are one text, however often one has looked at it") {
    Desk desk;
    desk.add("s", SessionStarted{.session_id = "s"});
    const std::string text = "The bowsprit is before the mast and abaft is behind it.";
    for (std::size_t i = 0; i < text.size(); i += 5) {
        desk.add("s", TokensStreamed{"a", text.substr(i, 5)});
        if (i % 3 == 0) CHECK(desk.ids("sloop").empty());
        if (i >= 10) CHECK(desk.hits("bowsprit") == desk.found_in("", "bowsprit")[0].hits);
        CHECK(desk.ids("\"bowsp i\"").empty());
    }
    CHECK(desk.hits("\"bowsprit is before\"") == std::vector{Hit{2, "answer", text}});
    desk.add("s", MessageReceived{.role = "assistant", .message_id = "a", .content = text});
    CHECK(desk.hits("bowsprit") == std::vector{Hit{2, "answer", text}});
    desk.add("s", MessageReceived{.role = "assistant", .message_id = "b", .content = "Ahoy."});
    CHECK(desk.hits("ahoy") == std::vector{Hit{15 - 1 + 0, "answer", "Ahoy."}});
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

TEST_CASE("a search that is told to stop stops") {
    Desk desk;
    desk.talk("s", "oars");
    std::stop_source source;
    source.request_stop();
    const auto rows =
        Index::open(desk.path).find({{desk.directory}, "oars", {}, 0}, source.get_token());
    CHECK(rows.empty());
    CHECK(desk.ids("oars") == Ids{"s"});
}

TEST_CASE("a common word and a rare one are found together") {
    Desk desk;
    for (int i = 0; i < 3; ++i) {
        const std::string id = "s" + std::to_string(i);
        desk.talk(id, i == 1 ? "rarity" : "hello");
        for (int line = 0; line < 8000; ++line) {
            if (line % 100 == 0) desk.add(id, ErrorReported{.message = "common"});
        }
    }
    CHECK(desk.ids("common rarity") == Ids{"s1"});
}
