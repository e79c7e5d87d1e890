#include "journal/state.hpp"

#include <doctest/doctest.h>

#include "base/json.hpp"
#include "unit/journal/samples.hpp"

using namespace thole;
using Kind = ContextItem::Kind;

namespace {

State fold(const std::vector<Event>& events) {
    State state;
    for (const Event& event : events) {
        apply(state, test::envelope(state.last_event_id + 1, event));
    }
    return state;
}

// "user:hi", "answer:text" (open: "answer+:text"), "call:c1", "result:c1", …
std::vector<std::string> context(const State& state) {
    constexpr const char* names[] = {"user", "answer", "thought", "call", "result", "summary"};
    std::vector<std::string> lines;
    for (const ContextItem& item : state.context) {
        std::string line = names[static_cast<std::size_t>(item.kind)];
        line += item.is_open ? "+:" : ":";
        lines.push_back(line + (item.call_id.empty() ? item.text : item.call_id));
    }
    return lines;
}
using Lines = std::vector<std::string>;

Event prompt(const std::string& text) {
    return MessageReceived{.role = "user", .message_id = "p", .content = text};
}
Event answer_ended(const std::string& message, const std::string& content = "") {
    return MessageReceived{.role = "assistant", .message_id = message, .content = content};
}
Event call(const std::string& id, const std::string& message = "m") {
    return ToolCallStarted{.call_id = id, .tool = "bash", .message_id = message};
}
Event result(const std::string& id, const std::string& status = "completed") {
    return ToolCallCompleted{.call_id = id, .status = status, .output = "out"};
}
Event compacted(std::int64_t kept) {
    return ContextCompaction{.phase = "completed", .summary = "S", .kept_messages = kept};
}

}  // namespace

TEST_CASE("a session starts with what its first event says") {
    const State state = fold({test::one_of_each()[0]});
    State expected;
    expected.id = "id";
    expected.workspace = "/w";
    expected.cwd = "/w/sub";
    expected.model = "demo/demo";
    expected.mode = "default";
    expected.branch = "main";
    expected.parent_session_id = "parent";
    expected.spawn_reason = "reason";
    expected.inherited_summary = "summary";
    expected.additional_directories = {"/x", "/y"};
    expected.pid = 42;
    expected.process_start = 4711;
    expected.thought_level = "high";
    expected.socket_path = "/run/s.sock";
    expected.agent = "helper";
    expected.forked_from = "other";
    expected.last_event_id = 1;
    expected.created_at = expected.updated_at = rfc3339(test::envelope(1, {}).time);
    CHECK((state == expected));
}

TEST_CASE("a title that was chosen is kept, whenever the first prompt comes") {
    const Event chosen = TitleChanged{"Mine", "user"};
    CHECK(fold({prompt("hi")}).title == "hi");
    CHECK(fold({chosen, prompt("hi")}).title == "Mine");
    CHECK(fold({prompt("hi"), chosen, prompt("more")}).title == "Mine");
}

TEST_CASE("titles and archives are no work: the session is as old as it was") {
    const State before = fold({prompt("hi")});
    const State after = fold({prompt("hi"), TitleChanged{"T", "user"}, ArchiveChanged{true, ""}});
    CHECK(after.updated_at == before.updated_at);
    CHECK(after.is_archived);
    CHECK(!fold({ArchiveChanged{true, ""}, ArchiveChanged{false, ""}}).is_archived);
}

TEST_CASE("a resume keeps what the session has, but for its folders, and takes the new process") {
    const State state =
        fold({SessionStarted{
                  .session_id = "s", .model = "a", .additional_directories = {"/x"}, .pid = 1},
              prompt("hi"), TokensStreamed{"m", "half"}, BusyStateChanged{.busy = true},
              SessionEnded{"failed"}, SessionStarted{.model = "b", .pid = 2, .resumed = true}});
    CHECK(state.id == "s");
    CHECK(state.model == "b");
    CHECK(state.pid == 2);
    CHECK(state.status == "running");
    CHECK(state.prompts == 1);
    CHECK(state.additional_directories == Lines{});
    CHECK_FALSE(state.is_busy);
    CHECK(context(state) == Lines{"user:hi", "answer:half"});
    CHECK(state.created_at == rfc3339(test::envelope(1, {}).time));
    CHECK(state.updated_at == rfc3339(test::envelope(6, {}).time));
}

