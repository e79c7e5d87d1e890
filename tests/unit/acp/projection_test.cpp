#include "acp/projection.hpp"

#include <doctest/doctest.h>

#include "base/json.hpp"

using namespace thole;
using acp::Projector;
using Updates = std::vector<Json>;

namespace {

ToolCallStarted edit_call() {
    ToolCallStarted call;
    call.call_id = "t1";
    call.tool = "edit_file";
    call.title = "Edit\n a.c";
    call.kind = "edit";
    call.effect = "edit";
    call.input = JsonValue(Json{{"path", "/p/a.c"}});
    call.locations = {{"/p/a.c", 3}, {"relative.c", 1}};
    call.diffs = {{"/p/a.c", false, false, "old\n", "new\n"}};
    return call;
}

ToolCallCompleted completed(const std::string& status, const std::string& output) {
    ToolCallCompleted call;
    call.call_id = "t1";
    call.status = status;
    call.output = output;
    return call;
}

const Json edit_fields = {
    {"sessionUpdate", "tool_call"},
    {"toolCallId", "t1"},
    {"title", "Edit a.c"},
    {"name", "edit_file"},
    {"kind", "edit"},
    {"status", "pending"},
    {"rawInput", {{"path", "/p/a.c"}}},
    {"locations", Json::array({{{"path", "/p/a.c"}, {"line", 3}}})},
    {"content",
     Json::array(
         {{{"type", "diff"}, {"path", "/p/a.c"}, {"oldText", "old\n"}, {"newText", "new\n"}}})},
    {"_meta", {{"thole", {{"effect", "edit"}}}}}};

Json text(const std::string& words) {
    return Json{{"type", "text"}, {"text", words}};
}

Json item(const std::string& words) {
    return Json{{"type", "content"}, {"content", text(words)}};
}

// What a projector gives for the events, in one list.
Updates project(Projector& projector, const std::vector<Event>& events, const State& state = {}) {
    Updates all;
    std::uint64_t id = 0;
    for (const Event& event : events) {
        Updates updates = projector.project(Envelope{++id, {}, event}, state);
        all.insert(all.end(), updates.begin(), updates.end());
    }
    return all;
}

Updates live(const std::vector<Event>& events, const State& state = {},
             const acp::Client& client = {}) {
    Projector projector(Projector::View::live, client, {});
    return project(projector, events, state);
}

Updates replayed(const std::vector<Event>& events, bool turn_runs = false) {
    Projector projector(Projector::View::replay, {}, {});
    Updates all = project(projector, events);
    Updates end = projector.end_replay(turn_runs);
    all.insert(all.end(), end.begin(), end.end());
    return all;
}

}  // namespace

TEST_CASE("a live call begins pending, runs when it is allowed and ends with its diff") {
    Json begun{
        {"sessionUpdate", "tool_call_update"}, {"toolCallId", "t1"}, {"status", "in_progress"}};
    Json ended{{"sessionUpdate", "tool_call_update"},
               {"toolCallId", "t1"},
               {"status", "completed"},
               {"content", Json::array({edit_fields["content"][0], item("done")})},
               {"rawOutput", {{"output", "done"}}},
               {"_meta", {{"thole", {{"status", "completed"}}}}}};
    CHECK(live({edit_call(), ApprovalResolved{"t1", "allow", "once", "policy", {}, {}},
                completed("completed", "done")}) == Updates{edit_fields, begun, ended});
}

TEST_CASE("a denied call never runs and does not show its diff as done") {
    Json ended{{"sessionUpdate", "tool_call_update"},
               {"toolCallId", "t1"},
               {"status", "failed"},
               {"content", Json::array({item("no")})},
               {"rawOutput", {{"output", "no"}}},
               {"_meta", {{"thole", {{"status", "denied"}}}}}};
    CHECK(live({edit_call(), ApprovalResolved{"t1", "deny", "once", "user", "no", {}},
                completed("denied", "no")}) == Updates{edit_fields, ended});
}

