#include <doctest/doctest.h>

#include "support/tool_rig.hpp"

using namespace thole;
using namespace thole::test;

namespace {

void touch(const Scratch& scratch, const std::string& name, int seconds) {
    scratch.write(name, "");
    std::filesystem::last_write_time(
        scratch / name, std::filesystem::file_time_type(std::chrono::seconds(seconds)));
}

}  // namespace

TEST_CASE("glob gives paths relative to the working directory, newest first") {
    ToolRig rig;
    touch(rig.scratch, "old.c", 100);
    touch(rig.scratch, "src/new.c", 300);
    touch(rig.scratch, "src/deep/mid.h", 200);
    rig.scratch.write(".gitignore", "ignored.c\n");
    rig.scratch.write("ignored.c", "");
    CHECK(rig.call("glob", {{"pattern", "*.{c,h}"}}).output ==
          "src/new.c\nsrc/deep/mid.h\nold.c\n");
    CHECK(rig.call("glob", {{"pattern", "src/*.c"}}).output == "src/new.c\n");
    CHECK(rig.call("glob", {{"pattern", "*.h"}, {"path", "src"}}).output == "src/deep/mid.h\n");
    CHECK(rig.call("glob", {{"pattern", "*.rs"}}).output == "[no file matches]");
    CHECK(rig.prepare("glob", {{"pattern", "*.h"}, {"path", "src"}})->title == "Find `*.h` in src");
}

TEST_CASE("glob stops at 1000 files and says so") {
    ToolRig rig;
    for (int i = 0; i < 1001; ++i) rig.scratch.write("d/" + std::to_string(i), "");
    CHECK(
        rig.call("glob", {{"pattern", "d/*"}})
            .output.ends_with("\n[only the 1000 newest files are shown; narrow the pattern or the "
                              "path]"));
}

TEST_CASE("glob refuses bad patterns and places") {
    ToolRig rig;
    for (const Json& input : std::vector<Json>{{},
                                               {{"pattern", ""}},
                                               {{"pattern", "/etc/*"}},
                                               {{"pattern", 1}},
                                               {{"pattern", "*"}, {"path", 1}},
                                               {{"pattern", "*"}, {"limit", 1}}}) {
        CAPTURE(input.dump());
        CHECK_FALSE(rig.prepare("glob", input));
    }
    CHECK(rig.call("glob", {{"pattern", "*"}, {"path", "nope"}}).failed);
}
