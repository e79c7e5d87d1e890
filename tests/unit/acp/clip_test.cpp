#include "acp/clip.hpp"

#include <doctest/doctest.h>

#include "base/json.hpp"

using namespace thole;

TEST_CASE("a long text keeps its end and says so") {
    CHECK(acp::clip_front("short", 10) == "short");
    CHECK(acp::clip_front("0123456789abc", 3) == "[earlier output left out] …\nabc");
    CHECK(acp::clip_front("a\xff", 10) == "a\xEF\xBF\xBD");
}

TEST_CASE("of a long text that is read from its beginning the beginning stays") {
    CHECK(acp::clip_back("short", 5, "/p") == "short");
    CHECK(acp::clip_back("one\ntwo\nthree\n", 9, "/p") ==
          "[This is the beginning of a text of 14 bytes; all of it is in `/p`]\n\none\ntwo\n\n"
          "… [7 bytes left out]; all of it is in `/p`\n");
    CHECK(acp::clip_back("a\n" + std::string(10, 'x'), 6, "/p").find("\n\na\nxxxx\n\n… [6 ") !=
          std::string::npos);
    CHECK(acp::clip_back("x\xff", 10, "/p") == "x\xEF\xBF\xBD");
    CHECK(acp::clip_back("aüü", 4, "/p").find("\n\naü\n\n… [2 ") != std::string::npos);
}

TEST_CASE("only an object stays one, and a small one stays as it is") {
    CHECK(acp::clip_object(Json{{"a", 1}}) == Json{{"a", 1}});
    CHECK(acp::clip_object(Json()) == Json::object());
    CHECK(acp::clip_object(Json::array({1})) == Json::object());
}

TEST_CASE("big objects are cut to what clients take") {
    Json long_text{{"path", "/p"}, {"content", std::string(1'000'000, 'x')}};
    Json clipped = acp::clip_object(long_text);
    CHECK(clipped["path"] == Json("/p"));
    CHECK(clipped["content"].get<std::string>().ends_with("bytes left out]"));
    CHECK(dump_json(clipped).size() < 65'536);

    Json many{{"path", "/p"}, {"items", Json::array()}};
    for (int i = 0; i < 50'000; ++i) many["items"].push_back(i);
    clipped = acp::clip_object(many);
    CHECK(clipped["path"] == Json("/p"));
    CHECK(clipped["items"].is_string());

    Json wide = Json::object();
    for (int i = 0; i < 50'000; ++i) wide[std::to_string(i)] = i;
    CHECK(dump_json(acp::clip_object(wide)).size() < 65'536);
}

TEST_CASE("a new file has no old text, a deleted one an empty new text") {
    CHECK(acp::diff_content({"/p/a", true, false, "", "x"}) ==
          Json{{"type", "diff"}, {"path", "/p/a"}, {"newText", "x"}});
    CHECK(acp::diff_content({"/p/a", false, true, "x", ""}) ==
          Json{{"type", "diff"},
               {"path", "/p/a"},
               {"oldText", "x"},
               {"newText", ""},
               {"_meta", {{"thole", {{"deleted", true}}}}}});
}

namespace {
std::string numbered(int lines, int changed) {
    std::string text;
    for (int line = 0; line < lines; ++line) {
        text += line == changed ? "changed\n" : "line " + std::to_string(line) + "\n";
    }
    return text;
}
}  // namespace

TEST_CASE("of a big file only the changed lines and some around them are shown") {
    FileDiff diff{"/p/a", false, false, numbered(50'000, -1), numbered(50'000, 25'000)};
    Json content = acp::diff_content(diff);
    std::string old_text = content["oldText"].get<std::string>();
    std::string new_text = content["newText"].get<std::string>();
    CHECK(old_text.starts_with("line 24980\n"));
    CHECK(new_text.starts_with("line 24980\n"));
    CHECK(new_text.find("\nchanged\n") != std::string::npos);
    CHECK(old_text.find("\nline 25000\n") != std::string::npos);
    CHECK(old_text.size() < 1'000);
}

TEST_CASE("a change that is too big to show is told") {
    FileDiff diff{"/p/a", false, false, std::string(2'000'000, 'a'), std::string(2'000'000, 'b')};
    CHECK(acp::diff_content(diff) ==
          Json{{"type", "content"},
               {"content",
                {{"type", "text"},
                 {"text",
                  "The change of `/p/a` is too big to show: 2000000 bytes become 2000000."}}}});
}
