#include "journal/plan.hpp"

#include <doctest/doctest.h>

#include <map>
#include <set>

#include "base/json.hpp"
#include "journal/state.hpp"
#include "unit/journal/samples.hpp"

using namespace thole;
using Status = PlanStatus;
using Action = PlanAction;
using Next = std::optional<PlanStatus>;

namespace {

constexpr Next no = std::nullopt;

// What every action makes of every status.
const std::map<Status, std::map<Action, Next>> expected_table = {
    {Status::none,
     {{Action::write, Status::drafting},
      {Action::edit, no},
      {Action::submit, no},
      {Action::request_changes, no},
      {Action::approve, no},
      {Action::reject, no},
      {Action::reopen, no},
      {Action::finish, no}}},
    {Status::drafting,
     {{Action::write, Status::drafting},
      {Action::edit, Status::drafting},
      {Action::submit, Status::in_review},
      {Action::request_changes, no},
      {Action::approve, no},
      {Action::reject, no},
      {Action::reopen, no},
      {Action::finish, no}}},
    {Status::in_review,
     {{Action::write, Status::drafting},
      {Action::edit, Status::in_review},
      {Action::submit, Status::in_review},
      {Action::request_changes, Status::drafting},
      {Action::approve, Status::approved},
      {Action::reject, Status::rejected},
      {Action::reopen, no},
      {Action::finish, no}}},
    {Status::approved,
     {{Action::write, Status::drafting},
      {Action::edit, Status::in_review},
      {Action::submit, no},
      {Action::request_changes, no},
      {Action::approve, no},
      {Action::reject, no},
      {Action::reopen, Status::in_review},
      {Action::finish, Status::done}}},
    {Status::rejected,
     {{Action::write, Status::drafting},
      {Action::edit, no},
      {Action::submit, no},
      {Action::request_changes, no},
      {Action::approve, no},
      {Action::reject, no},
      {Action::reopen, no},
      {Action::finish, no}}},
    {Status::done,
     {{Action::write, Status::drafting},
      {Action::edit, no},
      {Action::submit, no},
      {Action::request_changes, no},
      {Action::approve, no},
      {Action::reject, no},
      {Action::reopen, no},
      {Action::finish, no}}},
};

// Every status that actions lead to from `start` when `barred` is never done.
std::set<Status> reachable_without(Status start, Action barred) {
    std::set<Status> seen{start};
    std::vector<Status> open{start};
    while (!open.empty()) {
        Status status = open.back();
        open.pop_back();
        for (Action action : all_plan_actions) {
            Next next = action == barred ? no : next_plan_status(status, action);
            if (next && seen.insert(*next).second) open.push_back(*next);
        }
    }
    return seen;
}

struct Move {
    Action action;
    Event event;
};

// Each action as the log tells of it; the plan has `revision` from then on, or has it already.
std::vector<Move> moves(std::int64_t revision) {
    auto written = [&](const char* by) {
        return PlanUpdated{"/s/p.md",    "plan " + std::to_string(revision + 1) + by,
                           "cafe",       "thole",
                           revision + 1, by};
    };
    auto reviewed = [&](const char* decision) {
        return PlanReviewed{decision, "", "cafe", revision, {}};
    };
    return {{Action::write, written("agent")},
            {Action::edit, written("user")},
            {Action::edit, written("file")},
            {Action::submit, PlanStatusChanged{"in_review", "", "cafe", revision}},
            {Action::request_changes, reviewed("feedback")},
            {Action::approve, reviewed("approved")},
            {Action::reject, reviewed("rejected")},
            {Action::finish, PlanStatusChanged{"done", "", "cafe", revision}}};
}

// The log has one event for a plan that is handed in and for one that is in review again.
Action meant(Action action, const std::string& status) {
    bool reopens = action == Action::submit && status == "approved";
    return reopens ? Action::reopen : action;
}

// What of a state an event about the plan may change.
std::string plan_part(const State& state) {
    State part = state;
    part.last_event_id = 0;
    part.updated_at = part.created_at = "";
    return dump_json(state_to_json(part));
}

// Follows every sequence of at most `depth` events about a plan.
void explore(const State& state, int depth, std::set<std::string>& edges) {
    if (depth == 0) return;
    for (const Move& move : moves(state.plan.revision)) {
        Action action = meant(move.action, state.plan_status);
        Next next = next_plan_status(parse_plan_status(state.plan_status), action);
        State after = state;
        apply(after, test::envelope(state.last_event_id + 1, move.event));
        CAPTURE(dump_json(event_to_json(move.event)));
        std::string expected = next ? std::string(plan_status_name(*next)) : state.plan_status;
        REQUIRE(after.plan_status == expected);
        if (!next) REQUIRE(plan_part(after) == plan_part(state));
        if (next) edges.insert(state.plan_status + ">" + after.plan_status);
        bool is_news = after.plan_status == "approved" && state.plan_status != "approved";
        if (is_news) REQUIRE(state.plan_status == "in_review");
        explore(after, depth - 1, edges);
    }
}

}  // namespace

