// What the fold keeps of plans, of the files that tasks touch, and of sub-agents.
#include <doctest/doctest.h>

#include "journal/plan.hpp"
#include "journal/state.hpp"
#include "unit/journal/samples.hpp"

using namespace thole;
using Lines = std::vector<std::string>;

namespace {

State fold(const std::vector<Event>& events) {
    State state;
    for (const Event& event : events) {
        apply(state, test::envelope(state.last_event_id + 1, event));
    }
    return state;
}

std::string time_of(std::uint64_t id) {
    return rfc3339(test::envelope(id, {}).time);
}

PlanUpdated plan(std::int64_t revision, const std::string& content, const char* by = "agent") {
    return {"/s/p.md", content, "sha" + std::to_string(revision), "thole", revision, by};
}
PlanStatusChanged handed_in(const std::string& reason = "") {
    return {"in_review", reason, "", 0};
}
PlanReviewed reviewed(const char* decision, std::int64_t revision = 1,
                      const std::string& words = "") {
    return {decision, words, "sha" + std::to_string(revision), revision, {}};
}

TaskItem task(const std::string& id, const std::string& status) {
    TaskItem item;
    item.id = id;
    item.status = status;
    return item;
}

// The list again as an agent sends it on: with what the fold knows of each task.
TodosUpdated with_status(const State& state, const std::string& id, const std::string& status) {
    TodosUpdated todos{state.tasks};
    for (TaskItem& item : todos.tasks) {
        if (item.id == id) item.status = status;
    }
    return todos;
}

ToolCallStarted call(const std::string& id, const Lines& paths) {
    ToolCallStarted started;
    started.call_id = id;
    for (const std::string& path : paths) started.diffs.push_back({path, false, false, "a", "b"});
    return started;
}
ToolCallCompleted result(const std::string& id, const Lines& paths = {},
                         const char* status = "completed") {
    ToolCallCompleted done;
    done.call_id = id;
    done.status = status;
    for (const std::string& path : paths) done.diffs.push_back({path, false, false, "a", "b"});
    return done;
}

}  // namespace

TEST_CASE("the mode and the agent before planning are kept until planning begins again") {
    const std::vector<Event> planned{ModeChanged{"accept-edits", "user"},
                                     AgentChanged{"reviewer", "user"}, ModeChanged{"plan", "user"},
                                     AgentChanged{"planner", "user"}};
    const State planning = fold(planned);
    CHECK(planning.mode == "plan");
    CHECK(planning.agent == "planner");
    CHECK(planning.mode_before_plan == "accept-edits");
    CHECK(planning.agent_before_plan == "reviewer");
    auto events = planned;
    events.push_back(ModeChanged{"plan", "user"});
    CHECK(fold(events).mode_before_plan == "accept-edits");
    CHECK(fold(events).agent_before_plan == "reviewer");
    events.push_back(ModeChanged{"dont-ask", "plan"});
    CHECK(fold(events).mode_before_plan == "accept-edits");
    events.push_back(ModeChanged{"plan", "user"});
    CHECK(fold(events).mode_before_plan == "dont-ask");
    CHECK(fold(events).agent_before_plan == "planner");
}

TEST_CASE("what the user has seen of a plan is the content of the last review") {
    CHECK(fold({plan(1, "a"), plan(2, "b")}).plan_before == "");
    CHECK(fold({plan(1, "a"), handed_in()}).plan_before == "");
    const std::vector<Event> revised{plan(1, "a"), handed_in(), reviewed("feedback"), plan(2, "b"),
                                     plan(3, "c")};
    CHECK(fold(revised).plan_before == "a");
    CHECK(fold(revised).plan.content == "c");
    auto events = revised;
    events.push_back(handed_in());
    CHECK(fold(events).plan_before == "a");
    events.push_back(reviewed("feedback", 3));
    CHECK(fold(events).plan_before == "c");
    CHECK(fold({plan(1, "a"), handed_in(), plan(2, "b")}).plan_before == "a");
    CHECK(fold({plan(1, "a"), handed_in(), reviewed("approved"), plan(2, "b")}).plan_before == "a");
}

