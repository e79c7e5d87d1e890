#include <doctest/doctest.h>
#include <unistd.h>

#include "support/tool_rig.hpp"

using namespace thole;
using namespace thole::test;

TEST_CASE("write_file creates a file with its folders and shows it before") {
    ToolRig rig;
    Result<Prepared> prepared =
        rig.prepare("write_file", {{"path", "d/e/a"}, {"content", "x\ny\n"}});
    REQUIRE(prepared);
    const std::string path = rig.scratch / "d/e/a";
    const FileDiff diff{path, true, false, "", "x\ny\n"};
    CHECK(prepared->title == "Write d/e/a");
    CHECK(prepared->paths == std::vector{path});
    CHECK(prepared->diffs == std::vector{diff});
    CHECK(prepared->locations == std::vector{Location{path, 1}});
    CHECK(prepared->old_content_sha256 == "");
    CHECK(prepared->new_content_sha256 == sha256_hex("x\ny\n"));
    CHECK(access(path.c_str(), F_OK) != 0);

    const ToolOutcome outcome = rig.run("write_file", *prepared);
    CHECK(outcome.output == "Created d/e/a (2 lines).");
    CHECK_FALSE(outcome.failed);
    CHECK(outcome.diffs.empty());
    CHECK(rig.scratch.read("d/e/a") == "x\ny\n");
}

TEST_CASE("write_file replaces only what was read in this session") {
    ToolRig rig;
    rig.scratch.write("a", "old\n");
    const Json input = {{"path", "a"}, {"content", "new\n"}};
    const ToolOutcome unread = rig.call("write_file", input);
    CHECK(unread.failed);
    CHECK(unread.output.find("read it first") != std::string::npos);

    rig.call("read_file", {{"path", "a"}});
    rig.scratch.write("a", "newer\n");
    const ToolOutcome outdated = rig.call("write_file", input);
    CHECK(outdated.failed);
    CHECK(outdated.output.find("changed since you read it") != std::string::npos);
    CHECK(rig.scratch.read("a") == "newer\n");

    rig.call("read_file", {{"path", "a"}});
    const ToolOutcome written = rig.call("write_file", input);
    CHECK(written.output == "Changed a (+1 -1). It now reads:\n     1\tnew\n");
    CHECK(rig.scratch.read("a") == "new\n");
}

TEST_CASE("a file that the model wrote may be replaced again") {
    ToolRig rig;
    rig.call("write_file", {{"path", "a"}, {"content", "1"}});
    CHECK_FALSE(rig.call("write_file", {{"path", "a"}, {"content", "2"}}).failed);
    CHECK(rig.scratch.read("a") == "2");
}

TEST_CASE("write_file writes nothing when the file is not what was shown") {
    ToolRig rig;
    rig.scratch.write("a", "old\n");
    rig.call("read_file", {{"path", "a"}});
    Result<Prepared> prepared = rig.prepare("write_file", {{"path", "a"}, {"content", "new\n"}});
    REQUIRE(prepared);
    rig.scratch.write("a", "mine\n");
    CHECK(rig.run("write_file", *prepared).failed);
    rig.call("read_file", {{"path", "a"}});
    const ToolOutcome stale = rig.run("write_file", *prepared);
    CHECK(stale.failed);
    CHECK(
        stale.output ==
        "'a' has changed since this call was shown; nothing was written. Read it again and repeat "
        "the change");
    CHECK(rig.scratch.read("a") == "mine\n");
}

TEST_CASE("write_file writes nothing when a link has taken the place of the file") {
    ToolRig rig;
    Scratch elsewhere;
    elsewhere.write("secret", "keep");
    Result<Prepared> prepared = rig.prepare("write_file", {{"path", "a"}, {"content", "x"}});
    REQUIRE(prepared);
    REQUIRE(symlink((elsewhere / "secret").c_str(), (rig.scratch / "a").c_str()) == 0);
    CHECK(rig.run("write_file", *prepared).failed);
    CHECK(elsewhere.read("secret") == "keep");
}

TEST_CASE("outside the roots nothing is read before the call runs") {
    ToolRig rig;
    Scratch elsewhere;
    elsewhere.write("a", "old");
    const std::string path = elsewhere / "a";
    Result<Prepared> prepared = rig.prepare("write_file", {{"path", path}, {"content", "new"}});
    REQUIRE(prepared);
    CHECK(prepared->paths == std::vector{path});
    CHECK(prepared->diffs.empty());
    CHECK(rig.run("write_file", *prepared).failed);
    rig.call("read_file", {{"path", path}});
    const ToolOutcome outcome = rig.run("write_file", *prepared);
    const FileDiff diff{path, false, false, "old", "new"};
    CHECK_FALSE(outcome.failed);
    CHECK(outcome.diffs == std::vector{diff});
    CHECK(outcome.locations == std::vector{Location{path, 1}});
    CHECK(elsewhere.read("a") == "new");
}

TEST_CASE("write_file refuses directories, binary files, no change and bad input") {
    ToolRig rig;
    rig.scratch.write("d/x", "same");
    rig.scratch.write("b", std::string("\0\1\2", 3));
    rig.call("read_file", {{"path", "d/x"}});
    CHECK(rig.call("write_file", {{"path", "d"}, {"content", "x"}}).output == "'d' is a directory");
    CHECK(rig.call("write_file", {{"path", "b"}, {"content", "x"}}).output ==
          "'b' is a binary file, which this tool does not change");
    CHECK(rig.call("write_file", {{"path", "d/x"}, {"content", "same"}}).failed);
    for (const Json& input : std::vector<Json>{{},
                                               {{"path", "a"}},
                                               {{"content", "a"}},
                                               {{"path", ""}, {"content", "a"}},
                                               {{"path", "a"}, {"content", 1}},
                                               {{"path", "a"}, {"content", "x"}, {"mode", 7}}}) {
        CAPTURE(input.dump());
        CHECK_FALSE(rig.prepare("write_file", input));
    }
}

TEST_CASE("a directory that cannot be written gives an error that names it") {
    ToolRig rig;
    rig.scratch.write("f", "");
    const ToolOutcome outcome = rig.call("write_file", {{"path", "f/a"}, {"content", "x"}});
    CHECK(outcome.failed);
    CHECK(outcome.output.find("f") != std::string::npos);
}
