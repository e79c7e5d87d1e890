// Hooks as an agent runs them: real commands, a scripted model.
#include "agent/hooks.hpp"

#include <doctest/doctest.h>

#include <csignal>
#include <filesystem>

#include "base/json.hpp"
#include "unit/agent/rig.hpp"

using namespace thole;
using namespace thole::test;

namespace {

Hook hook_of(HookEvent event, const std::string& command, const std::string& match = "") {
    Hook hook;
    hook.event = event;
    hook.command = command;
    if (!match.empty()) hook.match = *parse_rule(match);
    hook.fails_closed = event == HookEvent::pre_tool;
    hook.source = "config.toml";
    return hook;
}

Json reading() {
    return {{"path", "a.txt"}};
}

// A rig with a file that the model reads in its first answer.
void reads(AgentRig& rig, std::vector<Hook> hooks) {
    rig.scratch.write("a.txt", "hello\n");
    rig.hook_list = std::move(hooks);
    rig.script({calls("c1", "read_file", reading(), 100), says("done", 100)});
}

}  // namespace

TEST_CASE("a hook before a call reads what the call is, and lets it go on without an event") {
    AgentRig rig;
    reads(rig, {hook_of(HookEvent::pre_tool, "cat > seen.json")});
    CHECK(rig.turn("read").stop_reason == "end_turn");
    Json seen = Json::parse(rig.scratch.read("seen.json"));
    CHECK(seen["event"] == "pre_tool");
    CHECK(seen["session_id"] == "s");
    CHECK(seen["tool"] == "read_file");
    CHECK(seen["call_id"] == "c1");
    CHECK(seen["effect"] == "read");
    CHECK(seen["input"] == reading());
    CHECK(seen["cwd"] == rig.scratch.path());
    CHECK(seen["paths"] == Json::array({rig.scratch / "a.txt"}));
    CHECK(rig.talk.all<HookRan>().empty());
    CHECK(rig.talk.all<HooksChanged>() ==
          std::vector<HooksChanged>{{{"pre_tool: cat > seen.json (from config.toml)"}}});
    CHECK(rig.last_words(1).find("hello") != std::string::npos);
}

TEST_CASE("a hook denies a call: nothing is run, the model reads why, and the log says who") {
    AgentRig rig;
    reads(rig, {hook_of(HookEvent::pre_tool, "echo 'not this file' >&2; exit 2", "read(a.txt)")});
    rig.turn("read");
    auto resolved = rig.talk.all<ApprovalResolved>();
    REQUIRE(resolved.size() == 1);
    CHECK(resolved[0].decision == "deny");
    CHECK(resolved[0].by == "hook");
    CHECK(resolved[0].reason == "not this file");
    CHECK(rig.talk.all<ToolCallCompleted>()[0].status == "denied");
    CHECK(rig.last_words(1).find("A hook of the user's denied this call: not this file") !=
          std::string::npos);
    auto ran = rig.talk.all<HookRan>();
    REQUIRE(ran.size() == 1);
    CHECK(ran[0].outcome == "deny");
    CHECK(ran[0].blocked);
    CHECK(ran[0].call_id == "c1");
}

TEST_CASE("a hook has what the mode allows asked") {
    AgentRig rig;
    reads(rig, {hook_of(HookEvent::pre_tool, R"(echo '{"decision":"ask","reason":"sure?"}')")});
    rig.talk.answers = {ApprovalAnswer{false, false, "no"}};
    rig.turn("read");
    CHECK(rig.talk.asked == std::vector<std::string>{"c1"});
    CHECK(rig.talk.all<ApprovalRequested>()[0].why == "a hook wants this to be asked: sure?");
    CHECK(rig.talk.all<ToolCallCompleted>()[0].status == "denied");
}

TEST_CASE("a hook cannot allow what is denied: it is not even run") {
    AgentRig rig;
    rig.hook_list = {hook_of(HookEvent::pre_tool, "touch ran; echo '{\"decision\":\"allow\"}'")};
    SUBCASE("by the mode") {
        rig.talk.emit(ModeChanged{"plan", "user"});
        rig.script({calls("c1", "write_file", {{"path", "new.txt"}, {"content", "x"}}, 100),
                    says("done", 100)});
        rig.turn("write");
        CHECK_FALSE(std::filesystem::exists(rig.scratch / "ran"));
    }
    SUBCASE("and what would be asked is asked all the same") {
        rig.talk.answers = {ApprovalAnswer{false, false, "no"}};
        rig.script({calls("c1", "write_file", {{"path", "new.txt"}, {"content", "x"}}, 100),
                    says("done", 100)});
        rig.turn("write");
        CHECK(rig.talk.asked == std::vector<std::string>{"c1"});
    }
    CHECK_FALSE(std::filesystem::exists(rig.scratch / "new.txt"));
}

