// The codec of the v2 draft: updates of the projection in, updates of the wire out.
#include <doctest/doctest.h>

#include "acp/content.hpp"
#include "acp/projection.hpp"
#include "acp/v2/params.hpp"
#include "acp/v2/session_codec.hpp"
#include "acp/v2/shapes.hpp"
#include "acp/v2/terminals.hpp"
#include "base/json.hpp"
#include "base/text.hpp"

using namespace thole;
using Updates = std::vector<Json>;

namespace {

struct Wire {
    acp::v2::Codec codec{State()};
    Updates sent;
    acp::UpdateSink send = [this](const Json& update) { sent.push_back(update); };

    Updates show(const Json& update) {
        codec.show(update, send);
        return std::exchange(sent, {});
    }
    Updates state(const Event& event, const State& state) {
        codec.show_state(event, state, send);
        return std::exchange(sent, {});
    }
    Updates print(const std::string& call_id, const std::string& text) {
        codec.show_output(ToolOutputChunk{call_id, text}, send);
        return std::exchange(sent, {});
    }
};

Json chunk(const char* kind, const char* id, const char* words) {
    return acp::chunk_update(kind, id, acp::text_block(words));
}

Json shell_call(const std::string& status) {
    return Json{{"sessionUpdate", "tool_call"},
                {"toolCallId", "c"},
                {"title", "Run ls"},
                {"name", "bash"},
                {"kind", "execute"},
                {"status", status},
                {"rawInput", {{"command", "ls"}}}};
}

Json ended(const std::string& status, const std::string& exact, const std::string& output) {
    return Json{{"sessionUpdate", "tool_call_update"},
                {"toolCallId", "c"},
                {"status", status},
                {"content", Json::array({acp::tool_content(acp::text_block(output))})},
                {"rawOutput", {{"output", output}}},
                {"_meta", {{"thole", {{"status", exact}}}}}};
}

const Json terminal = {{"type", "terminal"}, {"terminalId", "terminal-c"}};

}  // namespace

TEST_CASE("v2: a prompt is an upsert, what comes after it and answers are chunks") {
    Wire wire;
    Json first{{"sessionUpdate", "user_message"},
               {"messageId", "u1"},
               {"content", Json::array({acp::text_block("a")})}};
    CHECK(wire.show(chunk("user_message_chunk", "u1", "a")) == Updates{first});
    Json second = chunk("user_message_chunk", "u1", "b");
    CHECK(wire.show(second) == Updates{second});
    Json answer = chunk("agent_message_chunk", "m1", "c");
    CHECK(wire.show(answer) == Updates{answer});
}

TEST_CASE("v2: a message without an id gets one") {
    Wire wire;
    Updates shown = wire.show(chunk("agent_thought_chunk", "", "hm"));
    REQUIRE(shown.size() == 1);
    CHECK(text_member(shown[0], "messageId") == "made-1");
}

TEST_CASE("v2: a replay begins each message anew") {
    Wire wire;
    for (int time = 0; time < 2; ++time) {
        wire.codec.begin_replay();
        Updates shown = wire.show(chunk("agent_message_chunk", "m1", "a"));
        REQUIRE(shown.size() == 1);
        CHECK(shown[0]["sessionUpdate"] == "agent_message");
        CHECK(shown[0]["content"] == Json::array({acp::text_block("a")}));
        CHECK(wire.show(chunk("agent_message_chunk", "m1", "b"))[0]["sessionUpdate"] ==
              "agent_message_chunk");
        wire.codec.end_replay();
    }
}

