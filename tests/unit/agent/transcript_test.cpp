#include "agent/transcript.hpp"

#include <doctest/doctest.h>

#include "base/json.hpp"
#include "base/text.hpp"

using namespace thole;
using Kind = ContextItem::Kind;

namespace {

ContextItem item(Kind kind, std::string text, std::string tool = "") {
    ContextItem made;
    made.kind = kind;
    made.text = std::move(text);
    made.tool = std::move(tool);
    return made;
}

std::vector<ContextItem> rounds(int count, std::size_t size) {
    std::vector<ContextItem> items;
    for (int i = 0; i < count; ++i) {
        items.push_back(item(Kind::user, "wish " + std::to_string(i)));
        items.push_back(item(Kind::answer, std::string(size, 'a')));
        items.push_back(item(Kind::result, std::string(size, 'r'), "bash"));
    }
    return items;
}

}  // namespace

TEST_CASE("a short conversation is told whole, without its thoughts") {
    ContextItem call = item(Kind::call, "", "bash");
    call.input = JsonValue(Json{{"command", "ls"}});
    ContextItem failed = item(Kind::result, "no", "bash");
    failed.is_error = true;
    std::vector<ContextItem> items{item(Kind::summary, "before"),
                                   item(Kind::user, "go"),
                                   item(Kind::thought, "hm"),
                                   item(Kind::answer, "yes"),
                                   call,
                                   failed};
    CHECK(transcript(items, 10'000) ==
          "<earlier_summary>\nbefore\n</earlier_summary>\n"
          "<user>\ngo\n</user>\n"
          "<assistant>\nyes\n</assistant>\n"
          "<call tool=\"bash\">\n{\"command\":\"ls\"}\n</call>\n"
          "<result tool=\"bash\" failed=\"true\">\nno\n</result>\n");
}

TEST_CASE("a prompt of blocks is told with what it embeds and points at") {
    ContextItem prompt = item(Kind::user, "see");
    prompt.blocks = JsonValue(Json::array(
        {Json{{"type", "text"}, {"text", "see"}},
         Json{{"type", "image"}, {"mimeType", "image/png"}, {"data", "QUJD"}},
         Json{{"type", "resource_link"}, {"uri", "file:///a.c"}},
         Json{{"type", "resource"}, {"resource", {{"uri", "file:///b.c"}, {"text", "int b;"}}}}}));
    CHECK(transcript(std::span(&prompt, 1), 1000) ==
          "<user>\nsee\n[image ] \n[resource_link file:///a.c] \n"
          "[resource file:///b.c] int b;\n</user>\n");
}

TEST_CASE("what is too long is clipped until it fits, the user's words last") {
    std::vector<ContextItem> items = rounds(40, 20'000);
    std::string text = transcript(items, 100'000);
    CHECK(text.size() <= 100'000);
    CHECK(text.size() > 40'000);
    for (int i = 0; i < 40; ++i) {
        CAPTURE(i);
        CHECK(text.find("<user>\nwish " + std::to_string(i) + "\n</user>") != std::string::npos);
    }
}

TEST_CASE("of a conversation without end the newest entries and the user's stay") {
    std::vector<ContextItem> items = rounds(2000, 500);
    items.insert(items.begin(), item(Kind::summary, "before"));
    std::string text = transcript(items, 100'000);
    CHECK(text.size() <= 100'100);
    CHECK(text.starts_with("[messages were left out here"));
    CHECK(text.find("before") != std::string::npos);
    CHECK(text.find("wish 0\n") != std::string::npos);
    CHECK(text.find("wish 1999\n") != std::string::npos);
    CHECK(text.ends_with("</result>\n"));
}

TEST_CASE("a clipped transcript is valid UTF-8") {
    std::string wide;
    for (int i = 0; i < 50'000; ++i) wide += "ä€";
    std::vector<ContextItem> items(30, item(Kind::user, wide));
    std::string text = transcript(items, 20'000);
    CHECK(is_valid_utf8(text));
    CHECK(text.size() <= 20'100);
}

TEST_CASE("nothing gives nothing") {
    CHECK(transcript({}, 100).empty());
}
