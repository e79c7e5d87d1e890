// Calls whose output a terminal shows: the client's own, or one that shows what we send.
#include <doctest/doctest.h>

#include "acp/projection.hpp"
#include "base/json.hpp"

using namespace thole;
using acp::Projector;
using Updates = std::vector<Json>;

namespace {

Envelope begun(const Json& input = {{"command", "make"}}) {
    ToolCallStarted call;
    call.call_id = "t1";
    call.tool = "bash";
    call.kind = "execute";
    call.title = "`make`";
    call.input = JsonValue(input);
    return Envelope{1, {}, call};
}

Envelope allowed() {
    return Envelope{2, {}, ApprovalResolved{.call_id = "t1", .decision = "allow"}};
}

Envelope ended(const std::string& output, const std::string& status = "completed") {
    ToolCallCompleted call;
    call.call_id = "t1";
    call.status = status;
    call.output = output;
    return Envelope{3, {}, call};
}

State in_p() {
    State state;
    state.cwd = "/p";
    return state;
}

acp::Client zed() {
    acp::Client client;
    client.shows_terminals = true;
    return client;
}

Json terminal(const std::string& id) {
    return Json{{"type", "terminal"}, {"terminalId", id}};
}

Json words(const std::string& text) {
    return Json{{"type", "content"}, {"content", {{"type", "text"}, {"text", text}}}};
}

}  // namespace

TEST_CASE("a call in the client's terminal shows it, up to its end and beyond") {
    Projector live(Projector::View::live, {}, {});
    const State state = in_p();
    live.project(begun(), state);
    live.project(allowed(), state);
    CHECK(live.open_terminal("t1", "T") == Json{{"sessionUpdate", "tool_call_update"},
                                                {"toolCallId", "t1"},
                                                {"content", Json::array({terminal("T")})}});
    CHECK_FALSE(live.open_terminal("t2", "T"));
    CHECK(live.take_output({"t1", "out"}));
    CHECK_FALSE(live.output_update("t1"));
    CHECK_FALSE(live.output_piece("t1"));
    Updates end = live.project(ended("out\n[exit code 0]"), state);
    REQUIRE(end.size() == 1);
    CHECK(end[0]["content"] == Json::array({terminal("T")}));
    CHECK(end[0]["rawOutput"]["output"] == "out\n[exit code 0]");
    CHECK_FALSE(end[0]["_meta"].contains("terminal_exit"));
}

TEST_CASE("an end that a terminal cannot show is said beside it") {
    Projector live(Projector::View::live, {}, {});
    live.project(begun(), in_p());
    live.project(allowed(), in_p());
    (void)live.open_terminal("t1", "T");
    Updates end = live.project(ended("out\n[timed out after 5 ms and killed]", "failed"), in_p());
    CHECK(end[0]["content"] ==
          Json::array({terminal("T"), words("[timed out after 5 ms and killed]")}));
}

TEST_CASE("a terminal that shows what we send has a beginning, pieces and an end") {
    Projector live(Projector::View::live, zed(), {});
    const State state = in_p();
    Updates begin = live.project(begun(), state);
    REQUIRE(begin.size() == 1);
    CHECK(begin[0]["content"] == Json::array({terminal("t1")}));
    CHECK(begin[0]["_meta"]["terminal_info"] == Json{{"terminal_id", "t1"}, {"cwd", "/p"}});
    live.project(allowed(), state);
    CHECK_FALSE(live.output_piece("t1"));
    (void)live.take_output({"t1", "on"});
    (void)live.take_output({"t1", "e\n"});
    Json piece{{"sessionUpdate", "tool_call_update"},
               {"toolCallId", "t1"},
               {"_meta", {{"terminal_output", {{"terminal_id", "t1"}, {"data", "one\n"}}}}}};
    CHECK(live.output_piece("t1") == piece);
    CHECK_FALSE(live.output_update("t1"));
    (void)live.take_output({"t1", "two\n"});
    piece["_meta"]["terminal_output"]["data"] = "two\n";
    Updates end = live.project(ended("one\ntwo\n[exit code 3]", "failed"), state);
    REQUIRE(end.size() == 2);
    CHECK(end[0] == piece);
    CHECK(end[1]["_meta"]["terminal_exit"] == Json{{"terminal_id", "t1"}, {"exit_code", 3}});
    CHECK(end[1]["content"] == Json::array({terminal("t1")}));
}

TEST_CASE("a signal is named; what was denied ends without either") {
    Projector killed(Projector::View::live, zed(), {});
    killed.project(begun(), in_p());
    killed.project(allowed(), in_p());
    Updates end = killed.project(ended("[killed by signal 9 (Killed)]", "failed"), in_p());
    CHECK(end[0]["_meta"]["terminal_exit"] == Json{{"terminal_id", "t1"}, {"signal", "SIGKILL"}});
    Projector denied(Projector::View::live, zed(), {});
    denied.project(begun(), in_p());
    end = denied.project(ended("No.", "denied"), in_p());
    CHECK(end[0]["_meta"]["terminal_exit"] == Json{{"terminal_id", "t1"}});
    CHECK(end[0]["content"] == Json::array({words("No.")}));
}

TEST_CASE("neither in the background, nor in a replay, nor for those who came later") {
    Projector live(Projector::View::live, zed(), {});
    Updates begin = live.project(begun({{"command", "x"}, {"run_in_background", true}}), in_p());
    CHECK_FALSE(begin[0].contains("content"));
    Projector looking(Projector::View::live, zed(), {});
    begin = looking.project(begun({{"job", "job-1"}, {"action", "output"}}), in_p());
    CHECK_FALSE(begin[0].contains("content"));
    Projector past(Projector::View::replay, zed(), {});
    past.project(begun(), in_p());
    past.project(allowed(), in_p());
    Updates replayed = past.project(ended("[exit code 0]"), in_p());
    CHECK(dump_json(replayed).find("terminal") == std::string::npos);
    Projector late(Projector::View::live, zed(), {});
    late.project(begun(), in_p());
    late.project(allowed(), in_p());
    late.forget_terminals();
    (void)late.take_output({"t1", "out"});
    CHECK(late.output_update("t1").has_value());
    Updates end = late.project(ended("out\n[exit code 0]"), in_p());
    REQUIRE(end.size() == 1);
    CHECK(dump_json(end[0]).find("terminal") == std::string::npos);
}
