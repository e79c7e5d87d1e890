#include "tools/attempts.hpp"

#include <doctest/doctest.h>

#include "async/confinement.hpp"
#include "support/tool_rig.hpp"
#include "support/tree.hpp"
#include "tools/shell_command.hpp"

using namespace thole;
using namespace thole::test;
using async::Refusal;

namespace {

ToolOutcome read_only(ToolRig& rig, Json input) {
    Result<Prepared> prepared = rig.prepare("bash", input);
    REQUIRE(prepared);
    CHECK_FALSE(prepared->read_only);
    prepared->read_only = true;
    return rig.run("bash", std::move(*prepared));
}

async::Task<void> prove(async::Confinement& confinement, Result<std::string>& name) {
    name = co_await confinement.proof();
}

std::string holder(async::Loop& loop) {
    Result<std::string> name = std::string();
    loop.run(prove(loop.confinement(), name));
    REQUIRE(name);
    return *name;
}

}  // namespace

TEST_CASE("the line for the model counts what was refused and names the first") {
    CHECK(attempts_line({}).empty());
    CHECK(attempts_line({{"open /w/x", 0}}) == "[plan mode: 1 write was refused: open /w/x]");
    CHECK(attempts_line({{"open /w/x", 0}, {"unlink /w/y", 0}}) ==
          "[plan mode: 2 writes were refused: open /w/x, unlink /w/y]");
    CHECK(attempts_line({{"socket inet", 0}, {"open /w/x", 0}}) ==
          "[plan mode: 2 attempts were refused: socket inet, open /w/x]");
    std::vector<Refusal> many;
    for (int i = 0; i < 20; ++i) many.push_back({"open /" + std::to_string(i), 0});
    many.push_back({"", 5});
    CHECK(attempts_line(many) ==
          "[plan mode: 25 writes were refused: open /0, open /1, open /2, open /3, open /4, open "
          "/5, open /6, open /7 and 17 more]");
    CHECK(attempts_line({{"open /a\nb\xff", 0}}) ==
          "[plan mode: 1 write was refused: open /a b\ufffd]");
}

TEST_CASE("each attempt is told with what it would have been") {
    RememberingHost host;
    async::RefusalSink tell = tell_attempts(host, "call-1", "the kernel");
    for (const char* what : {"open /w/a", "unlink /w/a", "socket inet", "kill 7"}) tell({what, 0});
    tell({"", 3});
    std::vector<std::string> effects, whats;
    for (const EffectRefused& one : host.refusals) {
        effects.push_back(one.effect);
        whats.push_back(one.what);
        CHECK(one.call_id == "call-1");
        CHECK(one.tool == "bash");
        CHECK(one.by == "the kernel");
        CHECK_FALSE(one.reason.empty());
    }
    CHECK(effects == std::vector<std::string>{"edit", "delete", "network", "other", "other"});
    CHECK(whats ==
          std::vector<std::string>{"open /w/a", "unlink /w/a", "socket inet", "kill 7", "3 more"});
}

TEST_CASE("a command that may only read changes nothing, and says what it tried") {
    ToolRig rig;
    rig.scratch.write("file", "text\n");
    const std::vector<std::string> before = tree_of(rig.scratch.path());
    const ToolOutcome outcome = read_only(rig, {{"command", "cat file; rm file 2>/dev/null"}});
    const std::string file = rig.scratch / "file";
    CHECK(outcome.output ==
          "text\n[plan mode: 1 write was refused: unlink " + file + "]\n[exit code 1]");
    CHECK(outcome.failed);
    REQUIRE(rig.host.refusals.size() == 1);
    CHECK(rig.host.refusals[0] == EffectRefused{"call-1", "bash", "delete", "unlink " + file,
                                                holder(rig.loop),
                                                "commands only read in mode plan"});
    CHECK(tree_of(rig.scratch.path()) == before);
    CHECK(read_only(rig, {{"command", "cat file"}}).output == "text\n[exit code 0]");
    CHECK(rig.host.refusals.size() == 1);
}

TEST_CASE(
    "a background job that may only read tells while it runs, and the model at the next look") {
    ToolRig rig;
    rig.scratch.write("file", "text\n");
    read_only(rig, {{"command", "rm file 2>&1; sleep 1000"}, {"run_in_background", true}});
    while (rig.host.refusals.empty()) rig.call("bash", {{"command", "true"}});
    const std::string line =
        "[plan mode: 1 write was refused: unlink " + (rig.scratch / "file") + "]\n";
    const Json output = {{"job", "job-1"}, {"action", "output"}};
    CHECK(rig.call("bash", output).output.find(line) != std::string::npos);
    CHECK(rig.call("bash", output).output.find(line) == std::string::npos);
    CHECK_FALSE(rig.call("bash", {{"job", "job-1"}, {"action", "kill"}}).failed);
    CHECK(rig.scratch.read("file") == "text\n");
}

TEST_CASE("where nothing keeps a command from writing, one that may only read is not run") {
    ToolRig rig;
    rig.loop.confinement().assume(fail(Code::unavailable, "this kernel has no Landlock"));
    for (const bool in_background : {false, true}) {
        const ToolOutcome outcome =
            read_only(rig, {{"command", "touch new"}, {"run_in_background", in_background}});
        CHECK(outcome.failed);
        CHECK(outcome.output == "not run: this kernel has no Landlock");
    }
    CHECK(tree_of(rig.scratch.path()).size() == 1);
}

TEST_CASE("git and python leave their caches alone when they may only read") {
    async::ProcessOptions options =
        shell_command("true", "/", {"PATH=/bin", "GIT_OPTIONAL_LOCKS=1"});
    CHECK_FALSE(options.read_only);
    only_read(options);
    CHECK(options.read_only);
    const std::vector<std::string> last(options.env.end() - 2, options.env.end());
    CHECK(last == std::vector<std::string>{"GIT_OPTIONAL_LOCKS=0", "PYTHONDONTWRITEBYTECODE=1"});
    CHECK(std::count(options.env.begin(), options.env.end(), "GIT_OPTIONAL_LOCKS=1") == 0);
}
