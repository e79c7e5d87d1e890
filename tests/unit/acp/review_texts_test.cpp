#include "acp/review_texts.hpp"

#include <doctest/doctest.h>

#include "base/json.hpp"

using namespace thole;

namespace {

State in_review(const std::string& mode_before) {
    State state;
    state.id = "s1";
    state.mode = "plan";
    state.mode_before_plan = mode_before;
    state.plan.revision = 3;
    state.plan.content = "# Plan\n\n- [ ] mend it\n";
    state.plan_status = "in_review";
    return state;
}

const Json call{{"toolCallId", "plan-review-7"}, {"title", "Review the plan"}};

// The command as one text, so that whole values are compared.
std::string told(const Command& command) {
    if (std::holds_alternative<Cancel>(command)) return "cancel";
    const auto* review = std::get_if<ReviewPlan>(&command);
    if (!review) return "something else";
    std::string text = review->decision + " " + std::to_string(review->revision);
    if (!review->feedback.empty()) text += " \"" + review->feedback + "\"";
    if (!review->mode.empty()) text += " in " + review->mode;
    if (review->edits || !review->comments.empty()) text += " with edits or comments";
    return text;
}

std::string permission(const std::string& answer) {
    return told(acp::review_command(3, *parse_json(answer)));
}
std::string chosen(const std::string& option) {
    return permission(R"({"outcome":{"outcome":"selected","optionId":")" + option + R"("}})");
}
std::string form(const std::string& answer) {
    return told(acp::form_command(3, *parse_json(answer)));
}
std::string filled(const std::string& content) {
    return form(R"({"action":"accept","content":)" + content + "}");
}

}  // namespace

TEST_CASE("a review is a permission request, with edits where they would be asked about") {
    Json expected = *parse_json(R"({"sessionId":"s1",
        "toolCall":{"toolCallId":"plan-review-7","title":"Review the plan"},
        "options":[
          {"optionId":"allow_once","name":"Approve the plan","kind":"allow_once"},
          {"optionId":"allow_always","name":"Approve it and accept edits","kind":"allow_always"},
          {"optionId":"reject_once","name":"Keep planning","kind":"reject_once"}],
        "_meta":{"thole":{"plan":{"revision":3}}}})");
    CHECK(acp::review_params(in_review("default"), call) == expected);
    CHECK(acp::review_params(in_review(""), call) == expected);
    expected["options"].erase(1);
    for (const char* mode : {"accept-edits", "dont-ask", "bypass-permissions"}) {
        CHECK(acp::review_params(in_review(mode), call) == expected);
    }
}

TEST_CASE("a review that is asked again says why") {
    State state = in_review("default");
    state.plan_reason = "the plan was changed after it had been approved";
    CHECK(acp::review_params(state, call)["_meta"] ==
          *parse_json(R"({"thole":{"plan":{"revision":3},
            "why":"the plan was changed after it had been approved"}})"));
    CHECK(acp::review_form(state, call)["message"] ==
          Json("The plan is to be reviewed again: the plan was changed after it had been "
               "approved.\n\n# Plan\n\n- [ ] mend it\n"));
}

TEST_CASE("only a clear approval approves the plan, and all else keeps planning") {
    CHECK(chosen("allow_once") == "approved 3");
    CHECK(chosen("allow_always") == "approved 3 in accept-edits");
    CHECK(chosen("reject_once") == "feedback 3");
    CHECK(chosen("reject_always") == "feedback 3");
    CHECK(chosen("Allow_once") == "feedback 3");
    CHECK(chosen("") == "feedback 3");
    CHECK(permission(R"({"outcome":{"outcome":"odd","optionId":"allow_once"}})") == "feedback 3");
    CHECK(permission(R"({"outcome":{"optionId":"allow_once"}})") == "feedback 3");
    CHECK(permission(R"({"outcome":"allow_once"})") == "feedback 3");
    CHECK(permission(R"({"outcome":{"outcome":"selected","optionId":7}})") == "feedback 3");
    CHECK(permission("{}") == "feedback 3");
    CHECK(permission("null") == "feedback 3");
    CHECK(permission("[]") == "feedback 3");
    CHECK(told(acp::review_command(3, fail(Code::unavailable, "gone"))) == "feedback 3");
}

