#include "session/plan_desk.hpp"

#include <doctest/doctest.h>

#include "base/sha256.hpp"
#include "unit/session/plan_bench.hpp"

using namespace thole;
using thole::test::first_plan;
using thole::test::PlanBench;
using Lines = std::vector<std::string>;
namespace fs = std::filesystem;

namespace {

PlanConfig exporting(const std::string& name) {
    PlanConfig config;
    config.export_file = name;
    return config;
}

}  // namespace

TEST_CASE("a plan that is written is a revision, a file and an event with the same content") {
    PlanBench bench("plan");
    CHECK(bench.desk->write(first_plan).value() == "Plan saved to " + bench.path());
    CHECK(bench.file() == first_plan);
    const PlanUpdated expected{bench.path(), first_plan, sha256_hex(first_plan),
                               "thole",      1,          "agent"};
    CHECK((bench.state().plan == expected));
    CHECK(bench.events.types() == Lines{"PlanUpdated"});
    REQUIRE(bench.desk->write("# Other\n"));
    CHECK(bench.state().plan.revision == 2);
    CHECK(bench.file() == "# Other\n");
    CHECK(bench.desk->read().value() == "# Other\n");
    CHECK(bench.state().plan_status == "drafting");
}

TEST_CASE("a plan without text, or with what is none, is refused and nothing happens") {
    PlanBench bench("plan");
    for (const std::string& content : {std::string(), std::string(" \n"), std::string("\xff"),
                                       std::string(longest_plan + 1, 'x')}) {
        Result<std::string> written = bench.desk->write(content);
        REQUIRE_FALSE(written);
        CHECK(written.error() == check_plan(content).error());
    }
    CHECK(bench.events.all.empty());
    CHECK_FALSE(fs::exists(bench.path()));
}

TEST_CASE("reading and handing in say when there is no plan") {
    PlanBench bench("plan");
    CHECK(bench.desk->read().error() ==
          fail(Code::not_found,
               "no plan written yet for this session; call write_session_plan first"));
    CHECK(bench.desk->submit().error() ==
          fail(Code::not_found,
               "no plan to mark ready; call write_session_plan before exit_plan_mode"));
    CHECK(bench.events.all.empty());
}

TEST_CASE("an agent that writes a plan by itself proposes to plan first") {
    PlanBench bench("accept-edits");
    REQUIRE(bench.desk->write(first_plan));
    CHECK(bench.events.types() == Lines{"PlanUpdated", "ModeChanged", "AgentChanged"});
    CHECK(bench.state().mode == "plan");
    CHECK(bench.state().mode_before_plan == "accept-edits");
    CHECK(bench.state().agent == "planner");
    CHECK(bench.modes == Lines{"plan"});
    PlanBench alone("default");
    alone.somebody = false;
    Result<std::string> written = alone.desk->write(first_plan);
    REQUIRE_FALSE(written);
    CHECK(written.error() ==
          fail(Code::denied,
               "nobody can review a plan in this run; do the work without one, or "
               "ask for a run with --plan"));
    CHECK(alone.events.all.empty());
    alone.desk->change_mode("plan", "user");
    CHECK(alone.desk->write(first_plan));
}

TEST_CASE("a secret is in neither the file nor the event, and the hash is that of the file") {
    PlanBench bench("plan");
    REQUIRE(bench.desk->write("Use blue-heron-12345 to deploy.\n"));
    CHECK(bench.file() == "Use [redacted DEPLOY_TOKEN] to deploy.\n");
    CHECK(bench.state().plan.content == bench.file());
    CHECK(bench.state().plan.sha256 == sha256_hex(bench.file()));
    REQUIRE(bench.desk->submit());
    bench.approve();
    bench.desk->check();
    CHECK(bench.state().plan_status == "approved");
}

TEST_CASE("a plan is handed in once, and switches nothing by itself") {
    PlanBench bench;
    bench.desk->change_mode("plan", "user");
    REQUIRE(bench.desk->write(first_plan));
    bench.events.all.clear();
    REQUIRE(bench.desk->submit());
    REQUIRE(bench.desk->submit());
    CHECK(bench.events.types() == Lines{"PlanStatusChanged"});
    CHECK(bench.state().plan_status == "in_review");
    CHECK(bench.state().mode == "plan");
    bench.approve();
    CHECK(bench.desk->submit().error().message ==
          "the plan is approved already; write another one with write_session_plan to have it "
          "reviewed");
}