TEST_CASE("a review of a plan that the user has edited is about the edited one") {
    const State state =
        fold({plan(1, "a"), handed_in(), plan(2, "b", "user"), reviewed("feedback", 2)});
    CHECK(state.plan.content == "b");
    CHECK(state.plan_before == "b");
}

TEST_CASE("another plan has no content before it") {
    const std::vector<Event> changed{plan(1, "a"), handed_in(), reviewed("feedback"),
                                     plan(2, "b"), handed_in(), reviewed("rejected", 2),
                                     plan(3, "c")};
    CHECK(fold(changed).plan_before == "");
    CHECK(fold(changed).plan_status == "drafting");
    CHECK(fold({plan(1, "a"), handed_in(), reviewed("approved"),
                PlanStatusChanged{"done", "", "", 1}, plan(2, "b")})
              .plan_before == "");
}

TEST_CASE("feedback waits to be heeded until the plan is handed in again") {
    const PlanReviewed feedback{"feedback", "more", "sha1", 1, {{1, 1, "why?", "a\n"}}};
    const std::vector<Event> revised{plan(1, "a"), handed_in(), feedback, plan(2, "b")};
    CHECK((fold(revised).plan_review == feedback));
    auto events = revised;
    events.push_back(handed_in());
    CHECK((fold(events).plan_review == PlanReviewed()));
    CHECK((fold({plan(1, "a"), handed_in(), reviewed("approved")}).plan_review == PlanReviewed()));
}

TEST_CASE("feedback on lines does not outlive a change of the file that it spoke of") {
    const PlanReviewed feedback{"feedback", "", "sha1", 1, {{1, 1, "why?", "a\n"}}};
    CHECK((fold({plan(1, "a"), handed_in(), feedback, plan(2, "b", "file")}).plan_review ==
           PlanReviewed()));
}

TEST_CASE("reviews become prompts of the conversation, those without words do not") {
    const auto words = [](const PlanReviewed& review) {
        Lines lines;
        for (const ContextItem& item : fold({plan(1, "a"), handed_in(), review}).context) {
            CHECK(item.kind == ContextItem::Kind::user);
            lines.push_back(item.text);
        }
        return lines;
    };
    for (const char* decision : {"approved", "rejected"}) {
        CHECK(words(reviewed(decision)) == Lines{review_message(reviewed(decision))});
    }
    CHECK(words(reviewed("feedback", 1, "more")) ==
          Lines{review_message(reviewed("feedback", 1, "more"))});
    CHECK(words(reviewed("feedback")).empty());
    CHECK(fold({plan(1, "a"), handed_in(), reviewed("approved")}).prompts == 0);
}

TEST_CASE("the hash of the last approval stays, whatever becomes of the plan") {
    std::vector<Event> events{plan(1, "a"), handed_in(), reviewed("approved")};
    CHECK(fold(events).approved_sha256 == "sha1");
    events.push_back(plan(2, "b", "file"));
    CHECK(fold(events).approved_sha256 == "sha1");
    events.push_back(reviewed("approved", 2));
    CHECK(fold(events).approved_sha256 == "sha2");
    CHECK(fold({plan(1, "a"), handed_in(), reviewed("rejected")}).approved_sha256 == "");
    CHECK(fold({plan(1, "a"), reviewed("approved")}).approved_sha256 == "");
}

TEST_CASE("a review that is asked again says why, until it is answered") {
    const std::vector<Event> approved{plan(1, "a"), handed_in(), reviewed("approved")};
    CHECK(fold(approved).plan_reason == "");
    auto edited = approved;
    edited.push_back(plan(2, "b", "file"));
    CHECK(fold(edited).plan_status == "in_review");
    CHECK(fold(edited).plan_reason == "the plan was changed after it had been approved");
    auto reopened = approved;
    reopened.push_back(handed_in("the file is gone"));
    CHECK(fold(reopened).plan_status == "in_review");
    CHECK(fold(reopened).plan_reason == "the file is gone");
    for (std::vector<Event> events : {edited, reopened}) {
        events.push_back(reviewed("feedback", 2, "x"));
        CHECK(fold(events).plan_reason == "");
    }
    reopened.push_back(plan(2, "b"));
    CHECK(fold(reopened).plan_reason == "");
}

