#include "journal/fork.hpp"

#include <doctest/doctest.h>

#include <filesystem>

#include "base/json.hpp"
#include "journal/blobs.hpp"
#include "journal/catalog.hpp"
#include "journal/snapshot.hpp"
#include "unit/journal/desk.hpp"

using namespace thole;
using test::Desk;

namespace {

constexpr const char* fork_id = "fork";

Result<void> fork(const Desk& desk, const std::string& id) {
    SessionStarted started{.session_id = fork_id, .workspace = "/boat", .cwd = "/boat", .pid = 9};
    return fork_session(desk.files(id), desk.files(fork_id), started, test::envelope(900, {}).time,
                        Secrets());
}

State state_of(const Desk& desk, const std::string& id) {
    const auto folded = fold_files(desk.files(id));
    REQUIRE(folded);
    CHECK(folded->damage.is_whole());
    return folded->state;
}

}  // namespace

TEST_CASE("a fork has the conversation and is a session of its own") {
    Desk desk;
    desk.talk("s", "Count the oars");
    const std::string before = desk.scratch.read("sessions/s.events.jsonl");
    REQUIRE(fork(desk, "s"));
    CHECK(desk.scratch.read("sessions/s.events.jsonl") == before);
    CHECK(desk.scratch.read("sessions/fork.events.jsonl").starts_with(before));
    const State source = state_of(desk, "s");
    const State state = state_of(desk, fork_id);
    CHECK(state.id == fork_id);
    CHECK(state.forked_from == "s");
    CHECK(state.title == "Count the oars");
    CHECK((state.context == source.context));
    CHECK(state.last_event_id == source.last_event_id + 1);
    CHECK(state.created_at == rfc3339(test::envelope(900, {}).time));
    // By the log alone, too.
    std::filesystem::remove(desk.files(fork_id).snapshot());
    CHECK((state_of(desk, fork_id) == state));
}

TEST_CASE("what runs in the source is interrupted in its fork") {
    Desk desk;
    desk.talk("s", "Count");
    desk.add("s", MessageReceived{.role = "user", .message_id = "p2", .content = "Run"});
    desk.add("s", BusyStateChanged{.busy = true, .message_id = "p2"});
    desk.add("s", TokensStreamed{"m2", "I ru"});
    desk.add("s", ToolCallStarted{.call_id = "c1", .tool = "bash", .message_id = "m2"});
    desk.add("s", ApprovalRequested{.call_id = "c1", .tool = "bash"});
    desk.add("s", QuestionRequested{.question_id = "q1", .question = "Which?"});
    REQUIRE(fork(desk, "s"));
    const State state = state_of(desk, fork_id);
    CHECK(!state.is_busy);
    CHECK(state.open_calls.empty());
    CHECK(state.pending_approvals.empty());
    CHECK(state.pending_questions.empty());
    for (const ContextItem& item : state.context) CHECK(!item.is_open);
    CHECK(state.context.back().kind == ContextItem::Kind::result);
    CHECK(state.context.back().text.find("belongs to session s,") != std::string::npos);
    CHECK(state_of(desk, "s").open_calls.size() == 1);
}

