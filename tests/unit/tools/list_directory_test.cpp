#include <doctest/doctest.h>
#include <unistd.h>

#include "support/tool_rig.hpp"

using namespace thole;
using namespace thole::test;

TEST_CASE("list_directory shows directories, sizes and links, and counts what is ignored") {
    ToolRig rig;
    rig.scratch.write("b.txt", "12345");
    rig.scratch.write("src/a.c", "");
    rig.scratch.write(".gitignore", "*.o\nbuild/\n");
    rig.scratch.write("x.o", "");
    rig.scratch.write("build/y", "");
    rig.scratch.write(".git/HEAD", "");
    REQUIRE(symlink("b.txt", (rig.scratch / "link").c_str()) == 0);
    CHECK(rig.call("list_directory", Json::object()).output ==
          ".gitignore 11\nb.txt 5\nlink -> b.txt\nsrc/\n"
          "[3 ignored left out: .git/, build/, x.o]");
    CHECK(rig.call("list_directory", {{"path", "src"}}).output == "a.c 0\n");
    CHECK(rig.prepare("list_directory", {{"path", "src"}})->title == "List src");
}

TEST_CASE("list_directory says when there is nothing, too much, or no directory") {
    ToolRig rig;
    rig.scratch.write("f", "");
    std::filesystem::create_directory(rig.scratch / "empty");
    for (int i = 0; i < 1002; ++i) rig.scratch.write("many/" + std::to_string(i), "");
    CHECK(rig.call("list_directory", {{"path", "empty"}}).output == "[no entries]\n");
    CHECK(rig.call("list_directory", {{"path", "many"}})
              .output.ends_with("\n[2 more entries; narrow it down with glob]\n"));
    CHECK(rig.call("list_directory", {{"path", "f"}}).failed);
    CHECK(rig.call("list_directory", {{"path", "nope"}}).failed);
    CHECK_FALSE(rig.prepare("list_directory", {{"path", 1}}));
    CHECK_FALSE(rig.prepare("list_directory", {{"dir", "x"}}));
}