TEST_CASE("what was kept from happening stands at the end of the call, live and replayed") {
    EffectRefused refused{"t1", "bash", "delete", "unlink /w/a", "Landlock", "only reads"};
    EffectRefused late = refused;
    late.what = "unlink /w/b";
    std::vector<Event> events{edit_call(), refused, completed("failed", "no"), late};
    Json list = Json::array({{{"effect", "delete"},
                              {"what", "unlink /w/a"},
                              {"by", "Landlock"},
                              {"reason", "only reads"}}});
    for (const Updates& updates : {live(events), replayed(events)}) {
        REQUIRE(updates.size() == 2);
        CHECK(updates[1]["_meta"]["thole"]["refused"] == list);
    }
}

TEST_CASE("a replay shows each call once and with its final status") {
    Json first = edit_fields;
    first["status"] = "completed";
    Updates updates =
        replayed({edit_call(), ApprovalResolved{"t1", "allow", "once", "policy", {}, {}},
                  completed("completed", "done")});
    REQUIRE(updates.size() == 2);
    CHECK(updates[0] == first);
    CHECK(updates[1]["sessionUpdate"] == Json("tool_call_update"));
    CHECK(updates[1]["status"] == Json("completed"));
}

TEST_CASE("a replayed call that never ended is failed, unless its turn still runs") {
    Json failed = edit_fields;
    failed["status"] = "failed";
    CHECK(replayed({edit_call()}) == Updates{failed});
    CHECK(replayed({edit_call()}, true) == Updates{edit_fields});
}

TEST_CASE("text and thoughts are replayed with their ids and skipped live") {
    std::vector<Event> events{MessageReceived{"user", "u1", "hello", {}, {}, {}},
                              ThoughtStreamed{"m1t1", "hm", {}, false},
                              ThoughtStreamed{"m1t1", {}, "signature", false},
                              ThoughtStreamed{"m1r1", "x", {}, true},
                              TokensStreamed{"m1", "hi"},
                              MessageReceived{"assistant", "m1", "hi", {}, "end_turn", "demo/x"}};
    Updates expected{
        {{"sessionUpdate", "user_message_chunk"}, {"messageId", "u1"}, {"content", text("hello")}},
        {{"sessionUpdate", "agent_thought_chunk"}, {"messageId", "m1t1"}, {"content", text("hm")}},
        {{"sessionUpdate", "agent_message_chunk"}, {"messageId", "m1"}, {"content", text("hi")}}};
    CHECK(replayed(events) == expected);
    CHECK(live(events) == Updates{expected[0]});
}

TEST_CASE("the blocks of a prompt are replayed as they came") {
    Json link{{"type", "resource_link"}, {"uri", "file:///p/a.c"}, {"name", "a.c"}};
    MessageReceived prompt{"user", "u1", "look", JsonValue(Json::array({text("look"), link})),
                           {},     {}};
    CHECK(
        replayed({prompt}) ==
        Updates{{{"sessionUpdate", "user_message_chunk"},
                 {"messageId", "u1"},
                 {"content", text("look")}},
                {{"sessionUpdate", "user_message_chunk"}, {"messageId", "u1"}, {"content", link}}});
}

