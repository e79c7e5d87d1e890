#include "agent/reminder.hpp"

#include <doctest/doctest.h>

#include "base/json.hpp"

using namespace thole;

namespace {

State full_state() {
    State state;
    state.plan.content = "# Plan\n1. Look\n";
    state.plan.revision = 2;
    state.plan_status = "approved";
    state.tasks = {TaskItem{"t1", "Look", "completed", "high", "", "", ""},
                   TaskItem{"t2", "Repair", "in_progress", "high", "", "", ""},
                   TaskItem{"t3", "Test", "pending", "low", "", "", ""},
                   TaskItem{"t4", "Dance", "cancelled", "low", "no", "", ""}};
    ApprovalRequested approval;
    approval.call_id = "c1";
    approval.tool = "bash";
    approval.input = JsonValue(Json{{"command", "make"}});
    state.pending_approvals = {approval};
    state.pending_questions = {QuestionRequested{"q1", "c2", "Which\noar?", {"left", "right"}}};
    return state;
}

}  // namespace

TEST_CASE("after a summary the plan, the open tasks and what waits are said again") {
    State state = full_state();
    state.session_summary = "S";
    CHECK(reminder(state) ==
          "<session_state>\n"
          "The state of this session, from thole and not from the user:\n\n"
          "The plan that the user has approved (revision 2); keep to it:\n\n"
          "# Plan\n1. Look\n\n\n"
          "Tasks that are still open:\n"
          "- [in_progress] Repair (id t2, high priority)\n"
          "- [pending] Test (id t3, low priority)\n\n"
          "What the user has been asked and not yet answered:\n"
          "- may bash run (call c1)? {\"command\":\"make\"}\n"
          "- Which oar? (question q1)\n"
          "</session_state>");
}

TEST_CASE("without a summary only the approved plan is said again") {
    CHECK(reminder(full_state()) ==
          "<session_state>\n"
          "The state of this session, from thole and not from the user:\n\n"
          "The plan that the user has approved (revision 2); keep to it:\n\n"
          "# Plan\n1. Look\n</session_state>");
}

TEST_CASE("a plan that is not approved is never said again") {
    for (const char* status : {"none", "drafting", "in_review", "rejected", "done"}) {
        CAPTURE(status);
        State state = full_state();
        state.plan_status = status;
        CHECK(reminder(state).empty());
        state.session_summary = "S";
        CHECK(reminder(state).find("# Plan") == std::string::npos);
    }
}

TEST_CASE("there is nothing to say of an empty session") {
    State state;
    state.session_summary = "S";
    CHECK(reminder(state).empty());
}
