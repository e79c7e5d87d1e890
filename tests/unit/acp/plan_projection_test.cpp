// What the events of a plan look like in a view, live and replayed.
#include <doctest/doctest.h>

#include "acp/projection.hpp"
#include "base/json.hpp"

using namespace thole;
using acp::Projector;
using Lines = std::vector<std::string>;

namespace {

PlanUpdated plan(std::int64_t revision, const std::string& content, const char* by = "agent") {
    return {"/s/p.md", content, "sha", "thole", revision, by};
}
const PlanStatusChanged handed_in{"in_review", "", "", 0};
const BusyStateChanged begins{true, "u1", "", "", ""};
const BusyStateChanged ends{false, "u1", "end_turn", "", ""};

acp::Client plain() {
    return {};
}
acp::Client planning() {
    acp::Client client;
    client.shows_plans = true;
    return client;
}

// "kind", of calls "kind id status"
std::string told(const Json& update) {
    std::string text = text_member(update, "sessionUpdate");
    for (const char* key : {"toolCallId", "status"}) {
        std::string value = text_member(update, key);
        if (!value.empty()) text += " " + value;
    }
    return text;
}

struct View {
    Projector projector;
    State state;
    Lines lines;

    View(Projector::View view, const acp::Client& client) : projector(view, client, {}) {}
    View& take(const std::vector<Event>& events) {
        for (const Event& event : events) {
            Envelope envelope{state.last_event_id + 1, {}, event};
            apply(state, envelope);
            for (const Json& update : projector.project(envelope, state)) {
                lines.push_back(told(update));
            }
        }
        return *this;
    }
    View& end(bool turn_runs) {
        for (const Json& update : projector.end_replay(turn_runs)) lines.push_back(told(update));
        return *this;
    }
};

Lines live(const std::vector<Event>& events, const acp::Client& client = plain()) {
    return View(Projector::View::live, client).take(events).lines;
}
Lines replayed(const std::vector<Event>& events, bool turn_runs = false,
               const acp::Client& client = plain()) {
    return View(Projector::View::replay, client).take(events).end(turn_runs).lines;
}

}  // namespace

TEST_CASE("a live review is a call that begins and ends, a replayed one is shown as it ended") {
    const std::vector<Event> events{begins, plan(1, "one\n"), handed_in,
                                    PlanReviewed{.decision = "approved"}, ends};
    CHECK(live(events) ==
          Lines{"tool_call plan-review-3 pending", "tool_call_update plan-review-3 completed"});
    CHECK(replayed(events) == Lines{"tool_call plan-review-3 completed"});
}

TEST_CASE("a replayed review that waits is pending while its turn runs, else it failed") {
    const std::vector<Event> events{begins, plan(1, "one\n"), handed_in};
    CHECK(replayed(events, true) == Lines{"tool_call plan-review-3 pending"});
    CHECK(replayed(events, false) == Lines{"tool_call plan-review-3 failed"});
}

TEST_CASE("a view that joins later ends the call that a replay has shown") {
    View first(Projector::View::live, plain());
    first.take({begins, plan(1, "one\n"), handed_in});
    Projector joined(Projector::View::live, plain(), {});
    joined.know_plan(first.state);
    CHECK(joined.open_review_id() == "plan-review-3");
    CHECK(joined.open_review() == first.projector.open_review());
    std::vector<Json> updates =
        joined.project({9, {}, PlanReviewed{.decision = "rejected"}}, first.state);
    REQUIRE(updates.size() == 1);
    CHECK(told(updates[0]) == "tool_call_update plan-review-3 failed");
}

TEST_CASE("a view that joins a turn before its plan is written asks for the review, too") {
    View first(Projector::View::live, plain());
    first.take({begins});
    Projector joined(Projector::View::live, plain(), {});
    joined.know_plan(first.state);
    joined.project({2, {}, plan(1, "one\n")}, first.state);
    CHECK_FALSE(joined.open_review());
    CHECK(joined.project({3, {}, handed_in}, first.state).size() == 1);
    CHECK(joined.open_review_id() == "plan-review-3");
}

TEST_CASE("a view that joins after the approval asks again when the file has changed") {
    View first(Projector::View::live, plain());
    first.take({begins, plan(1, "one\n"), handed_in, PlanReviewed{.decision = "approved"}});
    Projector joined(Projector::View::live, plain(), {});
    joined.know_plan(first.state);
    joined.project({5, {}, plan(2, "two\n", "file")}, first.state);
    CHECK(joined.open_review_id() == "plan-review-5");
}

TEST_CASE("clients that show plans get each revision, and lose a rejected one") {
    const std::vector<Event> events{begins, plan(1, "one\n"), handed_in, plan(2, "two\n", "user"),
                                    PlanReviewed{.decision = "rejected"}};
    CHECK(live(events, planning()) == Lines{"plan_update", "tool_call plan-review-3 pending",
                                            "plan_update", "plan_removed",
                                            "tool_call_update plan-review-3 failed"});
    CHECK(replayed(events, false, planning()) ==
          Lines{"plan_update", "plan_update", "plan_removed", "tool_call plan-review-3 failed"});
    Projector projector(Projector::View::live, planning(), {});
    CHECK(projector.project({1, {}, plan(1, "one\n")}, State()) ==
          std::vector<Json>{*parse_json(R"({"sessionUpdate":"plan_update",
            "plan":{"type":"markdown","planId":"plan","content":"one\n"}})")});
}

TEST_CASE("files that the plan does not name are told as a remark") {
    Projector projector(Projector::View::live, plain(), {});
    const PlanDrifted drifted{"u1", {"/w/a.c", "/w/b.c"}, 1};
    CHECK(projector.project({5, {}, drifted}, State()) ==
          std::vector<Json>{*parse_json(R"({"sessionUpdate":"agent_thought_chunk",
            "messageId":"r5","content":{"type":"text","text":
            "Changed without being named by the approved plan: /w/a.c, /w/b.c"}})")});
}