TEST_CASE("a rejected plan is away, and another one may be written") {
    PlanBench bench;
    bench.hand_in();
    REQUIRE(bench.desk->review({.decision = "rejected", .feedback = "no"}));
    CHECK(bench.events.types() == Lines{"PlanReviewed"});
    CHECK(bench.state().plan_status == "rejected");
    CHECK(bench.state().tasks.empty());
    CHECK_FALSE(fs::exists(bench.path()));
    CHECK_FALSE(bench.desk->read());
    CHECK_FALSE(bench.desk->submit());
    REQUIRE(bench.desk->write("# Other\n"));
    CHECK(bench.state().plan_status == "drafting");
    CHECK(bench.state().plan.revision == 2);
}

TEST_CASE("a draft is read with what the user changed in it, and survives what is none") {
    PlanBench bench("plan");
    REQUIRE(bench.desk->write(first_plan));
    bench.change_file("# Mine\n");
    CHECK(bench.desk->read().value() == "# Mine\n");
    CHECK(bench.state().plan.revision == 2);
    bench.change_file("\xff");
    CHECK(bench.desk->read().error().message ==
          "'" + bench.path() +
              "': content is not text in UTF-8; revision 2 is kept, and write_session_plan writes "
              "the file anew");
    fs::remove(bench.path());
    CHECK(bench.desk->read().value() == "# Mine\n");
    CHECK(bench.file() == "# Mine\n");
    CHECK(bench.state().plan.revision == 2);
    bench.change_file("# Handed in\n");
    REQUIRE(bench.desk->submit());
    CHECK(bench.state().plan.content == "# Handed in\n");
    CHECK(bench.state().plan_status == "in_review");
}

TEST_CASE("what the user wrote into the file is not overwritten before the agent has read it") {
    PlanBench bench("plan");
    REQUIRE(bench.desk->write(first_plan));
    bench.change_file("# Mine\n");
    bench.events.all.clear();
    for (bool is_another_process : {false, false, true}) {
        if (is_another_process) bench.take_seat();
        Result<std::string> written = bench.desk->write("# Other\n");
        REQUIRE_FALSE(written);
        CHECK(written.error() ==
              fail(Code::invalid_argument,
                   "'" + bench.path() +
                       "' was changed since you last read it; call read_session_plan first, then "
                       "write the plan with those changes in it"));
        CHECK(bench.file() == "# Mine\n");
    }
    CHECK(bench.events.all.empty());
    CHECK(bench.desk->read().value() == "# Mine\n");
    REQUIRE(bench.events.types() == Lines{"PlanUpdated"});
    CHECK(std::get<PlanUpdated>(bench.events.all[0]).content == "# Mine\n");
    REQUIRE(bench.desk->write("# Other\n"));
    CHECK(bench.file() == "# Other\n");
    CHECK(bench.state().plan.revision == 3);
}

TEST_CASE("a file that is touched but says the same is written over") {
    PlanBench bench("plan");
    REQUIRE(bench.desk->write(first_plan));
    fs::remove(bench.path());
    bench.change_file(first_plan);
    CHECK(bench.desk->write("# Other\n"));
    fs::remove(bench.path());
    CHECK(bench.desk->write("# Third\n"));
    CHECK(bench.file() == "# Third\n");
}

TEST_CASE("what cannot be read as this plan any more is kept beside it") {
    auto kept = [](const PlanBench& bench, int n) {
        return bench.scratch.read(std::string("plans/") + thole::test::session_id + ".kept-" +
                                  std::to_string(n) + ".md");
    };
    PlanBench bench("plan");
    bench.change_file("# Before there was one\n");
    REQUIRE(bench.desk->write(first_plan));
    CHECK(kept(bench, 1) == "# Before there was one\n");
    REQUIRE(bench.events.types() == Lines{"Error", "PlanUpdated"});
    CHECK(std::get<ErrorReported>(bench.events.all[0]).message ==
          "'" + bench.path() + "' held something that is not the plan; it is kept in '" +
              bench.scratch / "plans/" + thole::test::session_id + ".kept-1.md'");
    bench.change_file("\xff mine");
    REQUIRE(bench.desk->write("# Other\n"));
    CHECK(kept(bench, 2) == "\xff mine");
    bench.change_file("\xfe mine");
    REQUIRE(bench.desk->submit());
    CHECK(kept(bench, 3) == "\xfe mine");
    CHECK(bench.file() == "# Other\n");
    bench.change_file("# Mine, in the end\n");
    REQUIRE(bench.desk->review({.decision = "rejected"}));
    CHECK(kept(bench, 4) == "# Mine, in the end\n");
    CHECK_FALSE(fs::exists(bench.path()));
    bench.change_file("# After it was rejected\n");
    REQUIRE(bench.desk->write(first_plan));
    CHECK(kept(bench, 5) == "# After it was rejected\n");
    REQUIRE(bench.desk->submit());
    bench.approve();
    bench.finish_tasks("completed");
    bench.change_file("# After it was done\n");
    REQUIRE(bench.desk->write("# Next\n"));
    CHECK(kept(bench, 6) == "# After it was done\n");
    CHECK(bench.file() == "# Next\n");
}

