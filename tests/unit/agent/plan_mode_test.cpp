// What the runtime does with calls before a plan is approved.
#include <doctest/doctest.h>

#include "async/confinement.hpp"
#include "support/tree.hpp"
#include "unit/agent/rig.hpp"

using namespace thole;
using namespace thole::test;

namespace {

// One turn in mode plan in which the model makes one call.
void call_in_plan_mode(AgentRig& rig, const std::string& tool, const Json& input) {
    rig.talk.emit(ModeChanged{"plan", "user"});
    rig.script({calls("c1", tool, input, 100), says("done", 100)});
    CHECK(rig.turn("go").stop_reason == "end_turn");
}

}  // namespace

TEST_CASE("in mode plan a command runs without a question, and what it tries is an event") {
    AgentRig rig;
    rig.scratch.write("file", "text\n");
    const std::vector<std::string> before = tree_of(rig.scratch.path());
    call_in_plan_mode(rig, "bash", {{"command", "cat file; rm file"}});
    CHECK(rig.talk.asked.empty());
    CHECK(tree_of(rig.scratch.path()) == before);
    std::vector<ApprovalResolved> decisions = rig.talk.all<ApprovalResolved>();
    REQUIRE(decisions.size() == 1);
    CHECK(decisions[0].decision == "allow");
    CHECK(decisions[0].reason.starts_with("mode plan: runs read-only, held by Landlock ABI "));
    std::vector<EffectRefused> refused = rig.talk.all<EffectRefused>();
    REQUIRE(refused.size() == 1);
    CHECK(refused[0].what == "unlink " + (rig.scratch / "file"));
    CHECK(rig.talk.all<ToolCallCompleted>()[0].output.starts_with("text\n"));
}

TEST_CASE("in mode plan a command is refused with the reason when nothing keeps it from writing") {
    AgentRig rig;
    rig.loop.confinement().assume(fail(Code::unavailable, "this kernel has no Landlock"));
    call_in_plan_mode(rig, "bash", {{"command", "cat file"}});
    const std::string why =
        "mode plan refuses commands until a plan is approved, because nothing keeps them from "
        "writing here: this kernel has no Landlock";
    CHECK(rig.talk.all<ApprovalResolved>()[0].reason == why);
    CHECK(rig.talk.all<EffectRefused>() ==
          std::vector<EffectRefused>{{"c1", "bash", "execute", "cat file", "mode plan", why}});
    CHECK(rig.talk.all<ToolCallCompleted>()[0].status == "denied");
}

TEST_CASE("in mode plan an edit is refused, and is an event that names the file") {
    AgentRig rig;
    call_in_plan_mode(rig, "write_file", {{"path", "new.txt"}, {"content", "x"}});
    CHECK(rig.talk.all<EffectRefused>() ==
          std::vector<EffectRefused>{{"c1", "write_file", "edit", rig.scratch / "new.txt",
                                      "mode plan",
                                      "mode plan refuses calls with the effect 'edit'"}});
    CHECK(tree_of(rig.scratch.path()).size() == 1);
}

TEST_CASE("in other modes nothing is proved, and a command may write") {
    AgentRig rig;
    rig.loop.confinement().assume(fail(Code::unavailable, "this kernel has no Landlock"));
    rig.talk.emit(ModeChanged{"bypass-permissions", "user"});
    rig.script({calls("c1", "bash", {{"command", "echo x > new"}}, 100), says("done", 100)});
    rig.turn("go");
    CHECK(rig.scratch.read("new") == "x\n");
    CHECK(rig.talk.all<EffectRefused>().empty());
}