TEST_CASE("the title is the first line of the first prompt, at most 80 characters") {
    CHECK(fold({prompt("\n  Fix the build  \nplease"), prompt("more")}).title == "Fix the build");
    std::string umlauts, expected;
    for (int i = 0; i < 100; ++i) umlauts += "ü";
    for (int i = 0; i < 80; ++i) expected += "ü";
    CHECK(fold({prompt(umlauts)}).title == expected);
    const Json blocks{{{"type", "image"}}, {{"type", "text"}, {"text", "What is this?"}}};
    CHECK(fold({MessageReceived{.role = "user", .blocks = blocks}}).title == "What is this?");
}

TEST_CASE("slash commands are no prompts") {
    const State state = fold({MessageReceived{.role = "command", .content = "/help"}});
    CHECK(state.prompts == 0);
    CHECK(state.title.empty());
    CHECK(state.context.empty());
}

TEST_CASE("streamed text grows one open answer until the answer ends") {
    const std::vector<Event> streaming{prompt("hi"), TokensStreamed{"m", "a"},
                                       TokensStreamed{"m", "b"}};
    CHECK(context(fold(streaming)) == Lines{"user:hi", "answer+:ab"});
    auto ended = streaming;
    ended.push_back(answer_ended("m", "ab"));
    CHECK(context(fold(ended)) == Lines{"user:hi", "answer:ab"});
}

TEST_CASE("an answer without streamed text has its content, before its calls") {
    CHECK(context(fold({answer_ended("m", "text")})) == Lines{"answer:text"});
    CHECK(context(fold({answer_ended("m")})).empty());
    CHECK(context(fold({prompt("hi"), call("c1"), answer_ended("m", "text")})) ==
          Lines{"user:hi", "answer:text", "call+:c1"});
}

TEST_CASE("thoughts and text of one answer keep their order") {
    const State state = fold(
        {ThoughtStreamed{"m", "t1", "", false}, ThoughtStreamed{"m", "", "sig", false},
         ThoughtStreamed{"m", "t2", "", false}, TokensStreamed{"m", "text"},
         ThoughtStreamed{"m", "t3", "", false}, TokensStreamed{"m", "more"}, answer_ended("m")});
    CHECK(context(state) ==
          Lines{"thought:t1", "thought:t2", "answer:text", "thought:t3", "answer:more"});
    CHECK(state.context[0].signature == "sig");
    CHECK(state.context[1].signature.empty());
}

TEST_CASE("a redacted thought stands alone") {
    const State state =
        fold({ThoughtStreamed{"m", "a", "", false}, ThoughtStreamed{"m", "x", "", true},
              ThoughtStreamed{"m", "b", "", false}});
    CHECK(context(state) == Lines{"thought+:a", "thought+:x", "thought+:b"});
    CHECK(state.context[1].redacted);
    CHECK_FALSE(state.context[2].redacted);
}

TEST_CASE("a call is open until its result") {
    const State open = fold({call("c1"), call("c2"), result("c2", "failed")});
    CHECK(context(open) == Lines{"call+:c1", "call:c2", "result:c2"});
    CHECK((open.open_calls ==
           std::vector{ToolCallStarted{.call_id = "c1", .tool = "bash", .message_id = "m"}}));
    CHECK(open.usage.tool_calls == 2);
    CHECK(open.context[2].is_error);
    CHECK(open.context[2].tool == "bash");
    CHECK(open.context[2].text == "out");
    const State closed = fold({call("c1"), result("c1")});
    CHECK(closed.open_calls.empty());
    CHECK_FALSE(closed.context[1].is_error);
}

TEST_CASE("a result whose call is unknown or answered is left out") {
    CHECK(context(fold({result("c1")})).empty());
    CHECK(context(fold({call("c1"), result("c1"), result("c1")})) == Lines{"call:c1", "result:c1"});
}

TEST_CASE("what a call waits for goes with its end") {
    const std::vector<Event> waiting{call("c1"), ApprovalRequested{.call_id = "c1"},
                                     QuestionRequested{.question_id = "q1", .call_id = "c1"}};
    CHECK(fold(waiting).pending_approvals.size() == 1);
    CHECK(fold(waiting).pending_questions.size() == 1);
    auto ended = waiting;
    ended.push_back(result("c1", "interrupted"));
    CHECK(fold(ended).pending_approvals.empty());
    CHECK(fold(ended).pending_questions.empty());
}

