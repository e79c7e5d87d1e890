// Reviews of a plan, and whether what was approved still holds.
#include <doctest/doctest.h>

#include "base/sha256.hpp"
#include "unit/session/plan_bench.hpp"

using namespace thole;
using thole::test::first_plan;
using thole::test::PlanBench;
using thole::test::session_id;
using Lines = std::vector<std::string>;
namespace fs = std::filesystem;

TEST_CASE("an approval pins the hash, makes the tasks and gives mode and agent back") {
    PlanBench bench("accept-edits");
    bench.hand_in();
    CHECK(bench.state().agent == "planner");
    REQUIRE(bench.desk->review({.decision = "approved", .revision = 1}));
    CHECK(bench.events.types() ==
          Lines{"PlanReviewed", "TodosUpdated", "ModeChanged", "AgentChanged"});
    CHECK(bench.state().plan_status == "approved");
    CHECK(bench.state().approved_sha256 == sha256_hex(bench.file()));
    CHECK(bench.state().mode == "accept-edits");
    CHECK(bench.state().agent == "");
    CHECK(bench.modes == Lines{"plan", "accept-edits"});
    REQUIRE(bench.state().tasks.size() == 2);
    CHECK(bench.state().tasks[0].content == "read a.c");
    CHECK(bench.state().tasks[1].plan_step == 2);
}

TEST_CASE("an approval may choose another mode, and the configuration another agent") {
    PlanConfig config;
    config.executor = "builder";
    PlanBench bench("default", config);
    bench.hand_in();
    REQUIRE(bench.desk->review({.decision = "approved", .mode = "accept-edits"}));
    CHECK(bench.state().mode == "accept-edits");
    CHECK(bench.state().agent == "builder");
    PlanBench begun_in_plan_mode("plan");
    begun_in_plan_mode.hand_in();
    REQUIRE(begun_in_plan_mode.desk->review({.decision = "approved"}));
    CHECK(begun_in_plan_mode.state().mode == "default");
}

TEST_CASE("what the user edits in an approval is what is approved") {
    PlanBench bench;
    bench.hand_in();
    const std::string edited = "# Plan\n\n- [ ] read only\n";
    REQUIRE(bench.desk->review({.decision = "approved", .edits = edited, .revision = 1}));
    CHECK(bench.state().plan.by == "user");
    CHECK(bench.state().plan.revision == 2);
    CHECK(bench.state().approved_sha256 == sha256_hex(edited));
    CHECK(bench.file() == edited);
    REQUIRE(bench.state().tasks.size() == 1);
    CHECK(bench.state().tasks[0].content == "read only");
    PlanBench same;
    same.hand_in();
    REQUIRE(same.desk->review({.decision = "approved", .edits = first_plan}));
    CHECK(same.state().plan.revision == 1);
}

TEST_CASE("comments get the lines that they are about, of the edited plan when it was edited") {
    PlanBench bench;
    bench.hand_in();
    REQUIRE(bench.desk->review({.decision = "feedback",
                                .feedback = " shorter ",
                                .edits = "# Plan\n\n- [ ] read\n",
                                .comments = {{3, 3, " why? ", "forged"}}}));
    const PlanReviewed& review = bench.state().plan_review;
    CHECK(review.feedback == "shorter");
    CHECK((review.comments == std::vector<PlanComment>{{3, 3, "why?", "- [ ] read\n"}}));
    CHECK(review.revision == 2);
    CHECK(bench.state().plan_status == "drafting");
    CHECK(bench.state().mode == "plan");
    CHECK(bench.state().tasks.empty());
}

TEST_CASE("a revision leaves alone what was not commented on, and the model is told so") {
    PlanBench bench;
    bench.hand_in("# Goal\nMend it.\n# Steps\n- [ ] one\n");
    REQUIRE(bench.desk->review({.decision = "feedback", .comments = {{4, 4, "two", ""}}}));
    CHECK(bench.desk->write("# Goal\nRewrite it.\n# Steps\n- [ ] two\n").value() ==
          "Plan saved to " + bench.path() +
              "\nKept as they were, because the user had nothing to say about them: # Goal");
    CHECK(bench.file() == "# Goal\nMend it.\n# Steps\n- [ ] two\n");
    REQUIRE(bench.desk->write("# Goal\nAgain.\n# Steps\n- [ ] three\n"));
    CHECK(bench.file() == "# Goal\nMend it.\n# Steps\n- [ ] three\n");
    REQUIRE(bench.desk->submit());
    REQUIRE(bench.desk->review({.decision = "feedback", .feedback = "all new, please"}));
    REQUIRE(bench.desk->write("# Goal\nNew.\n"));
    CHECK(bench.file() == "# Goal\nNew.\n");
}

TEST_CASE("what the user changed in the file after a review is not put back") {
    PlanBench bench;
    bench.hand_in("# Goal\nMend it.\n# Steps\n- [ ] one\n");
    REQUIRE(bench.desk->review({.decision = "feedback", .comments = {{4, 4, "two", ""}}}));
    bench.change_file("# Goal\nMend it well.\n# Steps\n- [ ] one\n");
    CHECK(bench.desk->read().value() == "# Goal\nMend it well.\n# Steps\n- [ ] one\n");
    REQUIRE(bench.desk->write("# Goal\nMend it well.\n# Steps\n- [ ] two\n"));
    CHECK(bench.file() == "# Goal\nMend it well.\n# Steps\n- [ ] two\n");
}