TEST_CASE("only hooks that match run; what cannot be told apart matches") {
    AgentRig rig;
    rig.talk.emit(ModeChanged{"bypass-permissions", "user"});
    rig.hook_list = {hook_of(HookEvent::pre_tool, "echo x >> pushed", "bash(git push:*)")};
    auto runs = [&](const std::string& command) {
        std::filesystem::remove(rig.scratch / "pushed");
        rig.script({calls("c", "bash", {{"command", command}}, 100), says("done", 100)});
        rig.turn("go");
        return std::filesystem::exists(rig.scratch / "pushed");
    };
    CHECK_FALSE(runs("true"));
    CHECK(runs("true && git push --dry-run nowhere"));
    CHECK(runs("$(echo true)"));
    CHECK_FALSE(runs("git status"));
}

TEST_CASE("a hook after a call adds to what the model reads of it") {
    AgentRig rig;
    reads(rig,
          {hook_of(HookEvent::pre_tool, R"(echo '{"context":"before"}')"),
           hook_of(HookEvent::post_tool, "cat > seen.json; echo 'not formatted' >&2; exit 2")});
    rig.turn("read");
    CHECK(rig.last_words(1).find("hello\\n\\n[from a hook: before\\nnot formatted]") !=
          std::string::npos);
    Json seen = Json::parse(rig.scratch.read("seen.json"));
    CHECK(seen["status"] == "completed");
    CHECK(seen["output"].get<std::string>().find("hello") != std::string::npos);
    auto ran = rig.talk.all<HookRan>();
    REQUIRE(ran.size() == 2);
    CHECK(ran[1].outcome == "feedback");
}

TEST_CASE("a guard that takes too long is killed with all it started, and the call is not run") {
    AgentRig rig;
    Hook slow = hook_of(HookEvent::pre_tool, "(sleep 300; touch late) & echo $! > pid; sleep 300");
    slow.timeout = std::chrono::seconds(1);
    reads(rig, {slow});
    rig.turn("read");
    CHECK(rig.talk.all<ToolCallCompleted>()[0].status == "denied");
    CHECK(rig.last_words(1).find("did not end within 1 seconds") != std::string::npos);
    std::string pid = rig.scratch.read("pid");
    CHECK_FALSE(std::filesystem::exists("/proc/" + pid.substr(0, pid.find('\n'))));
}

TEST_CASE("what a hook leaves running is ended, and endless output is not kept") {
    AgentRig rig;
    reads(rig, {hook_of(HookEvent::pre_tool,
                        "sleep 300 > /dev/null 2>&1 & echo $! > pid; "
                        "head -c 3000000 /dev/zero")});
    rig.turn("read");
    CHECK(rig.talk.all<ToolCallCompleted>()[0].status == "completed");
    std::string pid = rig.scratch.read("pid");
    CHECK_FALSE(std::filesystem::exists("/proc/" + pid.substr(0, pid.find('\n'))));
}

TEST_CASE("a hook that reads nothing of a long input does no harm") {
    std::signal(SIGPIPE, SIG_IGN);  // as main does
    AgentRig rig;
    rig.hook_list = {hook_of(HookEvent::pre_tool, "exec <&-; true")};
    rig.talk.answers = {ApprovalAnswer{true, false, {}}};
    std::string content(2'000'000, 'x');
    rig.script({calls("c1", "write_file", {{"path", "new.txt"}, {"content", content}}, 100),
                says("done", 100)});
    rig.turn("write");
    CHECK(rig.scratch.read("new.txt").size() == content.size());
}

TEST_CASE("what a compaction's hook adds is read afterwards") {
    AgentRig rig;
    rig.script({says("one", 100), says("two", 100)});
    rig.turn("first");
    rig.turn("second");
    rig.hook_list = {
        hook_of(HookEvent::compaction, "cat > seen.json; echo '{\"context\":\"keep this\"}'")};
    rig.script({says("summary", 100)});
    CHECK(run(rig.loop, rig.agent.compact()));
    CHECK(Json::parse(rig.scratch.read("seen.json"))["trigger"] == "manual");
    rig.script({says("three", 100)});
    rig.turn("third");
    CHECK(rig.http.asked.back().body.find("keep this") != std::string::npos);
}