TEST_CASE("decisions and answers settle what was asked") {
    const State state =
        fold({ApprovalRequested{.call_id = "c1"}, ApprovalRequested{.call_id = "c2"},
              ApprovalResolved{.call_id = "c1", .decision = "deny"},
              QuestionRequested{.question_id = "q1"}, QuestionRequested{.question_id = "q2"},
              QuestionResolved{.question_id = "q1"}});
    CHECK((state.pending_approvals == std::vector{ApprovalRequested{.call_id = "c2"}}));
    CHECK((state.pending_questions == std::vector{QuestionRequested{.question_id = "q2"}}));
}

TEST_CASE("only what was allowed for the session is granted, once") {
    const auto decided = [](std::string decision, std::string scope) -> Event {
        return ApprovalResolved{"c", std::move(decision), std::move(scope), "user",
                                "",  {"r1", "r2"}};
    };
    CHECK(fold({decided("allow", "once")}).granted_rules.empty());
    CHECK(fold({decided("deny", "session")}).granted_rules.empty());
    CHECK(fold({decided("allow", "session"), decided("allow", "session")}).granted_rules ==
          Lines{"r1", "r2"});
}

TEST_CASE("costs are summed and the context is the last one told") {
    const State state = fold({CostUpdated{"m", 1, 2, 3, 4, 5, 0.5, true, 10, 100},
                              CostUpdated{"m", 10, 20, 30, 40, 50, 0.25, false, 20, 200}});
    const Usage expected{.input_tokens = 11,
                         .output_tokens = 22,
                         .cached_read_tokens = 33,
                         .cached_write_tokens = 44,
                         .thought_tokens = 55,
                         .model_requests = 2,
                         .cost_usd = 0.75,
                         .price_known = false,
                         .context_used = 20,
                         .context_size = 200};
    CHECK((state.usage == expected));
}

TEST_CASE("a broken-off answer is forgotten, a finished one is not") {
    const State state = fold({prompt("hi"), TokensStreamed{"m1", "done"}, answer_ended("m1"),
                              ThoughtStreamed{"m2", "t", "", false}, TokensStreamed{"m2", "half"},
                              ErrorReported{"unavailable", "cut", "m2", true},
                              ErrorReported{"unavailable", "cut", "m1", true}});
    CHECK(context(state) == Lines{"user:hi", "answer:done"});
    CHECK(state.last_error.empty());
    CHECK(fold({ErrorReported{"io", "disk", "", false}}).last_error == "disk");
}

TEST_CASE("a broken-off answer takes its thoughts with it, signed or not") {
    const State state = fold(
        {ThoughtStreamed{"m1t1", "kept", "s0", false}, answer_ended("m1"),
         ThoughtStreamed{"m12t1", "other's", "", false}, ThoughtStreamed{"m2t1", "a", "", false},
         ThoughtStreamed{"m2t1", "", "s1", false}, ThoughtStreamed{"m2r1", "", "s2", true},
         ErrorReported{"unavailable", "cut", "m2", true},
         ErrorReported{"unavailable", "cut", "m1", true}});
    CHECK(context(state) == Lines{"thought:kept", "thought+:other's"});
}

TEST_CASE("thoughts and texts of an answer keep their order, thoughts without words too") {
    const State state = fold({ThoughtStreamed{"m1t1", "a", "", false},
                              ThoughtStreamed{"m1t1", "", "s1", false}, TokensStreamed{"m1", "b"},
                              TokensStreamed{"m1", "c"}, ThoughtStreamed{"m1t2", "", "s2", false},
                              TokensStreamed{"m1", "d"}, answer_ended("m1", "bcd")});
    CHECK(context(state) == Lines{"thought:a", "answer:bc", "thought:", "answer:d"});
    CHECK(state.context[2].signature == "s2");
}

TEST_CASE("the end of a turn closes what streamed") {
    const State busy =
        fold({BusyStateChanged{.busy = true, .message_id = "p"}, TokensStreamed{"m", "a"}});
    CHECK(busy.is_busy);
    CHECK(busy.busy_message_id == "p");
    const State idle =
        fold({BusyStateChanged{.busy = true, .message_id = "p"}, TokensStreamed{"m", "a"},
              BusyStateChanged{.busy = false, .error = "gone"}});
    CHECK_FALSE(idle.is_busy);
    CHECK(idle.busy_message_id.empty());
    CHECK(idle.last_error == "gone");
    CHECK(context(idle) == Lines{"answer:a"});
}

