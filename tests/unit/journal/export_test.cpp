#include "journal/export.hpp"

#include <doctest/doctest.h>

#include "base/json.hpp"
#include "unit/journal/desk.hpp"

using namespace thole;
using test::Desk;

namespace {

std::string exported(const Desk& desk, ExportFormat format) {
    const Secrets secrets;
    auto session = Export::open(desk.files("s"), format, secrets);
    REQUIRE(session);
    std::string text;
    while (true) {
        const auto piece = (*session)->next();
        REQUIRE(piece);
        if (piece->empty()) return text;
        text += *piece;
    }
}

}  // namespace

TEST_CASE("in an export what was said and what was done are paragraphs of their own") {
    Desk desk;
    desk.add("s", SessionStarted{.session_id = "s", .cwd = "/boat", .model = "demo/demo"});
    desk.add("s", MessageReceived{.role = "user", .message_id = "p", .content = "Row"});
    desk.add("s", TokensStreamed{"a", "I look "});
    desk.add("s", TokensStreamed{"a", "first."});
    desk.add("s", ToolCallStarted{
                      .call_id = "c", .tool = "read_file", .title = "Read oar.c", .kind = "read"});
    desk.add("s", ToolCallCompleted{.call_id = "c", .status = "completed", .output = "28"});
    desk.add("s", TokensStreamed{"b", "Done.\n"});
    desk.add("s", SessionEnded{"completed"});
    const std::string text = exported(desk, ExportFormat::markdown);
    const auto said = text.find("## You");
    REQUIRE(said != std::string::npos);
    CHECK(text.substr(said, text.find("## Usage") - said) ==
          "## You\n\nRow\n\n## thole\n\nI look first.\n\n"
          "**Read oar.c** · read_file · completed\n\nDone.\n\n");
}

TEST_CASE("an export as JSON holds the session and every event") {
    Desk desk;
    desk.talk("s", "Row", "Yes.");
    const auto json = parse_json(exported(desk, ExportFormat::json));
    REQUIRE(json);
    CHECK(member(*json, "schema_version") == 1);
    CHECK(text_member(member(*json, "session"), "id") == "s");
    CHECK(member(*json, "events").size() == 5);
}