TEST_CASE("tasks are a plan without the cancelled ones, and the whole list beside it") {
    TaskItem dropped;
    dropped.id = "7";
    dropped.content = "rest";
    dropped.status = "cancelled";
    dropped.priority = "low";
    dropped.reason = "no need";
    TaskItem open;
    open.id = "2";
    open.content = "write";
    open.status = "in_progress";
    open.priority = "high";
    open.created_at = "t1";
    open.updated_at = "t2";
    open.started_at = "t3";
    open.plan_step = 4;
    open.files = {"/w/a.c"};
    open.workers = {"k1"};
    Json plan = *parse_json(R"({"sessionUpdate":"plan","entries":[
        {"content":"write","priority":"high","status":"in_progress",
         "_meta":{"thole":{"task":{"id":"2","number":2}}}}],
        "_meta":{"thole":{"tasks":[
          {"number":1,"id":"7","content":"rest","status":"cancelled","priority":"low",
           "createdAt":"","updatedAt":"","files":[],"workers":[],"reason":"no need"},
          {"number":2,"id":"2","content":"write","status":"in_progress","priority":"high",
           "createdAt":"t1","updatedAt":"t2","startedAt":"t3","planStep":4,
           "files":["/w/a.c"],"workers":["k1"]}]}}})");
    CHECK(live({TodosUpdated{{dropped, open}}}) == Updates{plan});
    SUBCASE("a replay shows the last plan, at its end") {
        CHECK(replayed(
                  {TodosUpdated{{open}}, TodosUpdated{{dropped, open}}, TokensStreamed{"m", "x"}})
                  .back() == plan);
    }
    SUBCASE("a turn that begins with open tasks shows the plan again") {
        State state;
        state.tasks = {dropped, open};
        CHECK(live({BusyStateChanged{true, "u", {}, {}, {}}}, state) == Updates{plan});
        state.tasks = {dropped};
        CHECK(live({BusyStateChanged{true, "u", {}, {}, {}}}, state).empty());
    }
}

TEST_CASE("a change of mode or model tells both families of clients") {
    State state;
    state.mode = "plan";
    Updates updates = live({ModeChanged{"plan", "user"}}, state);
    REQUIRE(updates.size() == 2);
    CHECK(updates[0] == Json{{"sessionUpdate", "current_mode_update"}, {"currentModeId", "plan"}});
    CHECK(updates[1]["configOptions"][0]["currentValue"] == Json("plan"));
    CHECK(live({ModelChanged{"a/b", {}, "user"}}, state).size() == 1);
    CHECK(replayed({ModeChanged{"plan", "user"}}).empty());
}

TEST_CASE("usage is shown when the size of the context is known, and its cost when that is") {
    State state;
    CHECK(live({CostUpdated{}}, state).empty());
    state.usage.context_used = 10;
    state.usage.context_size = 100;
    state.usage.model_requests = 1;
    state.usage.cost_usd = 0.5;
    CHECK(live({CostUpdated{}}, state) ==
          Updates{{{"sessionUpdate", "usage_update"},
                   {"used", 10},
                   {"size", 100},
                   {"cost", {{"amount", 0.5}, {"currency", "USD"}}}}});
    state.usage.price_known = false;
    CHECK(live({CostUpdated{}}, state) ==
          Updates{{{"sessionUpdate", "usage_update"}, {"used", 10}, {"size", 100}}});
}

TEST_CASE("a new title is told once, at the end of the turn") {
    State state;
    state.title = "Fix a.c";
    state.updated_at = "2026-11-20T13:05:09.123Z";
    BusyStateChanged end{false, "u", "end_turn", {}, {}};
    CHECK(live({end, end}, state) == Updates{{{"sessionUpdate", "session_info_update"},
                                              {"title", "Fix a.c"},
                                              {"updatedAt", "2026-11-20T13:05:09.123Z"}}});
}

TEST_CASE("a retry is a notice where those are shown, else a thought") {
    ErrorReported error{"unavailable", "trying again in 2 s", {}, true};
    CHECK(live({error}) == Updates{{{"sessionUpdate", "agent_thought_chunk"},
                                    {"messageId", "r1"},
                                    {"content", text("trying again in 2 s")}}});
    acp::Client client;
    client.shows_notices = true;
    CHECK(live({error}, {}, client) == Updates{{{"sessionUpdate", "notice"},
                                                {"severity", "warning"},
                                                {"title", "trying again in 2 s"}}});
    Projector past(Projector::View::replay, client, {});
    CHECK(project(past, {error}).empty());
    error.retrying = false;
    CHECK(live({error}).empty());
}