TEST_CASE("the files of a turn are those that its calls changed, each once") {
    const std::vector<Event> turn{BusyStateChanged{.busy = true},
                                  call("c1", {"/w/a", "/w/b"}),
                                  result("c1"),
                                  call("c2", {"/w/c"}),
                                  result("c2", {}, "failed"),
                                  call("c3", {"/w/d"}),
                                  result("c3", {}, "denied"),
                                  call("c4", {}),
                                  result("c4", {"/w/e", "/w/a"})};
    CHECK(fold(turn).turn_files == Lines{"/w/a", "/w/b", "/w/e"});
    auto events = turn;
    events.push_back(BusyStateChanged{.busy = false});
    CHECK(fold(events).turn_files == Lines{"/w/a", "/w/b", "/w/e"});
    events.push_back(BusyStateChanged{.busy = true});
    CHECK(fold(events).turn_files.empty());
}

TEST_CASE("what a call says it changed counts, not what it had announced") {
    CHECK(fold({call("c1", {"/w/a"}), result("c1", {"/w/b"})}).turn_files == Lines{"/w/b"});
    CHECK(fold({result("c1", {"/w/b"})}).turn_files == Lines{"/w/b"});
}

TEST_CASE("what a command changed counts for turn and task, also when the command failed") {
    State state;
    TaskItem busy;
    busy.id = "1";
    busy.status = "in_progress";
    for (const Event& event : std::vector<Event>{
             TodosUpdated{{busy}}, ToolCallStarted{.call_id = "c", .tool = "bash"},
             ToolCallCompleted{.call_id = "c", .status = "failed", .changed_files = {"/w/a"}},
             ToolCallCompleted{
                 .call_id = "d", .status = "completed", .changed_files = {"/w/a", "/w/b"}}}) {
        apply(state, Envelope{state.last_event_id + 1, {}, event});
    }
    CHECK(state.turn_files == std::vector<std::string>{"/w/a", "/w/b"});
    CHECK(state.tasks[0].files == std::vector<std::string>{"/w/a", "/w/b"});
}

TEST_CASE("changed files and sub-agents belong to the task that is in progress") {
    const State state = fold(
        {TodosUpdated{{task("1", "completed"), task("2", "in_progress"), task("3", "pending")}},
         call("c1", {"/w/a"}), result("c1"), ChildSessionSpawned{.child_session_id = "k1"},
         call("c2", {"/w/a", "/w/b"}), result("c2"),
         ChildSessionSpawned{.child_session_id = "k2"}});
    CHECK(state.tasks[0].files.empty());
    CHECK(state.tasks[1].files == Lines{"/w/a", "/w/b"});
    CHECK(state.tasks[1].workers == Lines{"k1", "k2"});
    CHECK(state.tasks[2].files.empty());
    CHECK(state.tasks[2].workers.empty());
}

TEST_CASE("a task knows the events between which it was in progress") {
    State state = fold({TodosUpdated{{task("1", "pending"), task("2", "pending")}}});
    const auto next = [&](const Event& event) {
        apply(state, test::envelope(state.last_event_id + 1, event));
    };
    const auto span = [&](std::size_t at) {
        return std::pair(state.tasks[at].from_id, state.tasks[at].to_id);
    };
    using Span = std::pair<std::int64_t, std::int64_t>;
    CHECK(span(0) == Span(0, 0));
    next(with_status(state, "1", "in_progress"));  // 2
    CHECK(span(0) == Span(2, 0));
    next(Checkpoint{1});                           // 3
    next(with_status(state, "1", "in_progress"));  // 4
    CHECK(span(0) == Span(2, 0));
    next(with_status(state, "1", "completed"));  // 5
    CHECK(span(0) == Span(2, 5));
    next(with_status(state, "2", "cancelled"));  // 6
    CHECK(span(0) == Span(2, 5));
    CHECK(span(1) == Span(0, 0));
    next(with_status(state, "1", "pending"));  // 7
    CHECK(span(0) == Span(2, 0));
    next(with_status(state, "1", "cancelled"));  // 8
    CHECK(span(0) == Span(2, 8));
}