TEST_CASE("modes, models, tasks and plans are what was told last") {
    const std::vector<TaskItem> tasks{{.id = "1", .content = "x"}};
    const PlanUpdated plan{"/p", "# p", "cafe", "root", 2};
    const State state = fold({ModeChanged{"plan", "user"}, ModelChanged{"a/b", "high", "user"},
                              TodosUpdated{tasks}, plan});
    CHECK(state.mode == "plan");
    CHECK(state.model == "a/b");
    CHECK(state.thought_level == "high");
    CHECK((state.tasks == tasks));
    CHECK((state.plan == plan));
    CHECK(state.plan_status == "drafting");
    const PlanStatusChanged handed_in{"in_review", "", "cafe", 2};
    CHECK(fold({plan, handed_in}).plan_status == "in_review");
    const auto reviewed = [&](const char* decision) {
        return fold({plan, handed_in, PlanReviewed{.decision = decision}}).plan_status;
    };
    CHECK(reviewed("approved") == "approved");
    CHECK(reviewed("rejected") == "rejected");
    CHECK(reviewed("feedback") == "drafting");
}

TEST_CASE("compaction keeps the summary and the last items") {
    const std::vector<Event> talk{prompt("1"), prompt("2"), prompt("3")};
    const auto after = [&](std::int64_t kept) {
        auto events = talk;
        events.push_back(compacted(kept));
        return context(fold(events));
    };
    CHECK(after(1) == Lines{"summary:S", "user:3"});
    CHECK(after(0) == Lines{"summary:S"});
    CHECK(after(-1) == Lines{"summary:S"});
    CHECK(after(99) == Lines{"summary:S", "user:1", "user:2", "user:3"});
    CHECK(context(fold({prompt("1"), compacted(0), prompt("2"), compacted(9)})) ==
          Lines{"summary:S", "user:2"});
    CHECK(context(fold({prompt("1"), ContextCompaction{.phase = "failed", .summary = "S"}})) ==
          Lines{"user:1"});
}

TEST_CASE("compaction never splits a result from its call nor an answer") {
    const std::vector<Event> turn{prompt("1"),       TokensStreamed{"m", "text"},
                                  answer_ended("m"), call("c1"),
                                  call("c2"),        result("c1"),
                                  result("c2"),      prompt("2")};
    for (std::int64_t kept = 2; kept <= 6; ++kept) {
        auto events = turn;
        events.push_back(compacted(kept));
        CHECK(context(fold(events)) == Lines{"summary:S", "answer:text", "call:c1", "call:c2",
                                             "result:c1", "result:c2", "user:2"});
    }
}

TEST_CASE("compaction never parts an answer from the thoughts that led to it") {
    const std::vector<Event> turn{prompt("1"),
                                  ThoughtStreamed{"mt1", "hm"},
                                  ThoughtStreamed{"mt1", "", "signed"},
                                  ThoughtStreamed{"mr1", "", "secret", true},
                                  answer_ended("m"),
                                  call("c1"),
                                  result("c1"),
                                  prompt("2")};
    const auto after = [&](std::int64_t kept) {
        auto events = turn;
        events.push_back(compacted(kept));
        return context(fold(events)).size();
    };
    CHECK(after(1) == 2);
    for (std::int64_t kept = 2; kept <= 5; ++kept) CHECK(after(kept) == 6);
}

TEST_CASE("compaction keeps a call that still runs") {
    CHECK(context(fold({prompt("1"), call("c1"), prompt("2"), compacted(0)})) ==
          Lines{"summary:S", "call+:c1", "user:2"});
}

TEST_CASE("the end of a session gives its status") {
    CHECK(fold({SessionEnded{"completed"}}).status == "completed");
    CHECK(fold({SessionEnded{"cancelled"}}).status == "cancelled");
    CHECK(fold({SessionEnded{"failed"}}).status == "failed");
    CHECK(fold({SessionEnded{"error"}}).status == "failed");
}

TEST_CASE("an event of a later version only counts") {
    State expected = fold({prompt("1")});
    expected.last_event_id = 2;
    expected.updated_at = rfc3339(test::envelope(2, {}).time);
    CHECK((fold({prompt("1"), UnknownEvent{"New", Json{{"a", 1}}}}) == expected));
}