TEST_CASE("every action leads from every status to what the table says, or nowhere") {
    REQUIRE(expected_table.size() == all_plan_statuses.size());
    for (Status status : all_plan_statuses) {
        REQUIRE(expected_table.at(status).size() == all_plan_actions.size());
        for (Action action : all_plan_actions) {
            CAPTURE(plan_status_name(status));
            CAPTURE(static_cast<int>(action));
            CHECK((next_plan_status(status, action) == expected_table.at(status).at(action)));
        }
    }
}

TEST_CASE("no plan is approved without having been handed in, whatever was decided before") {
    for (Status status : {Status::none, Status::drafting, Status::rejected, Status::done}) {
        std::set<Status> reached = reachable_without(status, Action::submit);
        CAPTURE(plan_status_name(status));
        CHECK_FALSE(reached.contains(Status::approved));
        CHECK_FALSE(reached.contains(Status::in_review));
        CHECK(reachable_without(status, Action::approve).contains(Status::in_review));
    }
    for (Status status : all_plan_statuses) {
        if (status == Status::approved) continue;
        CHECK_FALSE(reachable_without(status, Action::approve).contains(Status::approved));
    }
}

TEST_CASE("every status can be reached, and from every status a plan can be done") {
    std::set<Status> all(all_plan_statuses.begin(), all_plan_statuses.end());
    Action never{-1};
    CHECK(reachable_without(Status::none, never) == all);
    for (Status status : all_plan_statuses) {
        CHECK(reachable_without(status, never).contains(Status::done));
    }
}

TEST_CASE("the fold of events never leaves the table, and what the table forbids changes nothing") {
    std::set<std::string> edges;
    explore(State(), 5, edges);
    CHECK(edges == std::set<std::string>{"none>drafting", "drafting>drafting", "drafting>in_review",
                                         "in_review>drafting", "in_review>in_review",
                                         "in_review>approved", "in_review>rejected",
                                         "approved>drafting", "approved>in_review", "approved>done",
                                         "rejected>drafting", "done>drafting"});
}

TEST_CASE("a decision that nobody knows changes nothing") {
    State state;
    apply(state, test::envelope(1, PlanUpdated{"/p", "x", "cafe", "thole", 1, "agent"}));
    apply(state, test::envelope(2, PlanStatusChanged{"in_review", "", "cafe", 1}));
    std::string before = plan_part(state);
    for (const char* decision : {"", "approve", "Approved", "yes", "done"}) {
        apply(state, test::envelope(3, PlanReviewed{decision, "words", "cafe", 1, {}}));
        CHECK(plan_part(state) == before);
    }
    for (const char* status : {"", "approved", "drafting", "none", "rejected"}) {
        apply(state, test::envelope(3, PlanStatusChanged{status, "why", "cafe", 1}));
        CHECK(plan_part(state) == before);
    }
}

TEST_CASE("names of statuses read as themselves, and what is none of them is none") {
    const std::vector<std::string> names = {"none",     "drafting", "in_review",
                                            "approved", "rejected", "done"};
    REQUIRE(names.size() == all_plan_statuses.size());
    for (std::size_t i = 0; i < names.size(); ++i) {
        CHECK(plan_status_name(all_plan_statuses[i]) == names[i]);
        CHECK(parse_plan_status(names[i]) == all_plan_statuses[i]);
    }
    for (const char* name : {"", "Approved", "approved ", "later"}) {
        CHECK(parse_plan_status(name) == Status::none);
    }
}

TEST_CASE("decisions are actions") {
    CHECK(action_of_decision("approved") == Action::approve);
    CHECK(action_of_decision("rejected") == Action::reject);
    CHECK(action_of_decision("feedback") == Action::request_changes);
    for (const char* name : {"", "approve", "Approved", "yes", "cancelled"}) {
        CHECK_FALSE(action_of_decision(name));
    }
}