TEST_CASE("output that grows is shown in whole, or its end when it is long") {
    Projector projector(Projector::View::live, {}, {});
    ToolCallStarted call;
    call.call_id = "t1";
    call.kind = "execute";
    project(projector, {call});
    CHECK(!projector.take_output({"t2", "x"}));
    CHECK(projector.take_output({"t1", "one\n"}));
    CHECK(projector.take_output({"t1", "two\n"}));
    CHECK(projector.output_update("t1") ==
          Json{{"sessionUpdate", "tool_call_update"},
               {"toolCallId", "t1"},
               {"content", Json::array({item("```\none\ntwo\n```")})}});
    for (int i = 0; i < 100; ++i) projector.take_output({"t1", std::string(10'000, 'x')});
    Json update = *projector.output_update("t1");
    auto shown = update["content"][0]["content"]["text"].get<std::string>();
    CHECK(shown.size() < 70'000);
    CHECK(shown.starts_with("```\n[earlier output left out]"));
    CHECK(!projector.output_update("t2"));
}

TEST_CASE("a replayed call that runs shows its output so far, and a live view goes on from there") {
    ToolCallStarted call;
    call.call_id = "t1";
    call.kind = "execute";
    const std::vector<Event> begun{call, ApprovalResolved{"t1", "allow", "once", "policy", {}, {}}};
    Projector past(Projector::View::replay, {}, {});
    project(past, begun);
    project(past, {ToolOutputChunk{"t1", "one\n"}, ToolOutputChunk{"t1", "two\n"}});
    Updates end = past.end_replay(true);
    REQUIRE(end.size() == 1);
    CHECK(end[0]["status"] == "in_progress");
    CHECK(dump_json(end[0]["content"]).find("one\\ntwo\\n") != std::string::npos);

    Projector now(Projector::View::live, {}, {});
    project(now, begun);
    now.know_output(past);
    CHECK(now.take_output(ToolOutputChunk{"t1", "three\n"}));
    Json grown = *now.output_update("t1");
    CHECK(dump_json(grown["content"]).find("one\\ntwo\\nthree\\n") != std::string::npos);
}

TEST_CASE("an open call can be repeated for a permission request") {
    Projector projector(Projector::View::live, {}, {});
    project(projector, {edit_call()});
    Json expected = edit_fields;
    expected.erase("sessionUpdate");
    CHECK(projector.open_call("t1") == expected);
    project(projector, {completed("completed", "")});
    CHECK(!projector.open_call("t1"));
}

TEST_CASE("a compaction is one thing from its begin to its end, where the client shows it") {
    acp::Client client;
    client.shows_compactions = true;
    Projector shown(Projector::View::live, client, {});
    std::vector<Event> story{
        ContextCompaction{"started", {}, {}, 90, 0, 0},
        ContextCompaction{"completed", "They rowed.", {}, 90, 9, 2},
        ContextCompaction{"started", {}, {}, 80, 0, 0},
        ContextCompaction{"failed", {}, "no\nink", 80, 0, 0},
        ContextCompaction{"started", {}, {}, 70, 0, 0},
        BusyStateChanged{},
    };
    Json completed{{"sessionUpdate", "compaction_update"},
                   {"compactionId", "c1"},
                   {"status", "completed"},
                   {"summary", Json::array({text("They rowed.")})},
                   {"_meta", {{"thole", {{"beforeTokens", 90}, {"afterTokens", 9}}}}}};
    auto update = [](const char* id, const char* status) {
        return Json{
            {"sessionUpdate", "compaction_update"}, {"compactionId", id}, {"status", status}};
    };
    Json failed = update("c3", "failed");
    failed["error"] = "no ink";
    CHECK(project(shown, story) == Updates{update("c1", "in_progress"), completed,
                                           update("c3", "in_progress"), failed,
                                           update("c5", "in_progress"), update("c5", "cancelled")});
    Projector replay(Projector::View::replay, client, {});
    CHECK(project(replay, story) == Updates{completed, failed});
}
