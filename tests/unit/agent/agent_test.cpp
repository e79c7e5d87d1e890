#include "agent/agent.hpp"

#include <doctest/doctest.h>

#include "base/code.hpp"
#include "unit/agent/rig.hpp"

using namespace thole;
using namespace thole::test;

namespace {

ToolCallStarted started(const AgentRig& rig, std::string id, std::string tool, Json input) {
    ToolCallStarted call;
    call.call_id = std::move(id);
    call.tool = std::move(tool);
    call.message_id = "m1";
    call.input = JsonValue(std::move(input));
    if (call.tool == "write_file") {
        FileDiff diff;
        diff.path = rig.scratch / "new.txt";
        diff.created = true;
        diff.new_text = "fresh\n";
        call.diffs = {diff};
    }
    return call;
}

ApprovalRequested asked_for(const ToolCallStarted& call) {
    ApprovalRequested request;
    request.call_id = call.call_id;
    request.tool = call.tool;
    request.input = call.input;
    return request;
}

Json new_file() {
    return {{"path", "new.txt"}, {"content", "fresh\n"}};
}

// A turn whose process died while `open` waited for approval.
void reopen(AgentRig& rig, const std::vector<ToolCallStarted>& open) {
    rig.prompt("write it");
    for (const ToolCallStarted& call : open) rig.talk.emit(call);
    for (const ToolCallStarted& call : open) rig.talk.emit(asked_for(call));
    rig.talk.events.clear();
    rig.script({says("done", 100)});
}

}  // namespace

TEST_CASE("calls that waited for approval are asked for again, run, and the turn goes on") {
    AgentRig rig;
    reopen(rig, {started(rig, "c1", "write_file", new_file()),
                 started(rig, "c2", "bash", {{"command", "touch never"}})});
    rig.talk.answers = {ApprovalAnswer{true, false, {}}, ApprovalAnswer{false, false, "no"}};
    CHECK(run(rig.loop, rig.agent.continue_turn()).stop_reason == "end_turn");
    CHECK(rig.talk.asked == std::vector<std::string>{"c1", "c2"});
    CHECK(rig.scratch.read("new.txt") == "fresh\n");
    CHECK_FALSE(std::filesystem::exists(rig.scratch / "never"));
    CHECK(rig.talk.all<ToolCallStarted>().empty());
    CHECK(rig.talk.all<ApprovalRequested>().empty());
    std::vector<ToolCallCompleted> ends = rig.talk.all<ToolCallCompleted>();
    REQUIRE(ends.size() == 2);
    CHECK(ends[0].status == "completed");
    CHECK(ends[1].status == "denied");
    CHECK(rig.talk.state().open_calls.empty());
    Json messages = rig.body(0)["messages"];
    CHECK(messages[messages.size() - 2]["tool_call_id"] == "c1");
    CHECK(messages[messages.size() - 1]["tool_call_id"] == "c2");
}

TEST_CASE("a call that would do another thing than was shown ends as interrupted") {
    AgentRig rig;
    rig.scratch.write("new.txt", "somebody else's\n");
    reopen(rig, {started(rig, "c1", "write_file", new_file())});
    CHECK(run(rig.loop, rig.agent.continue_turn()).stop_reason == "end_turn");
    CHECK(rig.talk.asked.empty());
    CHECK(rig.scratch.read("new.txt") == "somebody else's\n");
    std::vector<ToolCallCompleted> ends = rig.talk.all<ToolCallCompleted>();
    REQUIRE(ends.size() == 1);
    CHECK(ends[0].status == "interrupted");
    CHECK(ends[0].output.starts_with("This call was interrupted: "));
    CHECK(rig.talk.all<ApprovalResolved>().front().decision == "cancelled");
    CHECK(rig.talk.state().pending_approvals.empty());
}

TEST_CASE("a call whose input held a secret is not run again") {
    AgentRig rig;
    reopen(rig, {started(rig, "c1", "bash", {{"command", "login [redacted github-token]"}})});
    CHECK(run(rig.loop, rig.agent.continue_turn()).stop_reason == "end_turn");
    CHECK(rig.talk.asked.empty());
    CHECK(rig.talk.all<ToolCallCompleted>().front().output ==
          "This call was interrupted: its input held a secret, which is not kept on the disk.");
}

TEST_CASE("a call that nobody was asked about ends as interrupted and is never run") {
    AgentRig rig;
    rig.prompt("go");
    rig.talk.emit(started(rig, "c1", "bash", {{"command", "touch never"}}));
    rig.script({says("done", 100)});
    CHECK(run(rig.loop, rig.agent.continue_turn()).stop_reason == "end_turn");
    CHECK(rig.talk.all<ToolCallCompleted>().front().status == "interrupted");
    CHECK(rig.talk.all<ApprovalResolved>().empty());
    CHECK_FALSE(std::filesystem::exists(rig.scratch / "never"));
}

TEST_CASE("a tool that is not there any more ends its call as interrupted") {
    AgentRig rig;
    reopen(rig, {started(rig, "c1", "sail", Json::object())});
    CHECK(run(rig.loop, rig.agent.continue_turn()).stop_reason == "end_turn");
    CHECK(rig.talk.all<ToolCallCompleted>().front().status == "interrupted");
    CHECK(rig.talk.asked.empty());
}