TEST_CASE("v2: a command gets its terminal when it runs") {
    Wire wire;
    Updates pending = wire.show(shell_call("pending"));
    REQUIRE(pending.size() == 1);
    CHECK(pending[0]["sessionUpdate"] == "tool_call_update");
    CHECK(!pending[0].contains("content"));
    Json runs{
        {"sessionUpdate", "tool_call_update"}, {"toolCallId", "c"}, {"status", "in_progress"}};
    Updates running = wire.show(runs);
    REQUIRE(running.size() == 2);
    CHECK(running[0] == Json{{"sessionUpdate", "terminal_update"},
                             {"terminalId", "terminal-c"},
                             {"command", "ls"}});
    CHECK(running[1]["content"] == Json::array({terminal}));
    CHECK(wire.print("c", "a\n") == Updates{{{"sessionUpdate", "terminal_output_chunk"},
                                             {"terminalId", "terminal-c"},
                                             {"data", base64_encode("a\n")}}});
    Updates over = wire.show(ended("failed", "failed", "a\n[exit code 3]"));
    REQUIRE(over.size() == 2);
    CHECK(over[0] == Json{{"sessionUpdate", "terminal_update"},
                          {"terminalId", "terminal-c"},
                          {"exitStatus", {{"exitCode", 3}}}});
    CHECK(over[1]["status"] == "failed");
    CHECK(over[1]["content"] == Json::array({terminal}));
    CHECK(!wire.codec.show_output(ToolOutputChunk{"c", "late"}, wire.send));
}

TEST_CASE("v2: a command that never ran has no terminal") {
    Wire wire;
    wire.show(shell_call("pending"));
    Updates over = wire.show(ended("failed", "denied", "The user said no."));
    REQUIRE(over.size() == 1);
    CHECK(over[0]["status"] == "failed");
    CHECK(over[0]["content"][0]["content"]["text"] == "The user said no.");
}

TEST_CASE("v2: a replayed command has its terminal with all that it printed") {
    Wire wire;
    wire.codec.begin_replay();
    wire.codec.replay(ToolOutputChunk{"c", "a\n"});
    wire.codec.replay(ToolOutputChunk{"c", "b\n"});
    CHECK(wire.show(shell_call("completed")).size() == 1);
    Updates over = wire.show(ended("completed", "completed", "a\nb\n[exit code 0]"));
    REQUIRE(over.size() == 3);
    CHECK(over[0]["output"] == Json{{"data", base64_encode("a\nb\n")}});
    CHECK(over[1]["exitStatus"] == Json{{"exitCode", 0}});
    CHECK(over[2]["content"] == Json::array({terminal}));
}

TEST_CASE("v2: what was cancelled or interrupted says so") {
    Wire wire;
    CHECK(wire.show(ended("failed", "cancelled", ""))[0]["status"] == "cancelled");
    CHECK(wire.show(ended("failed", "interrupted", ""))[0]["status"] == "cancelled");
    CHECK(wire.show(ended("failed", "denied", ""))[0]["status"] == "failed");
}

TEST_CASE("v2: the state is told when it changes, and a turn's end with its reason") {
    Wire wire;
    State state;
    state.is_busy = true;
    CHECK(wire.state(BusyStateChanged{true, "u1", {}, {}, {}}, state) ==
          Updates{{{"sessionUpdate", "state_update"}, {"state", "running"}}});
    CHECK(wire.state(Checkpoint{1}, state).empty());
    state.pending_approvals.push_back(ApprovalRequested{.call_id = "c"});
    CHECK(wire.state(ApprovalRequested{.call_id = "c"}, state) ==
          Updates{{{"sessionUpdate", "state_update"}, {"state", "requires_action"}}});
    state.pending_approvals.clear();
    CHECK(wire.state(ApprovalResolved{.call_id = "c"}, state)[0]["state"] == "running");
    CHECK(wire.state(BusyStateChanged{false, "u2", "cancelled", {}, {}}, state).empty());
    CHECK(wire.state(BusyStateChanged{false, "u1", "limit", {}, {}}, state) ==
          Updates{{{"sessionUpdate", "state_update"},
                   {"state", "idle"},
                   {"stopReason", "max_turn_requests"}}});
    CHECK(wire.state(Checkpoint{2}, state).empty());
}

