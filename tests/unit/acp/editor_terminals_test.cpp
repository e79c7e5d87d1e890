#include "acp/editor_terminals.hpp"

#include <doctest/doctest.h>

#include "base/json.hpp"
#include "unit/rpc/peer.hpp"

using namespace thole;
using thole::test::Peer;

namespace {

struct Rig {
    Rig() {
        acp::EditorTerminals::View view;
        view.owns_turn = [] { return true; };
        view.show = [this](const std::string& call, const std::string& terminal) {
            shown.push_back(call + " " + terminal);
        };
        terminals.join(std::move(view));
    }
    rpc::MethodTable methods;
    Peer peer{methods};
    acp::EditorTerminals terminals{peer.loop, *peer.connection, "s1", {"THE_KEY"}};
    std::vector<std::string> shown;
};

// A request of ours, and what the editor answers: a member of the response; "" for nothing.
struct Step {
    std::string method, answer;
};

struct Seen {
    std::optional<Result<TerminalEnd>> end;
    std::vector<std::string> methods;
    Json created;
};

async::Task<void> keep_run(Rig& rig, TerminalCommand command, Seen& seen) {
    Result<TerminalEnd> end = co_await rig.terminals.run(std::move(command));
    seen.end.emplace(std::move(end));
    rig.peer.connection->notify("over", "{}");
}

async::Task<void> play(Rig& rig, std::vector<Step> steps, Seen& seen) {
    TerminalCommand command;
    command.call_id = "c1";
    command.argv = {"/bin/sh", "-c", "echo 'x'"};
    command.directory = "/p";
    command.environment = {"A=1=2", "MY_TOKEN=secret", "BAD=\xff", "=x", "none"};
    command.unset = {"COLOR"};
    command.timeout = std::chrono::milliseconds(50);
    async::Scope scope;
    scope.spawn(keep_run(rig, std::move(command), seen));
    while (true) {
        std::string line = co_await rig.peer.next();
        Json message = *parse_json(line);
        std::string method = text_member(message, "method");
        if (method == "over") break;
        seen.methods.push_back(method);
        if (method == "terminal/create") seen.created = message["params"];
        for (const Step& step : steps) {
            if (step.method != method || step.answer.empty()) continue;
            rig.peer.send("{\"id\":" + dump_json(message["id"]) + "," + step.answer + "}");
        }
    }
    co_await scope.join();
}

Seen run(Rig& rig, const std::vector<Step>& steps) {
    Seen seen;
    rig.peer.play(play(rig, steps, seen));
    return seen;
}

const Step made{"terminal/create", R"("result":{"terminalId":"t1"})"};
const Step exited{"terminal/wait_for_exit", R"("result":{"exitCode":2})"};
const Step killed{"terminal/kill", R"("result":{})"};
const Step printed{"terminal/output", R"("result":{"output":"out","truncated":false})"};
const std::string broken = R"("error":{"code":-32603,"message":"broken"})";
using Methods = std::vector<std::string>;
using How = TerminalEnd::How;

}  // namespace

TEST_CASE("a command is created, shown, waited for, read and released") {
    Rig rig;
    Seen seen = run(rig, {made, exited, printed});
    REQUIRE(seen.end);
    REQUIRE(*seen.end);
    CHECK((*seen.end)->how == How::exited);
    CHECK((*seen.end)->exit == async::Exit{2, 0});
    CHECK((*seen.end)->output == "out");
    CHECK((*seen.end)->kept == 0);
    CHECK(seen.methods == Methods{"terminal/create", "terminal/wait_for_exit", "terminal/output",
                                  "terminal/release"});
    CHECK(rig.shown == std::vector<std::string>{"c1 t1"});
}

TEST_CASE("a terminal's command has no input, no keys and nothing that must not be logged") {
    Rig rig;
    Seen seen = run(rig, {made, exited, printed});
    Json expected{{"sessionId", "s1"},
                  {"command", "/bin/sh"},
                  {"args",
                   {"-c", "unset COLOR THE_KEY; exec \"$0\" \"$@\" </dev/null 2>&1", "/bin/sh",
                    "-c", "echo 'x'"}},
                  {"cwd", "/p"},
                  {"env", Json::array({{{"name", "A"}, {"value", "1=2"}}})},
                  {"outputByteLimit", 4194304}};
    CHECK(seen.created == expected);
}