TEST_CASE("a plan is done when all its steps are, and only then") {
    PlanBench bench;
    bench.hand_in();
    bench.finish_tasks("completed");
    CHECK(bench.state().plan_status == "in_review");
    bench.approve();
    TodosUpdated half{bench.state().tasks};
    half.tasks[0].status = "completed";
    bench.journal->append(half);
    bench.desk->finish_if_done();
    CHECK(bench.state().plan_status == "approved");
    TaskItem other;
    other.id = "9";
    other.content = "mine";
    half.tasks[1].status = "cancelled";
    half.tasks.push_back(other);
    bench.journal->append(half);
    bench.desk->finish_if_done();
    CHECK(bench.state().plan_status == "done");
    bench.change_file("# Later\n");
    bench.desk->check();
    CHECK(bench.state().plan_status == "done");
}

TEST_CASE("a plan whose boxes are all ticked is done with its approval") {
    PlanBench bench;
    bench.hand_in("- [x] read a.c\n- [X] write b.c\n");
    REQUIRE(bench.desk->review({.decision = "approved"}));
    CHECK(bench.events.types() == Lines{"PlanReviewed", "TodosUpdated", "ModeChanged",
                                        "AgentChanged", "PlanStatusChanged"});
    CHECK(bench.state().plan_status == "done");
    CHECK(bench.state().mode == "default");
}

TEST_CASE("the user may tick the boxes of an approved plan") {
    PlanBench bench;
    bench.hand_in();
    bench.approve();
    bench.change_file("# Plan\n\n- [x] read a.c\n- [x] write b.c\n");
    bench.desk->check();
    CHECK(bench.state().plan_status == "in_review");
    REQUIRE(bench.desk->review({.decision = "approved"}));
    CHECK(bench.state().plan_status == "done");
    CHECK(bench.state().tasks.size() == 2);
}

TEST_CASE("a step of a plan does not count for the next one, done or not") {
    for (bool is_done : {true, false}) {
        PlanBench bench;
        bench.hand_in("- [ ] test\n- [ ] tell\n");
        bench.approve();
        TodosUpdated todos{bench.state().tasks};
        todos.tasks[0].status = "completed";
        if (is_done) todos.tasks[1].status = "completed";
        bench.journal->append(todos);
        bench.desk->finish_if_done();
        CHECK(bench.state().plan_status == (is_done ? "done" : "approved"));
        bench.hand_in("- [ ] test\n");
        CHECK(bench.state().tasks[0].plan_step == 0);
        REQUIRE(bench.desk->review({.decision = "approved"}));
        CHECK(bench.state().plan_status == "approved");
        const TaskItem& step = bench.state().tasks.back();
        CHECK(step.content == "test");
        CHECK(step.status == "pending");
        CHECK(step.plan_step == 1);
        bench.finish_tasks("completed");
        CHECK(bench.state().plan_status == "done");
    }
}

TEST_CASE("a rejected plan takes the open steps of the approved one before with it") {
    PlanBench bench;
    bench.hand_in();
    bench.approve();
    bench.hand_in("# Another\n");
    REQUIRE(bench.desk->review({.decision = "rejected"}));
    CHECK(bench.events.types() == Lines{"PlanReviewed", "TodosUpdated"});
    for (const TaskItem& task : bench.state().tasks) CHECK(task.status == "cancelled");
}