TEST_CASE("v2: the end of one turn is told again after another") {
    Wire wire;
    for (const char* id : {"u1", "u2"}) {
        wire.state(BusyStateChanged{true, id, {}, {}, {}}, State());
        CHECK(wire.state(BusyStateChanged{false, id, "end_turn", {}, {}}, State()).size() == 1);
    }
}

TEST_CASE("v2: a failed turn tells its error") {
    Wire wire;
    wire.state(BusyStateChanged{true, "u1", {}, {}, {}}, State());
    Updates told =
        wire.state(BusyStateChanged{false, "u1", "error", "authentication", "no key"}, State());
    REQUIRE(told.size() == 1);
    CHECK(told[0]["stopReason"] == "error");
    CHECK(told[0]["error"]["code"] == -32000);
    CHECK(told[0]["error"]["message"] == "no key");
}

TEST_CASE("v2: tasks are a plan of items, also those that were dropped") {
    Wire wire;
    State state;
    TaskItem done{.id = "1", .content = "Count", .status = "completed", .priority = "high"};
    TaskItem dropped{.id = "2", .content = "Paint", .status = "cancelled"};
    acp::Projector projector(acp::Projector::View::live, {}, {});
    Updates v1 = projector.project({1, {}, TodosUpdated{{done, dropped}}}, state);
    REQUIRE(v1.size() == 1);
    Updates shown = wire.show(v1[0]);
    REQUIRE(shown.size() == 1);
    CHECK(shown[0]["sessionUpdate"] == "plan_update");
    const Json& plan = shown[0]["plan"];
    CHECK(plan["planId"] == "tasks");
    REQUIRE(plan["entries"].size() == 2);
    CHECK(plan["entries"][0]["status"] == "completed");
    CHECK(plan["entries"][1]["status"] == "cancelled");
    CHECK(plan["entries"][1]["content"] == "Paint");
}

TEST_CASE("v2: options have configId, modes have no update of their own") {
    Wire wire;
    CHECK(wire.show({{"sessionUpdate", "current_mode_update"}, {"currentModeId", "plan"}}).empty());
    Json option{{"id", "mode"}, {"name", "Mode"}};
    Updates shown = wire.show(
        {{"sessionUpdate", "config_option_update"}, {"configOptions", Json::array({option})}});
    Json changed{{"configId", "mode"}, {"name", "Mode"}};
    REQUIRE(shown.size() == 1);
    CHECK(shown[0]["configOptions"] == Json::array({changed}));
}

TEST_CASE("v2: a diff is a change with a patch of absolute paths") {
    Json item{{"type", "diff"}, {"path", "/w/a.c"}, {"oldText", "a\nb\n"}, {"newText", "a\nc\n"}};
    Json diff = acp::v2::content_item(item);
    CHECK(diff["changes"] ==
          Json::array({{{"operation", "modify"}, {"path", "/w/a.c"}, {"fileType", "text"}}}));
    CHECK(diff["patch"]["text"] ==
          "diff --git /w/a.c /w/a.c\n--- /w/a.c\n+++ /w/a.c\n@@ -1,2 +1,2 @@\n a\n-b\n+c\n");
}

TEST_CASE("v2: new and deleted files name nothing on the other side") {
    CHECK(acp::v2::git_patch({"/w/a", "", "x\n", true, false}) ==
          "diff --git /w/a /w/a\nnew file mode 100644\n--- /dev/null\n+++ /w/a\n@@ -0,0 +1 "
          "@@\n+x\n");
    CHECK(acp::v2::git_patch({"/w/a", "x\n", "", false, true}) ==
          "diff --git /w/a /w/a\ndeleted file mode 100644\n--- /w/a\n+++ /dev/null\n@@ -1 +0,0 "
          "@@\n-x\n");
    CHECK(acp::v2::git_patch({"/w/a", "", "", true, false}) ==
          "diff --git /w/a /w/a\nnew file mode 100644\n");
    CHECK(acp::v2::git_patch({"/w/a", "x", "x", false, false}).empty());
}