TEST_CASE("sub-agents, worktrees, grants and costs stay with the source") {
    Desk desk;
    desk.add("s", SessionStarted{.session_id = "s",
                                 .cwd = "/trees/s",
                                 .parent_session_id = "p",
                                 .spawn_reason = "subagent"});
    desk.add("s", MessageReceived{.role = "user", .message_id = "p", .content = "Go"});
    desk.add("s", TodosUpdated{{TaskItem{.id = "1", .content = "Row", .status = "in_progress"}}});
    desk.add("s", ChildSessionSpawned{.child_session_id = "k", .task = "help", .background = true});
    desk.add("s", ChildSessionCompleted{
                      .child_session_id = "k", .status = "completed", .summary = "helped"});
    desk.add("s", WorktreeCreated{.path = "/trees/s", .branch = "thole/s", .base_commit = "c"});
    desk.add("s",
             ApprovalResolved{
                 .call_id = "c", .decision = "allow", .scope = "session", .rules = {"bash(ls)"}});
    desk.add("s",
             CostUpdated{.input_tokens = 5, .cost_usd = 2, .context_used = 7, .context_size = 9});
    desk.add("s", PlanUpdated{.path = "/plans/s.md", .content = "# P", .revision = 1});
    desk.add("s", ArchiveChanged{true, "user"});
    REQUIRE(fork(desk, "s"));
    const State state = state_of(desk, fork_id);
    CHECK(state.parent_session_id.empty());
    CHECK(state.children.empty());
    CHECK(state.child_session_ids.empty());
    CHECK(state.worktree_path.empty());
    CHECK(state.branch.empty());
    CHECK(state.cwd == "/boat");
    CHECK(state.granted_rules.empty());
    CHECK(!state.is_archived);
    CHECK(state.usage.cost_usd == 0);
    CHECK(state.usage.context_used == 7);
    CHECK(state.usage.context_size == 9);
    REQUIRE(state.tasks.size() == 1);
    CHECK(state.tasks[0].workers.empty());
    CHECK(state.plan.path == "/plans/fork.md");
    CHECK(state.context.back().text.find("helped") != std::string::npos);
}

TEST_CASE("a fork has long texts of its own when the source is deleted") {
    Desk desk;
    const std::string long_text(100'000, 'x');
    const auto blob = write_blob(desk.files("s").blobs(), long_text);
    REQUIRE(blob);
    desk.talk("s", "Count");
    Json reference{{"$blob", blob->sha256}, {"size", long_text.size()}};
    Json line{{"schema_version", 1},
              {"id", 6},
              {"ts", "2026-09-21T14:13:20.130Z"},
              {"event",
               {{"type", "MessageReceived"},
                {"role", "user"},
                {"message_id", "p2"},
                {"content", reference}}}};
    desk.write("s", dump_json(line) + "\n");
    desk.scratch.write("elsewhere", "not a blob");
    std::filesystem::create_symlink(desk.scratch / "elsewhere",
                                    desk.files("s").blobs() + "/" + std::string(64, 'a'));
    REQUIRE(fork(desk, "s"));
    REQUIRE(delete_session(desk.files("s")));
    CHECK(state_of(desk, fork_id).context.back().text == long_text);
    CHECK(!std::filesystem::exists(desk.files(fork_id).blobs() + "/" + std::string(64, 'a')));
}

TEST_CASE("a torn line is not copied, one without its newline is") {
    Desk desk;
    desk.talk("s", "Count");
    desk.write("s", R"({"schema_version":1,"id":6,"ts":"20)");
    REQUIRE(fork(desk, "s"));
    CHECK(state_of(desk, fork_id).last_event_id == 6);
    const std::string text = desk.scratch.read("sessions/s.events.jsonl");
    desk.scratch.write("sessions/t.events.jsonl", text.substr(0, text.rfind('\n')));
    std::filesystem::remove(desk.files(fork_id).log());
    std::filesystem::remove(desk.files(fork_id).snapshot());
    REQUIRE(fork(desk, "t"));
    CHECK(state_of(desk, fork_id).last_event_id == 6);
}

TEST_CASE("a fork takes no other session's place, and leaves nothing when it fails") {
    Desk desk;
    desk.talk("s", "Count");
    desk.talk(fork_id, "Mine");
    const std::string mine = desk.scratch.read("sessions/fork.events.jsonl");
    Result<void> refused = fork(desk, "s");
    REQUIRE(!refused);
    CHECK(refused.error().code == Code::exists);
    CHECK(desk.scratch.read("sessions/fork.events.jsonl") == mine);
    Desk empty;
    Result<void> missing = fork(empty, "nobody");
    REQUIRE(!missing);
    CHECK(missing.error().code == Code::not_found);
    for (const Desk* one : {&desk, &empty}) {
        for (const auto& file : std::filesystem::directory_iterator(one->directory)) {
            CHECK(file.path().extension() != ".tmp");
        }
    }
}
