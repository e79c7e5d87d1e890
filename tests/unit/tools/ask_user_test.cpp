#include <doctest/doctest.h>

#include "support/tool_rig.hpp"

using namespace thole;
using namespace thole::test;

TEST_CASE("ask_user asks once and gives the answer") {
    ToolRig rig;
    rig.host.answer = JsonValue(Json{{"kind", "option"}, {"text", "red"}});
    const ToolOutcome outcome =
        rig.call("ask_user", {{"question", " Which colour? "}, {"options", {"red", "blue"}}});
    CHECK(outcome.output == "The user chose: red");
    CHECK_FALSE(outcome.failed);
    const QuestionRequested expected{"call-1", "call-1", "Which colour?", {"red", "blue"}};
    CHECK(rig.host.asked == std::vector{expected});
    rig.host.answer = JsonValue(Json{{"kind", "custom"}, {"text", "green"}});
    CHECK(rig.call("ask_user", {{"question", "Which?"}}).output == "The user answered: green");
}

TEST_CASE("ask_user says what to do when nobody answers") {
    ToolRig rig;
    const ToolOutcome nobody = rig.call("ask_user", {{"question", "Which?"}});
    CHECK(nobody.failed);
    CHECK(nobody.output ==
          "Nobody can be asked in this session. Decide yourself and say what you assumed, or stop "
          "and say what you would need to know.");
    rig.host.answer = JsonValue(Json{{"kind", "cancelled"}});
    const ToolOutcome dismissed = rig.call("ask_user", {{"question", "Which?"}});
    CHECK(dismissed.failed);
    CHECK(dismissed.output.find("The user did not answer") == 0);
    rig.host.answer = JsonValue(Json{{"kind", "cancelled"}, {"text", "Ask in your answer."}});
    CHECK(rig.call("ask_user", {{"question", "Which?"}}).output == "Ask in your answer.");
    rig.host.answer = cancelled();
    CHECK(rig.call("ask_user", {{"question", "Which?"}}).output == "cancelled");
}

TEST_CASE("ask_user refuses empty questions and options") {
    ToolRig rig;
    const Json many = Json::array({"1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11"});
    for (const Json& input : std::vector<Json>{{},
                                               {{"question", ""}},
                                               {{"question", 1}},
                                               {{"question", "x"}, {"options", "red"}},
                                               {{"question", "x"}, {"options", {"red", " "}}},
                                               {{"question", "x"}, {"options", many}},
                                               {{"question", "x"}, {"default", "y"}}}) {
        CAPTURE(input.dump());
        CHECK_FALSE(rig.prepare("ask_user", input));
    }
    CHECK(rig.host.asked.empty());
}
