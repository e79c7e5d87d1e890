#include <doctest/doctest.h>

#include "support/running.hpp"
#include "support/tool_rig.hpp"

using namespace thole;
using namespace thole::test;

namespace {

ToolOutcome bash(ToolRig& rig, const std::string& command) {
    return rig.call("bash", {{"command", command}});
}

}  // namespace

TEST_CASE("bash gives the output and the exit code, and shows it while it runs") {
    ToolRig rig;
    const ToolOutcome outcome = bash(rig, "echo hello; echo world");
    CHECK(outcome.output == "hello\nworld\n[exit code 0]");
    CHECK_FALSE(outcome.failed);
    CHECK(rig.host.shown["call-1"] == "hello\nworld\n");
    CHECK(bash(rig, "true").output == "[exit code 0]");
    CHECK(bash(rig, "printf x").output == "x\n[exit code 0]");
}

TEST_CASE("a command that fails gives its output and how it ended") {
    ToolRig rig;
    const ToolOutcome failed = bash(rig, "echo no; exit 3");
    CHECK(failed.failed);
    CHECK(failed.output == "no\n[exit code 3]");
    const ToolOutcome killed = bash(rig, "kill -KILL $$");
    CHECK(killed.failed);
    CHECK(killed.output == "[killed by signal 9 (Killed)]");
    CHECK(bash(rig, "if then").failed);
}

TEST_CASE("stdout and stderr come as one, in the order in which they were written") {
    ToolRig rig;
    std::string expected;
    for (int i = 0; i < 50; ++i) expected += "out\nerr\n";
    CHECK(bash(rig, "for i in $(seq 50); do echo out; echo err >&2; done").output ==
          expected + "[exit code 0]");
}

TEST_CASE("a command runs in the working directory, without input, pagers and colours") {
    ToolRig rig;
    rig.context.environment = {"PATH=/usr/bin:/bin", "TERM=xterm", "PAGER=less", "FORCE_COLOR=1",
                               "KEPT=yes"};
    CHECK(
        bash(rig, "pwd; cat; echo $TERM $PAGER $GIT_PAGER $NO_COLOR $KEPT [$FORCE_COLOR]").output ==
        rig.scratch.path() + "\ndumb cat cat 1 yes []\n[exit code 0]");
    CHECK(bash(rig, "test -t 1 || test -t 0 || echo none").output == "none\n[exit code 0]");
}

TEST_CASE("escape sequences and bad bytes do not reach the model") {
    ToolRig rig;
    CHECK(bash(rig, R"(printf '\033[31mred\033[0m \377\n')").output == "red \ufffd\n[exit code 0]");
    CHECK(rig.host.shown["call-1"] == "\x1b[31mred\x1b[0m \ufffd\n");
}

