#include "unit/journal/samples.hpp"

#include "base/json.hpp"

namespace thole::test {

namespace {

constexpr std::int64_t start_ms = 1'790'000'000'123;

JsonValue some_json() {
    return Json{{"path", "src/a.cpp"}, {"deep", {{"list", {1, 2.5, true, nullptr, "ü\n"}}}}};
}

class History {
public:
    explicit History(unsigned seed) : random_(seed) {}

    std::vector<Envelope> take(std::size_t length) {
        add(SessionStarted{.session_id = "s", .workspace = "/w", .model = "demo/demo", .pid = 7});
        while (events_.size() < length) step();
        return std::move(events_);
    }

private:
    std::size_t below(std::size_t limit) {
        return std::uniform_int_distribution<std::size_t>(0, limit - 1)(random_);
    }
    std::string name(const std::string& prefix) { return prefix + std::to_string(below(6)); }
    std::string text() { return std::string(below(40), static_cast<char>('a' + below(26))) + "\n"; }

    void step() {
        switch (below(20)) {
            case 0:
                return add(
                    MessageReceived{.role = "user", .message_id = name("p"), .content = text()});
            case 1:
                return add(MessageReceived{
                    .role = "assistant", .message_id = name("m"), .content = text()});
            case 2:
            case 3:
                return add(TokensStreamed{name("m"), text()});
            case 4:
                return add(
                    ThoughtStreamed{name("m"), text(), below(2) ? "sig" : "", below(4) == 0});
            case 5:
                return add(ToolCallStarted{.call_id = name("c"),
                                           .tool = "bash",
                                           .message_id = name("m"),
                                           .input = some_json()});
            case 6:
                return add(ToolCallCompleted{.call_id = name("c"),
                                             .status = below(2) ? "completed" : "failed",
                                             .output = text()});
            case 7:
                return add(ApprovalRequested{.call_id = name("c"), .tool = "bash"});
            case 8:
                return add(ApprovalResolved{
                    name("c"), "allow", below(2) ? "session" : "once", "user", "", {name("r")}});
            case 9:
                return add(QuestionRequested{name("q"), name("c"), "which?", {"a", "b"}});
            case 10:
                return add(CostUpdated{.model = "m",
                                       .input_tokens = 10,
                                       .output_tokens = 3,
                                       .cost_usd = 0.1,
                                       .price_known = below(9) != 0});
            case 11:
                return add(BusyStateChanged{.busy = below(2) == 0, .message_id = name("p")});
            case 12:
                return add(
                    ContextCompaction{.phase = "completed",
                                      .summary = text(),
                                      .kept_messages = static_cast<std::int64_t>(below(12))});
            case 13:
                return add(ErrorReported{"io", "broke", name("m"), below(2) == 0});
            case 14:
                return add(TodosUpdated{{{.id = name("t"),
                                          .content = text(),
                                          .status = below(2) ? "in_progress" : "completed"}}});
            case 15:
                return add(PlanUpdated{.content = text(),
                                       .revision = static_cast<std::int64_t>(below(9) + 1),
                                       .by = below(3) ? "agent" : "file"});
            case 16:
                return add(PlanReviewed{.decision = below(2) ? "approved" : "feedback",
                                        .feedback = text(),
                                        .comments = {{1, 1, text(), text()}}});
            case 17:
                return add(PlanStatusChanged{below(2) ? "in_review" : "done", text(), "", 1});
            case 18:
                return below(2) ? add(ChildSessionSpawned{.child_session_id = name("k")})
                                : add(ModeChanged{below(2) ? "plan" : "default", "user"});
            default:
                return start();
        }
    }
    void start() {
        switch (below(4)) {
            case 0:
                return add(TitleChanged{text(), "user"});
            case 1:
                return add(ArchiveChanged{below(2) == 0, "user"});
            case 2:
                return add(SessionStarted{.session_id = name("f"), .forked_from = name("f")});
            default:
                return add(
                    SessionStarted{.pid = static_cast<std::int64_t>(below(99)), .resumed = true});
        }
    }
    void add(Event event) {
        events_.push_back(envelope(events_.size() + 1 + gaps_, std::move(event)));
    }

