#include "cli/answers.hpp"

#include <doctest/doctest.h>

#include "base/json.hpp"

using namespace thole;
using namespace thole::cli;

namespace {

State asking_for_approval(std::vector<std::string> always_rules) {
    State state;
    ApprovalRequested asked;
    asked.call_id = "c1";
    asked.tool = "bash";
    asked.always_rules = std::move(always_rules);
    asked.always_says = "commands that begin with git status";
    state.pending_approvals = {asked};
    return state;
}

State asking_a_question() {
    State state;
    QuestionRequested asked;
    asked.question_id = "q1";
    asked.question = "Which oar?";
    asked.options = {"left", "right"};
    state.pending_questions = {asked};
    return state;
}

Json selection_of(const std::string& typed) {
    State state = asking_a_question();
    std::optional<Command> command = answer_to(asked_of(state), state, typed);
    return *std::get<AnswerQuestion>(*command).selection;
}

}  // namespace

TEST_CASE("nothing is asked in a state where nothing waits") {
    CHECK(asked_of(State{}) == Asked{});
    CHECK(answer_to(Asked{}, State{}, "y") == std::nullopt);
}

TEST_CASE("the oldest approval is asked first, before any question") {
    State state = asking_for_approval({});
    state.pending_approvals.push_back(state.pending_approvals[0]);
    state.pending_approvals[1].call_id = "c2";
    state.pending_questions = asking_a_question().pending_questions;
    CHECK(asked_of(state) == Asked{Asked::Kind::approval, "c1"});
}

TEST_CASE("an approval is answered by y, s, n or a reason") {
    State state = asking_for_approval({"bash(git status:*)"});
    Asked asked = asked_of(state);
    auto typed = [&](const char* text) { return *answer_to(asked, state, text); };
    for (const char* yes : {"y", "YES", " ok "}) {
        Approve approve = std::get<Approve>(typed(yes));
        CHECK(approve.call_id == "c1");
        CHECK_FALSE(approve.for_session);
    }
    CHECK(std::get<Approve>(typed("s")).for_session);
    CHECK(std::get<Deny>(typed("n")).reason == "");
    CHECK(std::get<Deny>(typed("use the other branch")).reason == "use the other branch");
    CHECK_FALSE(answer_to(asked, state, "  ").has_value());
}

TEST_CASE("for the session is neither offered nor taken when no rule would be granted") {
    State state = asking_for_approval({});
    Asked asked = asked_of(state);
    CHECK(wording_of(asked, state) == "Allow? [y] once, [n] no, or type why not");
    CHECK_FALSE(answer_to(asked, state, "s").has_value());
    State offered = asking_for_approval({"bash(git status:*)"});
    CHECK(wording_of(asked, offered) ==
          "Allow? [y] once, [s] for this session (commands that begin with git status), [n] no, "
          "or type why not");
}

TEST_CASE("a question is answered by a number, an option or free words") {
    CHECK(selection_of("2") == Json{{"kind", "option"}, {"text", "right"}});
    CHECK(selection_of("left") == Json{{"kind", "option"}, {"text", "left"}});
    CHECK(selection_of("both") == Json{{"kind", "custom"}, {"text", "both"}});
    CHECK(selection_of("3") == Json{{"kind", "custom"}, {"text", "3"}});
}

TEST_CASE("a plan in review is approved, rejected or commented on") {
    State state;
    state.plan_status = "in_review";
    state.plan.revision = 2;
    Asked asked = asked_of(state);
    CHECK(asked == Asked{Asked::Kind::review, "2"});
    CHECK(wording_of(asked, state) ==
          "Does this plan look good? Reply with yes/no to approve or reject, or describe any "
          "changes you'd like.");
    auto decision = [&](const char* text) {
        return std::get<ReviewPlan>(*answer_to(asked, state, text)).decision;
    };
    for (const char* yes : {"yes", "y", "approve", "ok", " Looks good "}) {
        CHECK(decision(yes) == "approved");
    }
    for (const char* no : {"no", "n", "reject", "CANCEL"}) CHECK(decision(no) == "rejected");
    CHECK(decision("no, rather paint it") == "feedback");
}

TEST_CASE("what a sub-agent asks is named, because its session is not on the screen") {
    State state = asking_for_approval({});
    ToolCallStarted call;
    call.call_id = "c1";
    call.title = "$ make";
    state.open_calls = {call};
    Asked asked = asked_of(state);
    asked.session_id = "20261128-1405-k3fa";
    CHECK(wording_of(asked, state) == "Allow $ make? [y] once, [n] no, or type why not");
    CHECK(std::get<Approve>(*answer_to(asked, state, "y")).call_id == "c1");
}
