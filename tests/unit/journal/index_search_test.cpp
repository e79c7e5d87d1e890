#include <doctest/doctest.h>

#include <algorithm>

#include "base/json.hpp"
#include "journal/blobs.hpp"
#include "unit/journal/desk.hpp"

using namespace thole;
using test::Desk;
using test::Ids;

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
