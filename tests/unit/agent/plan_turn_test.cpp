// Turns that plan: when a plan is handed in, what may run meanwhile, and what a profile allows.
#include <doctest/doctest.h>

#include <filesystem>

#include "unit/agent/rig.hpp"

using namespace thole;
using namespace thole::test;
using Lines = std::vector<std::string>;

namespace {

const Json new_file = {{"path", "new.txt"}, {"content", "fresh\n"}};
const Json a_plan = {{"content", "# Plan\n\n- [ ] write new.txt\n"}};

void set_mode(AgentRig& rig, const char* mode) {
    rig.talk.emit(ModeChanged{mode, "user"});
}

// As the session does it: an approved plan gives the mode back.
void approve_plans(AgentRig& rig, const char* mode) {
    rig.talk.reviews.push_back(PlanReviewed{.decision = "approved"});
    rig.talk.on_event = [&rig, mode](const Event& event) {
        const auto* review = std::get_if<PlanReviewed>(&event);
        if (review && review->decision == "approved") set_mode(rig, mode);
    };
}

Lines results(const Talk& talk) {
    Lines lines;
    for (const ToolCallCompleted& done : talk.all<ToolCallCompleted>()) {
        lines.push_back(done.status + ": " + done.output);
    }
    return lines;
}

Lines tools_of(const Json& body) {
    Lines names;
    for (const Json& tool : body["tools"])
        names.push_back(tool["function"]["name"].get<std::string>());
    return names;
}

}  // namespace

TEST_CASE("a plan that is handed in and approved is carried out in the same turn") {
    AgentRig rig;
    set_mode(rig, "plan");
    approve_plans(rig, "bypass-permissions");
    rig.script({calls("c1", "write_session_plan", a_plan, 100),
                calls("c2", "exit_plan_mode", Json::object(), 100),
                calls("c3", "write_file", new_file, 100), says("done", 100)});
    CHECK(rig.turn("write it").stop_reason == "end_turn");
    CHECK(rig.scratch.read("new.txt") == "fresh\n");
    CHECK(rig.http.asked.size() == 4);
    CHECK(rig.last_words(2).find("I approve revision 1 of the plan") != std::string::npos);
}

TEST_CASE("a plan that nobody can review ends the turn and is not carried out") {
    AgentRig rig;
    set_mode(rig, "plan");
    rig.script({calls("c1", "write_session_plan", a_plan, 100),
                calls("c2", "exit_plan_mode", Json::object(), 100)});
    CHECK(rig.turn("write it").stop_reason == "end_turn");
    CHECK(rig.http.asked.size() == 2);
    CHECK(rig.talk.state().plan_status == "in_review");
}

TEST_CASE("a rejected plan ends the turn") {
    AgentRig rig;
    set_mode(rig, "plan");
    rig.talk.reviews.push_back(PlanReviewed{.decision = "rejected"});
    rig.script({calls("c1", "write_session_plan", a_plan, 100),
                calls("c2", "exit_plan_mode", Json::object(), 100)});
    CHECK(rig.turn("write it").stop_reason == "end_turn");
    CHECK(rig.http.asked.size() == 2);
    CHECK(rig.talk.state().plan_status == "rejected");
}

TEST_CASE("feedback goes to the model in the same turn, as often as it takes") {
    AgentRig rig;
    set_mode(rig, "plan");
    for (const char* words : {"shorter", "even shorter"}) {
        rig.talk.reviews.push_back(PlanReviewed{.decision = "feedback", .feedback = words});
    }
    rig.script({calls("c1", "write_session_plan", a_plan, 100),
                calls("c2", "exit_plan_mode", Json::object(), 100),
                calls("c3", "exit_plan_mode", Json::object(), 100),
                calls("c4", "exit_plan_mode", Json::object(), 100)});
    CHECK(rig.turn("write it").stop_reason == "end_turn");
    CHECK(rig.last_words(2).find("shorter") != std::string::npos);
    CHECK(rig.last_words(3).find("even shorter") != std::string::npos);
    CHECK(rig.talk.state().plan_status == "in_review");
}

TEST_CASE("a plan that was written and not handed in is handed in when the turn ends") {
    AgentRig rig;
    set_mode(rig, "plan");
    rig.script({calls("c1", "write_session_plan", a_plan, 100), says("Here it is.", 100)});
    CHECK(rig.turn("write it").stop_reason == "end_turn");
    CHECK(rig.talk.state().plan_status == "in_review");
    CHECK(rig.talk.all<PlanStatusChanged>().size() == 1);
}