TEST_CASE("a sub-agent is what its parent was told last") {
    const ChildSessionSpawned spawned{"k1", "c1", "count", "reviewer", "demo/demo", true};
    const ChildSessionCompleted completed{
        "k1", "c1", "completed", "counted", "thole/k1", "", {"a.cpp"}, 3, 1, 700, 4, 0.25};
    std::vector<Event> events{spawned};
    Child expected;
    expected.spawned = spawned;
    expected.started_at = time_of(1);
    const auto child = [&] {
        const State state = fold(events);
        CHECK(state.child_session_ids == Lines{"k1"});
        REQUIRE(state.children.size() == 1);
        return state.children[0];
    };
    CHECK((child() == expected));
    events.push_back(ChildSessionActivity{"k1", "waiting", "bash"});
    expected.status = "waiting";
    expected.activity = "bash";
    CHECK((child() == expected));
    events.push_back(ChildSessionActivity{"k1", "", "reading"});
    expected.activity = "reading";
    CHECK((child() == expected));
    events.push_back(completed);
    expected.completed = completed;
    expected.status = "completed";
    expected.activity = "";
    expected.ended_at = time_of(4);
    expected.result = "changes";
    CHECK((child() == expected));
    events.push_back(WorktreeMerged{"k1", "thole/k1", "changes", {"a.cpp"}, ""});
    expected.result = "merged";
    CHECK((child() == expected));
}

TEST_CASE("what a sub-agent left shows in its result") {
    const auto result_after = [](const std::vector<Event>& events) {
        std::vector<Event> all{ChildSessionSpawned{.child_session_id = "k1"}};
        all.insert(all.end(), events.begin(), events.end());
        return fold(all).children.at(0).result;
    };
    const Event nothing = ChildSessionCompleted{.child_session_id = "k1", .status = "completed"};
    const Event changes =
        ChildSessionCompleted{.child_session_id = "k1", .status = "failed", .changed_files = {"a"}};
    CHECK(result_after({}) == "none");
    CHECK(result_after({nothing}) == "none");
    CHECK(result_after({changes}) == "changes");
    CHECK(result_after({changes, WorktreeMerged{"k1", "", "branch", {}, ""}}) == "branch");
    CHECK(result_after({changes, WorktreeMerged{"k1", "", "discarded", {}, "refs/x"}}) ==
          "discarded");
    CHECK(result_after({WorktreeMerged{"k1", "", "changes", {}, ""}, changes}) == "merged");
}

TEST_CASE("news of sub-agents that nobody knows are left out") {
    State expected = fold({Checkpoint{1}, Checkpoint{1}, Checkpoint{1}});
    CHECK((fold({ChildSessionActivity{"k9", "waiting", "bash"},
                 ChildSessionCompleted{.child_session_id = "k9", .status = "completed"},
                 WorktreeMerged{"k9", "", "changes", {}, ""}}) == expected));
}

TEST_CASE("the worktree of a session is where it works") {
    const State state =
        fold({SessionStarted{.session_id = "k1", .branch = "main", .agent = "reviewer"},
              WorktreeCreated{"/t/k1", "thole/k1", "cafe", "/w", {".env"}}});
    CHECK(state.agent == "reviewer");
    CHECK(state.worktree_path == "/t/k1");
    CHECK(state.branch == "thole/k1");
    CHECK(state.base_commit == "cafe");
}