TEST_CASE("a turn tells of the files that it changed and the plan does not name") {
    auto change = [](PlanBench& bench, const std::string& path) {
        ToolCallCompleted done;
        done.call_id = path;
        done.status = "completed";
        done.diffs = {{path, false, false, "a", "b"}};
        bench.journal->append(done);
    };
    PlanBench bench;
    bench.hand_in();
    bench.approve();
    bench.desk->begin_turn();
    for (const std::string& path : {bench.work + "/a.c", bench.work + "/sub/b.c", bench.path(),
                                    bench.work + "/c.c", std::string("/etc/hosts")}) {
        change(bench, path);
    }
    bench.events.all.clear();
    bench.desk->end_turn("u1");
    REQUIRE(bench.events.types() == Lines{"PlanDrifted"});
    CHECK((std::get<PlanDrifted>(bench.events.all[0]) ==
           PlanDrifted{"u1", {bench.work + "/c.c", "/etc/hosts"}, 1}));
    PlanBench proposed;
    proposed.desk->begin_turn();
    change(proposed, proposed.work + "/c.c");
    proposed.hand_in();
    proposed.approve();
    change(proposed, proposed.work + "/d.c");
    proposed.events.all.clear();
    proposed.desk->end_turn("u1");
    REQUIRE(proposed.events.types() == Lines{"PlanDrifted"});
    CHECK((std::get<PlanDrifted>(proposed.events.all[0]) ==
           PlanDrifted{"u1", {proposed.work + "/d.c"}, 1}));
    PlanBench draft;
    draft.hand_in();
    draft.desk->begin_turn();
    change(draft, draft.work + "/c.c");
    draft.events.all.clear();
    draft.desk->end_turn("u1");
    CHECK(draft.events.all.empty());
}

TEST_CASE("a copy is kept in the workspace, until it or the plan is another's") {
    PlanBench bench("plan", exporting("PLAN.md"));
    REQUIRE(bench.desk->write(first_plan));
    CHECK(bench.scratch.read("work/PLAN.md") == first_plan);
    REQUIRE(bench.desk->write("# Other\n"));
    CHECK(bench.scratch.read("work/PLAN.md") == "# Other\n");
    bench.scratch.write("work/PLAN.md", "mine\n");
    bench.events.all.clear();
    REQUIRE(bench.desk->write("# Third\n"));
    CHECK(bench.scratch.read("work/PLAN.md") == "mine\n");
    REQUIRE(bench.events.types() == Lines{"Error", "PlanUpdated"});
    CHECK(std::get<ErrorReported>(bench.events.all[0]).message ==
          "'" + bench.work + "/PLAN.md' is there and is no copy of the plan; it stays as it is");
    REQUIRE(bench.desk->submit());
    REQUIRE(bench.desk->review({.decision = "rejected"}));
    CHECK(bench.scratch.read("work/PLAN.md") == "mine\n");
}

TEST_CASE("the copy of a rejected plan goes with it") {
    PlanBench bench("plan", exporting("PLAN.md"));
    REQUIRE(bench.desk->write(first_plan));
    REQUIRE(bench.desk->submit());
    REQUIRE(bench.desk->review({.decision = "rejected"}));
    CHECK_FALSE(fs::exists(bench.work + "/PLAN.md"));
}

TEST_CASE("no copy is made outside the workspace, by a link neither") {
    PlanBench bench("plan", exporting("docs/PLAN.md"));
    fs::create_directory(bench.scratch / "outside");
    fs::create_directory_symlink(bench.scratch / "outside", bench.work + "/docs");
    REQUIRE(bench.desk->write(first_plan));
    CHECK(fs::is_empty(bench.scratch / "outside"));
}

TEST_CASE("planning has its agent, and leaving it by hand gives the one before back") {
    PlanBench bench("default");
    bench.journal->append(AgentChanged{"reviewer", "user"});
    bench.desk->change_mode("plan", "user");
    CHECK(bench.state().agent == "planner");
    bench.desk->change_mode("plan", "user");
    bench.desk->change_mode("default", "user");
    CHECK(bench.state().agent == "reviewer");
    CHECK(bench.modes == Lines{"plan", "default"});
    PlanConfig none;
    none.agent = "";
    PlanBench without("default", none);
    without.desk->change_mode("plan", "user");
    CHECK(without.state().agent == "");
    CHECK(without.events.types() == Lines{"ModeChanged"});
}
