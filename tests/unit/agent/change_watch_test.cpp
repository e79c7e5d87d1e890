// What commands change while an approved plan is carried out.
#include "agent/change_watch.hpp"

#include <doctest/doctest.h>

#include "unit/agent/rig.hpp"

using namespace thole;
using namespace thole::test;
using Lines = std::vector<std::string>;

namespace {

struct Carrying : AgentRig {
    Carrying() {
        scratch.write("a.c", "first\n");
        talk.logs = scratch / "logs";
        talk.emit(ModeChanged{"bypass-permissions", "user"});
    }
    void approve() {
        talk.emit(PlanUpdated{.content = "# Plan\n", .revision = 1, .by = "agent"});
        talk.emit(PlanStatusChanged{.status = "in_review", .revision = 1});
        talk.emit(PlanReviewed{.decision = "approved", .revision = 1});
    }
    ToolCallCompleted command(const std::string& text) {
        script({calls("c" + std::to_string(++count), "bash", {{"command", text}}, 100),
                says("done", 100)});
        CHECK(turn("go").stop_reason == "end_turn");
        return talk.all<ToolCallCompleted>().back();
    }
    int count = 0;
};

}  // namespace

TEST_CASE("the files that a command changes are told with its end, whether it succeeds or not") {
    Carrying rig;
    rig.approve();
    CHECK(rig.command("echo x >> a.c; mkdir sub; echo y > sub/new; mkdir logs; echo z > logs/l")
              .changed_files == Lines{rig.scratch / "a.c", rig.scratch / "sub/new"});
    CHECK(rig.talk.state().turn_files == Lines{rig.scratch / "a.c", rig.scratch / "sub/new"});
    ToolCallCompleted failed = rig.command("rm a.c; exit 3");
    CHECK(failed.status == "failed");
    CHECK(failed.changed_files == Lines{rig.scratch / "a.c"});
    CHECK(rig.command("cat sub/new").changed_files.empty());
}

TEST_CASE("without an approved plan nobody looks") {
    Carrying rig;
    CHECK(rig.command("echo x >> a.c").changed_files.empty());
    rig.approve();
    rig.talk.emit(PlanStatusChanged{.status = "done", .revision = 1});
    CHECK(rig.command("echo x >> a.c").changed_files.empty());
    CHECK(rig.talk.state().turn_files.empty());
}

TEST_CASE("at most a thousand files are told") {
    Carrying rig;
    rig.approve();
    const Lines files = rig.command("for i in $(seq 1100); do : > f$i; done").changed_files;
    CHECK(files.size() == 1000);
}

TEST_CASE("in a tree that is too large nobody looks any more, and that is told once") {
    Carrying rig;
    rig.approve();
    Roots roots = *Roots::open({rig.scratch.path()});
    ChangeWatch watch(rig.loop, roots, rig.talk, {.files = 0});
    for (int i = 0; i < 2; ++i) CHECK_FALSE(run(rig.loop, watch.before()));
    const std::vector<ErrorReported> told = rig.talk.all<ErrorReported>();
    REQUIRE(told.size() == 1);
    CHECK(told[0].code == "plan_drift");
    CHECK(told[0].message ==
          "what commands change is not compared with the plan in this session: there are more than "
          "0 files");
    CHECK(told[0].retrying);
}
