#include "tools/bash_terminal.hpp"

#include <doctest/doctest.h>

#include "support/tool_rig.hpp"
#include "tools/terminals.hpp"

using namespace thole;
using namespace thole::test;

namespace {

// Remembers what it was to run, and ends as it was told.
class FakeTerminals final : public Terminals {
public:
    bool is_offered() const override { return offered; }
    async::Task<Result<TerminalEnd>> run(TerminalCommand command) override {
        asked.push_back(std::move(command));
        co_return end;
    }

    bool offered = true;
    Result<TerminalEnd> end = TerminalEnd{};
    std::vector<TerminalCommand> asked;
};

struct Rig : ToolRig {
    Rig() { context.terminals = &terminals; }
    ToolOutcome bash(const std::string& command) { return call("bash", {{"command", command}}); }
    ToolOutcome ending(TerminalEnd end) {
        terminals.end = std::move(end);
        return bash("anything");
    }
    FakeTerminals terminals;
};

TerminalEnd ended(TerminalEnd::How how, std::string output = "", std::string why = "") {
    TerminalEnd end;
    end.how = how;
    end.output = std::move(output);
    end.why = std::move(why);
    return end;
}

}  // namespace

TEST_CASE("a command runs where it is seen, with the words of any other for the model") {
    Rig rig;
    const ToolOutcome outcome = rig.ending(ended(TerminalEnd::How::exited, "hello\r\n\x1b[1mx"));
    CHECK(outcome.output == "hello\nx\n[exit code 0]");
    CHECK_FALSE(outcome.failed);
    CHECK(rig.host.shown["call-1"] == "hello\r\n\x1b[1mx");
    REQUIRE(rig.terminals.asked.size() == 1);
    const TerminalCommand& asked = rig.terminals.asked[0];
    CHECK(asked.call_id == "call-1");
    CHECK(asked.argv.size() == 3);
    CHECK(asked.argv[1] == "-c");
    CHECK(asked.argv[2] == "anything");
    CHECK(asked.directory == rig.scratch.path());
    CHECK(asked.environment == std::vector<std::string>{"PATH=/usr/bin:/bin", "GIT_PAGER=cat",
                                                        "PAGER=cat", "TERM=dumb", "NO_COLOR=1"});
    CHECK(asked.unset == std::vector<std::string>{"FORCE_COLOR", "CLICOLOR_FORCE"});
    CHECK(asked.timeout == std::chrono::minutes(2));
}

TEST_CASE("each end of a terminal's command is told, and only a good one is no failure") {
    Rig rig;
    TerminalEnd exited = ended(TerminalEnd::How::exited, "no\n");
    exited.exit = {3, 0};
    CHECK(rig.ending(exited).output == "no\n[exit code 3]");
    CHECK(rig.ending(exited).failed);
    CHECK(rig.ending(ended(TerminalEnd::How::timed_out)).output ==
          "[timed out after 120000 ms and killed]");
    CHECK(rig.ending(ended(TerminalEnd::How::cancelled)).output ==
          "[cancelled; the command was killed]");
    const ToolOutcome failed = rig.ending(ended(TerminalEnd::How::failed, "half", "it broke"));
    CHECK(failed.output == "half\n[it broke]");
    CHECK(failed.failed);
    TerminalEnd silent = ended(TerminalEnd::How::exited);
    silent.lacks_output = "no output";
    CHECK(rig.ending(silent).output == "[no output]\n[exit code 0]");
    CHECK(rig.ending(silent).failed);
}

TEST_CASE("long output of a terminal has the limits of any other") {
    Rig rig;
    TerminalEnd end = ended(TerminalEnd::How::exited, std::string(3U << 20U, 'x'));
    end.kept = end.output.size();
    const ToolOutcome outcome = rig.ending(end);
    CHECK(outcome.output.size() <= 30'000);
    CHECK(outcome.output.starts_with("[the editor kept only the last 3145728 bytes]\nxxx"));
    CHECK(outcome.output.ends_with("x\n[exit code 0]"));
    CHECK(rig.host.blobs[outcome.full_output].size() > end.kept);
    CHECK(rig.host.shown["call-1"].size() < (2U << 20U));
    CHECK(rig.host.shown["call-1"].ends_with("\n[more output follows, not shown]\n"));
}

TEST_CASE("what the editor refuses runs here, once") {
    Rig rig;
    rig.terminals.end = fail(Code::unavailable, "no");
    CHECK(rig.bash("echo here").output == "here\n[exit code 0]");
    CHECK(rig.terminals.asked.size() == 1);
    rig.terminals.offered = false;
    CHECK(rig.bash("echo here").output == "here\n[exit code 0]");
    CHECK(rig.terminals.asked.size() == 1);
}

TEST_CASE("what only reads, what is in the background and what stays behind runs here") {
    Rig rig;
    Result<Prepared> reading = rig.prepare("bash", {{"command", "echo here"}});
    REQUIRE(reading);
    reading->read_only = true;
    (void)rig.run("bash", *reading);
    (void)rig.call("bash", {{"command", "true"}, {"run_in_background", true}});
    CHECK(rig.bash("sleep 0 & echo here").output == "here\n[exit code 0]");
    CHECK(rig.terminals.asked.empty());
}

TEST_CASE("whether a command leaves something is read from its text, with doubts on one side") {
    for (const char* stays : {"a", "a && b", "a 2>&1", "a <&3", "a &> f", "a |& b", "a&&b", ""}) {
        CHECK_MESSAGE(stays_in_foreground(stays), stays);
    }
    for (const char* leaves : {"a &", "a & b", "(a&)", "a && b &", "a &\nb", "&", "echo 'a & b'"}) {
        CHECK_MESSAGE(!stays_in_foreground(leaves), leaves);
    }
}