TEST_CASE("a dialog that was closed cancels the turn and decides nothing") {
    CHECK(permission(R"({"outcome":{"outcome":"cancelled"}})") == "cancel");
    CHECK(permission(R"({"outcome":{"outcome":"cancelled","optionId":"allow_once"}})") == "cancel");
    CHECK(form(R"({"action":"cancel"})") == "cancel");
    CHECK(form(R"({"action":"cancel","content":{"decision":"approve"}})") == "cancel");
}

TEST_CASE("keeping on planning may carry what is to be different") {
    CHECK(permission(R"({"outcome":{"outcome":"selected","optionId":"reject_once",
        "_meta":{"thole":{"reason":"no sed"}}}})") == "feedback 3 \"no sed\"");
    CHECK(permission(R"({"outcome":{"outcome":"selected","optionId":"reject_once",
        "_meta":{"thole":{"reason":7}}}})") == "feedback 3");
    CHECK(permission(R"({"outcome":{"outcome":"selected","optionId":"allow_once",
        "_meta":{"thole":{"reason":"fine"}}}})") == "approved 3");
}

TEST_CASE("a review is a form with the plan, a decision and comments, where there are forms") {
    Json expected = *parse_json(R"({"sessionId":"s1","toolCallId":"plan-review-7","mode":"form",
        "message":"Does this plan look good?\n\n# Plan\n\n- [ ] mend it\n",
        "requestedSchema":{"type":"object","properties":{
          "decision":{"type":"string","title":"Decision","oneOf":[
            {"const":"approve","title":"Approve"},
            {"const":"approve_edits","title":"Approve and accept edits"},
            {"const":"revise","title":"Revise, by the comments"},
            {"const":"reject","title":"Reject: nothing is carried out"}]},
          "comments":{"type":"string","title":"Comments"}},
        "required":["decision"]}})");
    CHECK(acp::review_form(in_review("default"), call) == expected);
    expected["requestedSchema"]["properties"]["decision"]["oneOf"].erase(1);
    CHECK(acp::review_form(in_review("accept-edits"), call) == expected);
}

TEST_CASE("a filled form decides, and comments mean changes whatever stands beside them") {
    CHECK(filled(R"({"decision":"approve"})") == "approved 3");
    CHECK(filled(R"({"decision":"approve","comments":" \n"})") == "approved 3");
    CHECK(filled(R"({"decision":"approve_edits"})") == "approved 3 in accept-edits");
    CHECK(filled(R"({"decision":"revise"})") == "feedback 3");
    CHECK(filled(R"({"decision":"revise","comments":" shorter\n"})") == "feedback 3 \"shorter\"");
    CHECK(filled(R"({"decision":"approve","comments":"but rename X"})") ==
          "feedback 3 \"but rename X\"");
    CHECK(filled(R"({"decision":"approve_edits","comments":"but"})") == "feedback 3 \"but\"");
    CHECK(filled(R"({"comments":"hm"})") == "feedback 3 \"hm\"");
    CHECK(filled(R"({"decision":"reject"})") == "rejected 3");
    CHECK(filled(R"({"decision":"reject","comments":"too much"})") == "rejected 3 \"too much\"");
}

TEST_CASE("a form that was not filled in keeps planning") {
    for (const char* content : {"{}", "null", "[]", R"({"decision":"maybe"})", R"({"decision":1})",
                                R"({"decision":["approve"]})", R"({"comments":7})"}) {
        CHECK(filled(content) == "feedback 3");
    }
    CHECK(form(R"({"action":"accept"})") == "feedback 3");
    CHECK(form(R"({"action":"decline","content":{"decision":"approve"}})") == "feedback 3");
    CHECK(form(R"({"action":"Accept","content":{"decision":"approve"}})") == "feedback 3");
    CHECK(form(R"({"content":{"decision":"approve"}})") == "feedback 3");
    CHECK(form("7") == "feedback 3");
    CHECK(told(acp::form_command(3, fail(Code::unavailable, "gone"))) == "feedback 3");
}