TEST_CASE("v2: odd characters of a path are quoted as git does it") {
    std::string patch = acp::v2::git_patch({"/w/\"\t\u00fc", "", "", true, false});
    CHECK(patch.starts_with(R"(diff --git "/w/\"\011\303\274" "/w/\"\011\303\274")"));
}

TEST_CASE("v2: a part of a file has no patch, because its lines have no numbers") {
    Json item{{"type", "diff"},
              {"path", "/w/a"},
              {"oldText", "a\n"},
              {"newText", "b\n"},
              {"_meta", {{"thole", {{"partial", true}}}}}};
    Json diff = acp::v2::content_item(item);
    CHECK(!diff.contains("patch"));
    CHECK(diff["changes"][0]["operation"] == "modify");
    CHECK(diff["_meta"]["thole"]["newText"] == "b\n");
}

TEST_CASE("v2: how a command ended is read from the end of its text") {
    auto end_of = [](const std::string& text) {
        acp::v2::ShellEnd end = acp::v2::shell_end(text);
        return dump_json(acp::v2::exit_status(end)) + " " + end.remark + "|" + end.output;
    };
    CHECK(end_of("a\n[exit code 3]") == "{\"exitCode\":3} |a\n");
    CHECK(end_of("[exit code 0]") == "{\"exitCode\":0} |");
    CHECK(end_of("[killed by signal 9 (Killed)]") == "{\"signal\":\"SIGKILL\"} |");
    CHECK(end_of("a\n[timed out after 5 ms and killed]") ==
          "{} [timed out after 5 ms and killed]|a\n");
    CHECK(end_of("a\n[exit code 1]\n[from a hook: ./check]\nBeware") ==
          "{\"exitCode\":1} [from a hook: ./check]\nBeware|a\n");
    CHECK(end_of("the user said no") == "{} the user said no|");
    CHECK(end_of("") == "{} |");
    CHECK(end_of("[exit code x]") == "{} [exit code x]|");
}

TEST_CASE("v2: a permission is asked with a title, a reason and the call") {
    acp::v2::Codec codec{State()};
    Json call{{"toolCallId", "c"}, {"title", "Write a"}, {"status", "pending"}};
    Json asked = codec.permission({{"sessionId", "s"},
                                   {"toolCall", call},
                                   {"options", Json::array()},
                                   {"_meta", {{"thole", {{"why", "no rule allows it"}}}}}});
    CHECK(asked == Json{{"sessionId", "s"},
                        {"title", "Write a"},
                        {"description", "no rule allows it"},
                        {"subject", {{"type", "tool_call"}, {"toolCall", call}}},
                        {"options", Json::array()},
                        {"_meta", {{"thole", {{"why", "no rule allows it"}}}}}});
}

TEST_CASE("v2: a client must say who it is") {
    CHECK(!acp::v2::read_client(Json::object()));
    CHECK(!acp::v2::read_client({{"info", {{"name", "x"}}}}));
    Result<acp::Client> client =
        acp::v2::read_client({{"info", {{"name", "x"}, {"version", "1"}}},
                              {"capabilities", {{"elicitation", {{"form", Json::object()}}}}}});
    REQUIRE(client);
    CHECK(client->name == "x");
    CHECK(client->shows_forms);
    CHECK(client->wants_echo);
    CHECK(!client->reads_files);
}

TEST_CASE("v2: a replay is from the start or not at all") {
    Json params{{"sessionId", "s"}, {"cwd", "/w"}};
    acp::v2::ResumeParams read;
    CHECK(acp::v2::read(params, read));
    CHECK(!read.replays);
    params["replayFrom"] = {{"type", "start"}};
    CHECK(acp::v2::read(params, read));
    CHECK(read.replays);
    for (const Json& bad : {Json{{"type", "middle"}}, Json("start"), Json::object()}) {
        params["replayFrom"] = bad;
        Result<void> refused = acp::v2::read(params, read);
        REQUIRE(!refused);
        CHECK(refused.error().code == Code::invalid_argument);
    }
}