    std::mt19937 random_;
    std::uint64_t gaps_ = 0;
    std::vector<Envelope> events_;
};

}  // namespace

Envelope envelope(std::uint64_t id, Event event) {
    const std::chrono::milliseconds time(start_ms + static_cast<std::int64_t>(id));
    return Envelope{id, TimePoint(time), std::move(event)};
}

std::vector<Envelope> random_history(unsigned seed, std::size_t length) {
    return History(seed).take(length);
}

std::vector<Event> one_of_each() {
    const std::vector<Location> locations{{"/w/a.cpp", 3}, {"/w/b.cpp", 0}};
    const std::vector<FileDiff> diffs{{"/w/a.cpp", true, false, "", "new\n"},
                                      {"/w/b.cpp", false, true, "old\n", ""}};
    return {
        SessionStarted{"id",
                       "/w",
                       "/w/sub",
                       "demo/demo",
                       "default",
                       "0.1.0",
                       "main",
                       "parent",
                       "reason",
                       "summary",
                       {"/x", "/y"},
                       42,
                       4711,
                       "high",
                       "/run/s.sock",
                       true,
                       "helper",
                       "other"},
        MessageReceived{"user", "m1", "héllo \"you\"\n\t\x01", some_json(), "end_turn", "demo"},
        TokensStreamed{"m1", "text"},
        ThoughtStreamed{"m1", "thought", "signature", true},
        ToolCallStarted{"c1", "edit_file", "m1", "Edit", "edit", "edit", some_json(), locations,
                        diffs},
        ToolOutputChunk{"c1", "line\n"},
        ToolCallCompleted{
            "c1", "completed", "done", some_json(), diffs, locations, "abc", {"/w/b.c"}, 12},
        ApprovalRequested{"c1", "bash", some_json(), "why", "bash(ls)", {"bash(ls:*)"}, "all ls"},
        ApprovalResolved{"c1", "allow", "session", "user", "fine", {"bash(ls:*)"}},
        EffectRefused{"c1", "bash", "delete", "unlink /w/a.cpp", "Landlock", "mode plan"},
        HooksChanged{{"pre_tool bash(git push:*): ./check (from /c/config.toml)"}},
        HookRan{"pre_tool", "./check", "/c/config.toml", "c1", "bash", "m1", "deny", "no pushes",
                "context", true, 12},
        QuestionRequested{"q1", "c1", "which?", {"a", "b"}},
        QuestionResolved{"q1", Json{{"kind", "option"}, {"text", "a"}}},
        CostUpdated{"demo", 1, 2, 3, 4, 5, 0.123456789, true, 1000, 200000},
        Checkpoint{5},
        TodosUpdated{{{"1",
                       "do it",
                       "completed",
                       "high",
                       "dropped",
                       "2026-01-01",
                       "2026-01-02",
                       "2026-01-03",
                       "2026-01-04",
                       2,
                       {"/w/a.cpp"},
                       {"child"},
                       5,
                       9}}},
        PlanUpdated{"/s/plan.md", "# plan", "cafe", "root", 2, "user"},
        PlanReviewed{"feedback", "more", "cafe", 2, {{1, 2, "why?", "# plan\n"}}},
        PlanStatusChanged{"in_review", "it changed", "cafe", 2},
        PlanDrifted{"m1", {"/w/a.cpp"}, 2},
        ModeChanged{"plan", "user"},
        ModelChanged{"anthropic/x", "low", "user"},
        AgentChanged{"planner", "user"},
        McpServersChanged{{{"ship",
                            "the editor",
                            "ship --stdio",
                            "down",
                            "it sank",
                            "2025-11-25",
                            3,
                            {{"ship:greet", "says hello", "<name>"}}}}},
        ChildSessionSpawned{"child", "c1", "count", "helper", "demo/demo", true},
        ChildSessionActivity{"child", "waiting", "bash"},
        ChildSessionCompleted{"child",
                              "c1",
                              "completed",
                              "counted",
                              "thole/child",
                              "late",
                              {"a.cpp"},
                              3,
                              1,
                              700,
                              4,
                              0.25},
        WorktreeCreated{"/t/child", "thole/child", "cafe", "/w", {".env"}},
        WorktreeMerged{"child",
                       "thole/child",
                       "changes",
                       {"a.cpp"},
                       "refs/thole/rescue/child",
                       "conflict",
                       {{"/w/a.cpp", false, false, "a\n", "b\n", true}}},
        ChangesReviewed{"/w/a.cpp", "a\n", "b\n", true, true, true, 7},
        TitleChanged{"Trim the sails", "user"},
        ArchiveChanged{true, "user"},
        ContextWarning{80, 100},
        ContextCompaction{"completed", "summary", "note", 100, 20, 3},
        BusyStateChanged{true, "m1", "cancelled", "io", "disk"},
        LimitReached{"max_tool_calls", 200},
        ErrorReported{"unavailable", "503", "m2", true},
        SessionEnded{"completed"},
        UnknownEvent{"SomethingLater", Json{{"child", "x"}, {"n", 1}}},
    };
}

}  // namespace thole::test
