#include <doctest/doctest.h>

#include "support/tool_rig.hpp"

using namespace thole;
using namespace thole::test;

namespace {

std::string refusal(ToolRig& rig, const char* tool, const Json& input) {
    Result<Prepared> prepared = rig.prepare(tool, input);
    return prepared ? "" : prepared.error().message;
}

}  // namespace

TEST_CASE("the tools of the plan may run while planning and say what they do") {
    ToolRig rig;
    const Json nothing = Json::object();
    const auto prepared = [&](const char* tool, const Json& input) {
        const ToolFacts& facts = rig.tools.find(tool)->facts();
        CHECK(facts.effect == Effect::read);
        Result<Prepared> made = rig.prepare(tool, input);
        REQUIRE(made);
        CHECK_FALSE(made->effect);
        CHECK(made->paths.empty());
        CHECK(*made->input == input);
        return made->title + " (" + facts.kind + ")";
    };
    CHECK(prepared("write_session_plan", {{"content", "# Plan\n"}}) == "Write the plan (think)");
    CHECK(prepared("read_session_plan", nothing) == "Read the plan (read)");
    CHECK(prepared("exit_plan_mode", nothing) == "Hand in the plan for review (think)");
}

TEST_CASE("write_session_plan gives the host the text as it is and says where it went") {
    ToolRig rig;
    for (const char* content : {"# Plan\n\n- [ ] mend it\n", " \r\n# ü\r\n"}) {
        const ToolOutcome outcome = rig.call("write_session_plan", {{"content", content}});
        CHECK_FALSE(outcome.failed);
        CHECK(outcome.output == "Plan saved to /s/plan.md");
        CHECK(rig.host.plan.value() == content);
    }
    CHECK(rig.host.submissions == 0);
}

TEST_CASE("what the host has against a plan is the answer") {
    ToolRig rig;
    for (const char* why : {"content must not be empty", "invalid session ID: \"x\""}) {
        rig.host.plan_saved = fail(Code::invalid_argument, why);
        const ToolOutcome outcome = rig.call("write_session_plan", {{"content", ""}});
        CHECK(outcome.failed);
        CHECK(outcome.output == why);
    }
    CHECK_FALSE(rig.host.plan);
}

TEST_CASE("read_session_plan gives the plan and nothing else") {
    ToolRig rig;
    rig.host.plan = std::string("# Plan\n\n- [ ] mend it\n");
    const ToolOutcome outcome = rig.call("read_session_plan", Json::object());
    CHECK_FALSE(outcome.failed);
    CHECK(outcome.output == "# Plan\n\n- [ ] mend it\n");
    CHECK(rig.host.blobs.empty());
    rig.host.plan = std::string(40'000, 'x');
    const ToolOutcome long_one = rig.call("read_session_plan", Json::object());
    CHECK(long_one.output.size() < 31'000);
    CHECK(rig.host.blobs.at(long_one.full_output).size() == 40'000);
}

TEST_CASE("read_session_plan says when there is no plan") {
    ToolRig rig;
    rig.host.plan = fail(Code::not_found,
                         "no plan written yet for this session; call write_session_plan first");
    const ToolOutcome outcome = rig.call("read_session_plan", Json::object());
    CHECK(outcome.failed);
    CHECK(outcome.output == "no plan written yet for this session; call write_session_plan first");
}

TEST_CASE("exit_plan_mode hands the plan in once and switches nothing") {
    ToolRig rig;
    const ToolOutcome outcome = rig.call("exit_plan_mode", Json::object());
    CHECK_FALSE(outcome.failed);
    CHECK(outcome.output == "Plan ready for review.");
    CHECK(rig.host.submissions == 1);
    CHECK(rig.host.task_list.empty());
    rig.host.plan_submitted = fail(
        Code::not_found, "no plan to mark ready; call write_session_plan before exit_plan_mode");
    const ToolOutcome refused = rig.call("exit_plan_mode", Json::object());
    CHECK(refused.failed);
    CHECK(refused.output == "no plan to mark ready; call write_session_plan before exit_plan_mode");
}

TEST_CASE("preparing a call touches no plan") {
    ToolRig rig;
    CHECK(rig.prepare("write_session_plan", {{"content", "# Plan\n"}}));
    CHECK(rig.prepare("exit_plan_mode", Json::object()));
    CHECK_FALSE(rig.host.plan);
    CHECK(rig.host.submissions == 0);
}

TEST_CASE("input that the tools of the plan do not know is refused by name") {
    ToolRig rig;
    CHECK(refusal(rig, "write_session_plan", Json::object()) ==
          "write_session_plan.content: is missing; expected a string");
    CHECK(refusal(rig, "write_session_plan", {{"content", nullptr}}) ==
          "write_session_plan.content: is missing; expected a string");
    CHECK(refusal(rig, "write_session_plan", {{"content", Json::array({"a"})}}) ==
          "write_session_plan.content: expected a string, got array");
    CHECK(refusal(rig, "write_session_plan", {{"content", "x"}, {"path", "/etc"}})
              .starts_with("write_session_plan.path: "));
    for (const char* tool : {"read_session_plan", "exit_plan_mode"}) {
        CHECK(refusal(rig, tool, {{"plan", "x"}}).starts_with(std::string(tool) + ".plan: "));
        CHECK(refusal(rig, tool, "text") == std::string(tool) + ": expected an object, got string");
        CHECK(refusal(rig, tool, nullptr) == "");
    }
    CHECK_FALSE(rig.host.plan);
    CHECK(rig.host.submissions == 0);
}