TEST_CASE("a review that is not possible says why and changes nothing") {
    PlanBench bench;
    CHECK(bench.desk->review({.decision = "approved"}).error() ==
          fail(Code::not_found, std::string("no plan is in review in session ") + session_id));
    bench.hand_in();
    CHECK(bench.refused({.decision = "approved", .revision = 7}) ==
          "revision 7 was reviewed, but the plan is at revision 1; look at that one");
    CHECK(bench.refused({.decision = "yes"}) ==
          "there is no decision 'yes'; the decisions are approved, rejected and feedback");
    const std::string open =
        "open comments block approval; send them with the decision feedback, "
        "or leave them out";
    CHECK(bench.refused({.decision = "approved", .feedback = "but"}) == open);
    CHECK(bench.refused({.decision = "approved", .comments = {{1, 1, "x", ""}}}) == open);
    CHECK(bench.refused({.decision = "approved", .edits = " "}) == "content must not be empty");
    CHECK(bench.refused({.decision = "approved", .mode = "plan"}) ==
          "an approved plan cannot be carried out in mode plan");
    CHECK(bench.refused({.decision = "approved", .mode = "yolo"}).find("yolo") !=
          std::string::npos);
    for (auto [begin, end] : {std::pair(0, 1), {2, 1}, {1, 5}, {5, 5}, {-1, -1}}) {
        CHECK(bench.refused({.decision = "feedback", .comments = {{begin, end, "x", ""}}}) ==
              "a comment on lines " + std::to_string(begin) + " to " + std::to_string(end) +
                  ", but the plan has 4");
    }
    CHECK(bench.refused({.decision = "feedback", .edits = "one\n", .comments = {{2, 2, "x", ""}}})
              .find("but the plan has 1") != std::string::npos);
    CHECK(bench.refused({.decision = "feedback", .comments = {{1, 1, " \n", ""}}}) ==
          "a comment must not be empty");
    CHECK(bench.events.all.empty());
    CHECK(bench.state().plan_status == "in_review");
}

TEST_CASE("an approval is void when the file changes, and the review is asked again") {
    PlanBench bench("accept-edits");
    bench.hand_in();
    bench.approve();
    bench.desk->check();
    CHECK(bench.events.all.empty());
    bench.change_file("# Plan\n\n- [ ] something else\n");
    bench.desk->check();
    CHECK(bench.events.types() == Lines{"PlanUpdated", "ModeChanged", "AgentChanged"});
    CHECK(bench.state().plan_status == "in_review");
    CHECK(bench.state().plan.by == "file");
    CHECK(bench.state().plan.content == "# Plan\n\n- [ ] something else\n");
    CHECK(bench.state().plan_reason == "the plan was changed after it had been approved");
    CHECK(bench.state().mode == "plan");
    REQUIRE(bench.desk->review({.decision = "approved"}));
    CHECK(bench.state().mode == "accept-edits");
    REQUIRE(bench.state().tasks.size() == 3);
    CHECK(bench.state().tasks[0].status == "cancelled");
    CHECK(bench.state().tasks[2].content == "something else");
}

TEST_CASE("a file that is touched but says the same voids nothing") {
    PlanBench bench;
    bench.hand_in();
    bench.approve();
    fs::remove(bench.path());
    bench.change_file(first_plan);
    bench.desk->check();
    bench.take_seat();
    bench.desk->check();
    CHECK(bench.events.all.empty());
    CHECK(bench.state().plan_status == "approved");
}

TEST_CASE("an approved plan whose file is gone or no plan any more is reviewed again") {
    for (const char* content : {"", "\xff", "gone", "link"}) {
        CAPTURE(content);
        PlanBench bench;
        bench.hand_in();
        bench.approve();
        bench.change_file(content);
        if (std::string(content).size() == 4) fs::remove(bench.path());
        if (std::string(content) == "link") fs::create_symlink("/etc/passwd", bench.path());
        bench.desk->check();
        CHECK(bench.events.types() == Lines{"PlanStatusChanged", "ModeChanged", "AgentChanged"});
        CHECK(bench.state().plan_status == "in_review");
        CHECK(bench.state().plan.content == first_plan);
        CHECK(bench.state().plan_reason.find(bench.path()) != std::string::npos);
        REQUIRE(bench.desk->review({.decision = "approved"}));
        CHECK(bench.file() == first_plan);
        CHECK_FALSE(fs::is_symlink(bench.path()));
    }
}

TEST_CASE("a file that changes while it is reviewed has to be looked at") {
    for (const char* decision : {"approved", "feedback"}) {
        PlanBench bench;
        bench.hand_in();
        bench.change_file("# Plan\n\n- [ ] obey\n");
        CHECK(bench.refused({.decision = decision}) ==
              "the plan file has changed since it was shown; it is revision 2 now: look at that "
              "one");
        CHECK(bench.state().plan_status == "in_review");
        CHECK(bench.state().plan.content == "# Plan\n\n- [ ] obey\n");
        CHECK(bench.refused({.decision = decision, .revision = 1}).starts_with("revision 1 was"));
        CHECK(bench.desk->review({.decision = decision, .revision = 2}));
    }
    PlanBench bench;
    bench.hand_in();
    bench.change_file("# Plan\n\n- [ ] obey\n");
    CHECK(bench.desk->review({.decision = "rejected"}));
}