TEST_CASE("a draft of an earlier turn is not handed in by a turn that did not write it") {
    AgentRig rig;
    set_mode(rig, "plan");
    REQUIRE(rig.talk.write_plan("# Plan\n"));
    rig.script({says("What colour?", 100)});
    CHECK(rig.turn("hm").stop_reason == "end_turn");
    CHECK(rig.talk.state().plan_status == "drafting");
}

TEST_CASE("outside plan mode a plan that was written stays a draft") {
    AgentRig rig;
    rig.script({calls("c1", "write_session_plan", a_plan, 100), says("Here it is.", 100)});
    CHECK(rig.turn("write it").stop_reason == "end_turn");
    CHECK(rig.talk.state().plan_status == "drafting");
}

TEST_CASE("while planning reads run, and effects are refused with the reason") {
    AgentRig rig;
    set_mode(rig, "plan");
    rig.scratch.write("a.txt", "alpha\n");
    rig.script({calls("c1", "read_file", {{"path", "a.txt"}}, 100),
                calls("c2", "write_file", new_file, 100),
                calls("c3", "bash", {{"command", "touch new.txt"}}, 100), says("no", 100)});
    rig.turn("write it");
    const Lines ended = results(rig.talk);
    REQUIRE(ended.size() == 3);
    CHECK(ended[0].starts_with("completed: "));
    CHECK(ended[1].starts_with("denied: "));
    CHECK(ended[1].find("mode plan") != std::string::npos);
    // Where the kernel can hold a command it runs, and changes nothing.
    CHECK(ended[2].find("plan") != std::string::npos);
    CHECK(rig.talk.asked.empty());
    CHECK_FALSE(std::filesystem::exists(rig.scratch / "new.txt"));
}

TEST_CASE("whether the plan still holds is asked before each effect, and decides on it") {
    AgentRig rig;
    set_mode(rig, "bypass-permissions");
    rig.scratch.write("a.txt", "alpha\n");
    rig.script({calls("c1", "read_file", {{"path", "a.txt"}}, 100),
                calls("c2", "write_file", new_file, 100),
                calls("c3", "write_file", {{"path", "b.txt"}, {"content", "b"}}, 100),
                says("done", 100)});
    rig.talk.on_check_plan = [&rig] {
        if (rig.talk.plan_checks == 2) set_mode(rig, "plan");
    };
    rig.turn("write it");
    CHECK(rig.talk.plan_checks == 2);
    CHECK(rig.scratch.read("new.txt") == "fresh\n");
    CHECK_FALSE(std::filesystem::exists(rig.scratch / "b.txt"));
}

TEST_CASE("an agent with a profile is offered its tools and has no others") {
    AgentRig rig;
    Profile reader;
    reader.name = "reader";
    reader.instruction = "You read.";
    reader.tools = {"read_file", "grep"};
    rig.profiles = {reader};
    set_mode(rig, "bypass-permissions");
    rig.talk.emit(AgentChanged{"reader", "user"});
    rig.script({calls("c1", "write_file", new_file, 100), says("no", 100)});
    rig.turn("write it");
    CHECK(tools_of(rig.body(0)) == Lines{"read_file", "grep"});
    CHECK(rig.body(0)["messages"][0]["content"].dump().find("You read.") != std::string::npos);
    CHECK(results(rig.talk).at(0).find("agent 'reader' has no tool 'write_file'; the tools are: "
                                       "read_file, grep") != std::string::npos);
    CHECK_FALSE(std::filesystem::exists(rig.scratch / "new.txt"));
}

TEST_CASE("an agent that only reads changes nothing, whatever the mode allows") {
    AgentRig rig;
    Profile reader;
    reader.name = "reader";
    reader.is_read_only = true;
    rig.profiles = {reader};
    set_mode(rig, "bypass-permissions");
    rig.talk.emit(AgentChanged{"reader", "user"});
    rig.script({calls("c1", "write_file", new_file, 100), says("no", 100)});
    rig.turn("write it");
    const Lines ended = results(rig.talk);
    REQUIRE(ended.size() == 1);
    CHECK(ended[0].starts_with("denied: "));
    CHECK(ended[0].find("agent 'reader' only reads") != std::string::npos);
    CHECK_FALSE(std::filesystem::exists(rig.scratch / "new.txt"));
}
