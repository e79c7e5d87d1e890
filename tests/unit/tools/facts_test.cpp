#include "tools/facts.hpp"

#include <doctest/doctest.h>
#include <unistd.h>

#include "support/tool_rig.hpp"

using namespace thole;
using namespace thole::test;

TEST_CASE("no tool follows a link that has come in the way since the call was shown") {
    Scratch elsewhere;
    elsewhere.write("secret", "keep");
    for (const auto& [tool, input] : std::vector<std::pair<std::string, Json>>{
             {"read_file", {{"path", "d/secret"}}},
             {"write_file", {{"path", "d/secret"}, {"content", "x"}}},
             {"edit_file", {{"path", "d/secret"}, {"old_string", ""}, {"new_string", "x"}}},
             {"list_directory", {{"path", "d"}}},
             {"glob", {{"path", "d"}, {"pattern", "*"}}},
             {"grep", {{"path", "d"}, {"pattern", "keep"}}}}) {
        CAPTURE(tool);
        ToolRig rig;
        std::filesystem::create_directory(rig.scratch / "d");
        Result<Prepared> prepared = rig.prepare(tool, input);
        REQUIRE(prepared);
        std::filesystem::remove(rig.scratch / "d");
        REQUIRE(symlink(elsewhere.path().c_str(), (rig.scratch / "d").c_str()) == 0);
        const ToolOutcome outcome = rig.run(tool, *prepared);
        CHECK(outcome.failed);
        CHECK(outcome.output.find("now leads elsewhere") != std::string::npos);
        CHECK(elsewhere.read("secret") == "keep");
    }
}

TEST_CASE("a long outcome keeps its last line and stores the whole") {
    RememberingHost host;
    const std::string text = std::string(50'000, 'x');
    const ToolOutcome outcome = long_outcome(host, text, "[the end]");
    CHECK(outcome.output.size() <= 30'000);
    CHECK(outcome.output.ends_with("\n[the end]"));
    CHECK(host.blobs[outcome.full_output] == text);
    const ToolOutcome small = long_outcome(host, "a", "");
    CHECK(small.output == "a");
    CHECK(small.full_output == "");
}

TEST_CASE("a title is one line of at most 200 bytes") {
    CHECK(title_of("a\n b") == "a b");
    CHECK(title_of(std::string(300, 'x')).size() <= 200);
}
