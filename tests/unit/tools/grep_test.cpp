#include <doctest/doctest.h>

#include "support/tool_rig.hpp"

using namespace thole;
using namespace thole::test;

TEST_CASE("grep gives lines, files or counts") {
    ToolRig rig;
    rig.scratch.write("a.txt", "one\ntwo\nOne more\n");
    rig.scratch.write("d/b.md", "one\n");
    rig.scratch.write(".gitignore", "skip\n");
    rig.scratch.write("skip", "one\n");
    CHECK(rig.call("grep", {{"pattern", "^one"}}).output == "a.txt:1:one\nd/b.md:1:one\n");
    CHECK(
        rig.call("grep", {{"pattern", "^one"}, {"ignore_case", true}, {"path", "a.txt"}}).output ==
        "a.txt:1:one\na.txt:3:One more\n");
    CHECK(rig.call("grep", {{"pattern", "one"}, {"glob", "*.md"}}).output == "d/b.md:1:one\n");
    CHECK(rig.call("grep", {{"pattern", "one"}, {"output", "files"}}).output == "a.txt\nd/b.md\n");
    CHECK(rig.call("grep", {{"pattern", "[Oo]ne"}, {"output", "count"}}).output ==
          "a.txt:2\nd/b.md:1\n");
    const ToolOutcome none = rig.call("grep", {{"pattern", "three"}});
    CHECK(none.output == "[no match]\n");
    CHECK_FALSE(none.failed);
    CHECK(rig.prepare("grep", {{"pattern", "one"}, {"path", "d"}, {"glob", "*.md"}})->title ==
          "Search `one` in d (*.md)");
}

TEST_CASE("grep shows context and keeps groups apart") {
    ToolRig rig;
    rig.scratch.write("a", "1\n2\nhit\n4\n5\n6\nhit\n8\n");
    CHECK(rig.call("grep", {{"pattern", "hit"}, {"context", 1}}).output ==
          "a-2-2\na:3:hit\na-4-4\n--\na-6-6\na:7:hit\na-8-8\n");
}

TEST_CASE("grep stops at its limit and says so") {
    ToolRig rig;
    rig.scratch.write("a", "x\nx\nx\n");
    CHECK(
        rig.call("grep", {{"pattern", "x"}, {"head_limit", 2}}).output ==
        "a:1:x\na:2:x\n[head_limit 2 was reached, there are more; narrow the search or raise it]");
}

TEST_CASE("grep says where a pattern is wrong") {
    ToolRig rig;
    const ToolOutcome outcome = rig.call("grep", {{"pattern", "a(b"}});
    CHECK(outcome.failed);
    CHECK(outcome.output.find("'a(b'") != std::string::npos);
    CHECK(outcome.output.ends_with("at character 4"));
}

TEST_CASE("grep refuses bad input field by field") {
    ToolRig rig;
    for (const Json& input : std::vector<Json>{{},
                                               {{"pattern", ""}},
                                               {{"pattern", 1}},
                                               {{"pattern", "x"}, {"path", 1}},
                                               {{"pattern", "x"}, {"glob", 1}},
                                               {{"pattern", "x"}, {"ignore_case", "no"}},
                                               {{"pattern", "x"}, {"context", -1}},
                                               {{"pattern", "x"}, {"context", 51}},
                                               {{"pattern", "x"}, {"head_limit", 0}},
                                               {{"pattern", "x"}, {"output", "json"}},
                                               {{"pattern", "x"}, {"-i", true}}}) {
        CAPTURE(input.dump());
        CHECK_FALSE(rig.prepare("grep", input));
    }
    CHECK(rig.call("grep", {{"pattern", "x"}, {"path", "nope"}}).failed);
}