TEST_CASE("an editor that refuses a terminal has started nothing") {
    Rig rig;
    Seen seen = run(rig, {{"terminal/create", broken}});
    REQUIRE(seen.end);
    REQUIRE(!*seen.end);
    CHECK(seen.end->error().code == Code::unavailable);
    CHECK(rig.terminals.is_offered());
    CHECK(seen.methods == Methods{"terminal/create"});
}

TEST_CASE("an editor without the method is not asked again") {
    Rig rig;
    Seen seen =
        run(rig, {{"terminal/create", R"("error":{"code":-32601,"message":"unknown method"})"}});
    REQUIRE(seen.end);
    CHECK(!*seen.end);
    CHECK_FALSE(rig.terminals.is_offered());
}

TEST_CASE("an answer that names no terminal may mean that the command runs") {
    Rig rig;
    Seen seen = run(rig, {{"terminal/create", R"("result":null)"}});
    REQUIRE(seen.end);
    REQUIRE(*seen.end);
    CHECK((*seen.end)->how == How::failed);
    CHECK((*seen.end)->why.find("may have been started") != std::string::npos);
    CHECK(seen.methods == Methods{"terminal/create"});
}

TEST_CASE("a command that takes too long is killed before its output is read") {
    Rig rig;
    Seen seen = run(rig, {made, killed, printed});
    REQUIRE(seen.end);
    REQUIRE(*seen.end);
    CHECK((*seen.end)->how == How::timed_out);
    CHECK((*seen.end)->output == "out");
    CHECK(seen.methods == Methods{"terminal/create", "terminal/wait_for_exit", "terminal/kill",
                                  "terminal/output", "terminal/release"});
}

TEST_CASE("a terminal is released although the editor fails at everything") {
    Rig rig;
    Seen seen = run(rig, {made,
                          {"terminal/wait_for_exit", broken},
                          {"terminal/kill", broken},
                          {"terminal/output", broken}});
    REQUIRE(seen.end);
    REQUIRE(*seen.end);
    CHECK((*seen.end)->how == How::failed);
    CHECK((*seen.end)->why ==
          "the editor could not say how the command ended: broken; it was killed");
    CHECK(seen.methods.back() == "terminal/release");
    CHECK(std::count(seen.methods.begin(), seen.methods.end(), "terminal/release") == 1);
}

TEST_CASE("signals, ends by the output, and output that the editor cut") {
    Rig rig;
    Seen seen =
        run(rig, {made,
                  {"terminal/wait_for_exit", R"("result":{"exitCode":null,"signal":"SIGTERM"})"},
                  {"terminal/output", R"("result":{"output":"the end","truncated":true})"}});
    REQUIRE(*seen.end);
    CHECK((*seen.end)->exit == async::Exit{0, 15});
    CHECK((*seen.end)->kept == 7);
    Rig other;
    seen =
        run(other, {made,
                    {"terminal/wait_for_exit", R"("result":{})"},
                    killed,
                    {"terminal/output", R"("result":{"output":"","exitStatus":{"exitCode":0}})"}});
    REQUIRE(*seen.end);
    CHECK((*seen.end)->how == How::exited);
    Rig odd;
    seen = run(odd, {made,
                     {"terminal/wait_for_exit", R"("result":{"signal":"SIGBOAT"})"},
                     killed,
                     {"terminal/output", R"("result":{"output":7})"}});
    REQUIRE(*seen.end);
    CHECK((*seen.end)->how == How::failed);
    CHECK((*seen.end)->why == "killed by signal 'SIGBOAT'");
    CHECK((*seen.end)->lacks_output == "the editor's answer held no output");
}

TEST_CASE("a terminal is offered while the view's connection owns the turn") {
    Rig rig;
    CHECK(rig.terminals.is_offered());
    rig.terminals.leave();
    CHECK_FALSE(rig.terminals.is_offered());
}