TEST_CASE("three kinds of events are about a plan") {
    int count = 0;
    for (const Event& event : test::one_of_each()) {
        std::string_view type = event_type(event);
        bool is_one =
            type == "PlanUpdated" || type == "PlanReviewed" || type == "PlanStatusChanged";
        CHECK(is_about_plan(event) == is_one);
        count += is_one;
    }
    CHECK(count == 3);
}

TEST_CASE("the words that approve and reject do so in any case and with space around them") {
    for (const char* reply : {"yes", "y", "approve", "ok", "looks good", "YES", "Y", "Ok",
                              "Looks Good", "  yes  ", "\tlooks good\n", "APPROVE\r\n"}) {
        CAPTURE(reply);
        CHECK((review_of(reply) == PlanReviewed{.decision = "approved"}));
    }
    for (const char* reply : {"no", "n", "reject", "cancel", "No", "N", "REJECT", " cancel\n"}) {
        CAPTURE(reply);
        CHECK((review_of(reply) == PlanReviewed{.decision = "rejected"}));
    }
}

TEST_CASE("every other reply is feedback in its own words") {
    for (const char* reply :
         {"yes, but rename X", "yes please", "yes.", "y e s", "okay", "lgtm", "looks  good",
          "no, do it otherwise", "nope", "not yet", "cancel step 2", "approved", "yesno", "\"yes\"",
          "да", "use\nLooks Good"}) {
        CAPTURE(reply);
        CHECK((review_of(reply) == PlanReviewed{.decision = "feedback", .feedback = reply}));
    }
    CHECK((review_of("  Rename X.\n") ==
           PlanReviewed{.decision = "feedback", .feedback = "Rename X."}));
    for (const char* reply : {"", " ", "\n\t"}) {
        CHECK((review_of(reply) == PlanReviewed{.decision = "feedback"}));
    }
}

TEST_CASE("the prompt of a review says how to answer, in these words") {
    CHECK(review_prompt() ==
          "Does this plan look good? Reply with yes/no to approve or reject, or describe any "
          "changes you'd like.");
}

TEST_CASE("the model is told which revision was approved or rejected and what follows") {
    CHECK(review_message({.decision = "approved", .revision = 3}) ==
          "I approve revision 3 of the plan. Carry it out now, step by step: its steps are the "
          "task list, which you keep up to date with update_tasks.");
    CHECK(review_message({.decision = "rejected", .feedback = "too much", .revision = 2}) ==
          "I reject the plan (revision 2). It is discarded: nothing of it is to be carried out.");
}

TEST_CASE("feedback goes to the model with each comment and the lines that it is about") {
    constexpr const char* end =
        "Read the plan with read_session_plan (I may have edited it), write it again with "
        "write_session_plan, leaving alone what I did not speak of, and call exit_plan_mode.";
    constexpr const char* begin = "I have reviewed revision 2 of the plan and want it changed.\n\n";
    PlanReviewed review{.decision = "feedback", .feedback = "Shorter.", .revision = 2};
    CHECK(review_message(review) == begin + std::string("Shorter.\n\n") + end);
    review.comments = {{3, 3, "Why?", "- [ ] mend\n"}, {5, 6, "Not\nthis.", "# Test\n\n"}};
    CHECK(review_message(review) == begin +
                                        std::string("Shorter.\n\n"
                                                    "Line 3:\n> - [ ] mend\nWhy?\n\n"
                                                    "Lines 5 to 6:\n> # Test\n> \nNot\nthis.\n\n") +
                                        end);
    review.feedback.clear();
    review.comments.resize(1);
    CHECK(review_message(review) == begin + std::string("Line 3:\n> - [ ] mend\nWhy?\n\n") + end);
}

TEST_CASE("files that the plan does not name are told by name up to twenty") {
    PlanDrifted drifted;
    for (int i = 1; i <= 20; ++i) drifted.files.push_back("/w/" + std::to_string(i));
    std::string twenty = drifted_files(drifted);
    CHECK(twenty.starts_with("/w/1, /w/2, "));
    CHECK(twenty.ends_with(", /w/19, /w/20"));
    drifted.files.insert(drifted.files.end(), 7, "/w/x");
    CHECK(drifted_files(drifted) == twenty + " and 7 more");
}

TEST_CASE("feedback without words says nothing to the model yet") {
    CHECK(review_message({.decision = "feedback", .revision = 2}) == "");
}
