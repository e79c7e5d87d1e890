#include "acp/dialog_texts.hpp"

#include <doctest/doctest.h>

#include "base/json.hpp"

using namespace thole;

namespace {

ApprovalRequested approval() {
    ApprovalRequested request;
    request.call_id = "t1";
    request.why = "edits are asked";
    return request;
}

std::vector<std::string> option_ids(const Json& params) {
    std::vector<std::string> ids;
    for (const Json& option : params["options"]) {
        CHECK(option["optionId"] == option["kind"]);
        ids.push_back(option["optionId"].get<std::string>());
    }
    return ids;
}

Command command_for(const std::string& answer, bool offers_always = true) {
    return acp::permission_command("t1", offers_always, *parse_json(answer));
}

bool is_denial(const Command& command) {
    return std::holds_alternative<Deny>(command);
}

QuestionRequested question(std::vector<std::string> options) {
    return QuestionRequested{"q1", "t1", "Which one?", std::move(options)};
}

std::string selection_for(const QuestionRequested& asked, const std::string& answer) {
    return dump_json(*acp::question_command(asked, *parse_json(answer)).selection);
}

}  // namespace

TEST_CASE("a permission request offers always only when there is a rule for it") {
    Json call{{"toolCallId", "t1"}};
    Json params = acp::permission_params("s1", approval(), call);
    CHECK(option_ids(params) == std::vector<std::string>{"allow_once", "reject_once"});
    CHECK(params["toolCall"] == call);
    CHECK(params["sessionId"] == Json("s1"));
    ApprovalRequested request = approval();
    request.always_rules = {"bash(ls:*)"};
    request.always_says = "Always allow ls in this session";
    params = acp::permission_params("s1", request, call);
    CHECK(option_ids(params) ==
          std::vector<std::string>{"allow_once", "allow_always", "reject_once"});
    CHECK(params["options"][1]["name"] == Json("Always allow ls in this session"));
}

TEST_CASE("only a clear approval approves") {
    Command once = command_for(R"({"outcome":{"outcome":"selected","optionId":"allow_once"}})");
    REQUIRE(std::holds_alternative<Approve>(once));
    CHECK(!std::get<Approve>(once).for_session);
    std::string always = R"({"outcome":{"outcome":"selected","optionId":"allow_always"}})";
    REQUIRE(std::holds_alternative<Approve>(command_for(always)));
    CHECK(std::get<Approve>(command_for(always)).for_session);
    CHECK(is_denial(command_for(always, false)));
    CHECK(is_denial(command_for(R"({"outcome":{"outcome":"selected","optionId":"reject_once"}})")));
    CHECK(is_denial(command_for(R"({"outcome":{"outcome":"selected","optionId":"else"}})")));
    CHECK(is_denial(command_for(R"({"outcome":{"outcome":"odd","optionId":"allow_once"}})")));
    CHECK(is_denial(command_for(R"({"outcome":"allow_once"})")));
    CHECK(is_denial(command_for("null")));
    CHECK(is_denial(acp::permission_command("t1", true, fail(Code::unavailable, "no"))));
    CHECK(std::holds_alternative<Cancel>(command_for(R"({"outcome":{"outcome":"cancelled"}})")));
}

TEST_CASE("a rejection may carry its reason") {
    Command denied = command_for(R"({"outcome":{"outcome":"selected","optionId":"reject_once",
        "_meta":{"thole":{"reason":"use sed"}}}})");
    REQUIRE(is_denial(denied));
    CHECK(std::get<Deny>(denied).reason == "use sed");
}

TEST_CASE("a question is a form with its options and a free answer") {
    CHECK(acp::question_params("s1", question({"a", "b"})) ==
          *parse_json(R"({"sessionId":"s1","toolCallId":"t1","mode":"form","message":"Which one?",
            "requestedSchema":{"type":"object","properties":{
              "choice":{"type":"string","title":"Answer","oneOf":[
                {"const":"a","title":"a"},{"const":"b","title":"b"}]},
              "answer":{"type":"string","title":"Something else"}}}})"));
    Json free = acp::question_params("s1", question({}))["requestedSchema"];
    CHECK(free["required"] == Json::array({"answer"}));
}

TEST_CASE("answers to a question are checked") {
    QuestionRequested asked = question({"a", "b"});
    CHECK(selection_for(asked, R"({"action":"accept","content":{"choice":"b"}})") ==
          R"({"kind":"option","text":"b"})");
    CHECK(selection_for(asked, R"({"action":"accept","content":{"choice":"b","answer":"c"}})") ==
          R"({"kind":"custom","text":"c"})");
    std::string none = R"({"kind":"cancelled","text":"The user did not answer."})";
    CHECK(selection_for(asked, R"({"action":"accept","content":{"choice":"z"}})") == none);
    CHECK(selection_for(asked, R"({"action":"accept"})") == none);
    CHECK(selection_for(asked, R"({"action":"decline"})") == none);
    CHECK(selection_for(asked, "7") == none);
}