TEST_CASE("long output shows start and end, and the whole is kept") {
    ToolRig rig;
    const ToolOutcome outcome = bash(rig, "seq 20000; exit 1");
    CHECK(outcome.output.size() <= 30'000);
    CHECK(outcome.output.find("1\n2\n3\n") == 0);
    CHECK(outcome.output.ends_with("19999\n20000\n[exit code 1]"));
    std::string whole;
    for (int i = 1; i <= 20000; ++i) whole += std::to_string(i) + "\n";
    CHECK(rig.host.blobs[outcome.full_output] == whole);
}

TEST_CASE("a command that takes too long is killed with all that it started") {
    ToolRig rig;
    Result<Prepared> prepared =
        rig.prepare("bash", {{"command", "sleep 1000 & echo $! $$; wait"}, {"timeout_ms", 300}});
    REQUIRE(prepared);
    const ToolOutcome outcome = rig.run("bash", *prepared);
    CHECK(outcome.failed);
    CHECK(outcome.output.ends_with("\n[timed out after 300 ms and killed]"));
    int child = 0, shell = 0;
    REQUIRE(std::sscanf(outcome.output.c_str(), "%d %d", &child, &shell) == 2);
    CHECK_FALSE(is_running(child));
    CHECK_FALSE(is_running(shell));
}

TEST_CASE("a stop kills the command with all that it started, and keeps what it printed") {
    ToolRig rig;
    Result<Prepared> prepared =
        rig.prepare("bash", {{"command", "trap '' TERM; setsid sleep 1000 & echo $!; wait; wait"}});
    REQUIRE(prepared);
    const ToolOutcome outcome = rig.run_stopped_at_output("bash", *prepared);
    CHECK(outcome.failed);
    CHECK(outcome.output.ends_with("\n[cancelled; the command was killed]"));
    CHECK_FALSE(is_running(std::stoi(outcome.output)));
}

TEST_CASE("what a command leaves running lives until the session ends") {
    std::vector<int> left;
    {
        ToolRig rig;
        for (const char* command :
             {"sleep 1000 >/dev/null 2>&1 & echo $!", "setsid nohup env -i sleep 1000 & echo $!",
              "trap '' TERM; sleep 1000 & echo $!"}) {
            const ToolOutcome outcome = bash(rig, command);
            CHECK_FALSE(outcome.failed);
            left.push_back(std::stoi(outcome.output));
        }
        CHECK(bash(rig, "true").output == "[exit code 0]");
        for (const int pid : left) CHECK(is_running(pid));
    }
    for (const int pid : left) CHECK_FALSE(is_running(pid));
}

TEST_CASE("a command that prints without end is killed") {
    ToolRig rig;
    const ToolOutcome outcome = bash(rig, "yes " + std::string(2000, 'y'));
    CHECK(outcome.failed);
    CHECK(outcome.output.ends_with("\n[killed: it printed more than 100 MB]"));
    CHECK(rig.host.shown["call-1"].size() < (2U << 20U));
    CHECK(rig.host.shown["call-1"].ends_with("\n[more output follows, not shown]\n"));
}

TEST_CASE("people see the command, and what it is for") {
    ToolRig rig;
    Result<Prepared> prepared = rig.prepare("bash", {{"command", "npm test"}});
    REQUIRE(prepared);
    CHECK(prepared->title == "`npm test`");
    CHECK(prepared->command == "npm test");
    CHECK_FALSE(prepared->effect);
    CHECK(rig.prepare("bash", {{"command", "a\nb"}, {"description", "Run it"}})->title ==
          "Run it: `a b`");
    CHECK(rig.prepare("bash", {{"command", std::string(999, 'x')}})->title.size() <= 200);
}

TEST_CASE("a background command has a name, new output and an end") {
    ToolRig rig;
    rig.scratch.write("go", "");
    const ToolOutcome started =
        rig.call("bash", {{"command", "echo up; sleep 1000"}, {"run_in_background", true}});
    CHECK(started.output.find("[job-1 runs in the background") == 0);
    Result<Prepared> look = rig.prepare("bash", {{"job", "job-1"}, {"action", "output"}});
    REQUIRE(look);
    CHECK(look->title == "Output of job-1");
    CHECK(look->effect == Effect::read);
    const ToolOutcome ended = rig.call("bash", {{"job", "job-1"}, {"action", "kill"}});
    CHECK(ended.output.ends_with("\n[job-1: killed by signal 15 (Terminated)]"));
    CHECK_FALSE(ended.failed);
    CHECK(rig.run("bash", *look).output ==
          "[no new output]\n[job-1: killed by signal 15 (Terminated)]");
    const ToolOutcome unknown = rig.call("bash", {{"job", "job-7"}, {"action", "output"}});
    CHECK(unknown.failed);
    CHECK(unknown.output == "there is no job 'job-7'; the jobs are job-1");
}

TEST_CASE("bash refuses bad input field by field") {
    ToolRig rig;
    for (const Json& input :
         std::vector<Json>{{},
                           {{"command", " "}},
                           {{"command", 1}},
                           {{"command", std::string("a\0b", 3)}},
                           {{"command", std::string(100'001, 'x')}},
                           {{"command", "ls"}, {"timeout_ms", 0}},
                           {{"command", "ls"}, {"timeout_ms", 600'001}},
                           {{"command", "ls"}, {"timeout_ms", "1"}},
                           {{"command", "ls"}, {"run_in_background", "yes"}},
                           {{"command", "ls"}, {"run_in_background", true}, {"timeout_ms", 5}},
                           {{"command", "ls"}, {"description", 1}},
                           {{"command", "ls"}, {"action", "output"}},
                           {{"command", "ls"}, {"job", "job-1"}, {"action", "output"}},
                           {{"job", "job-1"}},
                           {{"job", "job-1"}, {"action", "restart"}},
                           {{"job", 1}, {"action", "kill"}},
                           {{"command", "ls"}, {"cwd", "/"}}}) {
        CAPTURE(input.dump().substr(0, 200));
        CHECK_FALSE(rig.prepare("bash", input));
    }
}
