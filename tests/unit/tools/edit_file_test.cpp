#include <doctest/doctest.h>

#include "support/tool_rig.hpp"

using namespace thole;
using namespace thole::test;

namespace {

std::string letters() {
    std::string text;
    for (char c = 'a'; c <= 'z'; ++c) text += std::string(1, c) + "\n";
    return text;
}

}  // namespace

TEST_CASE("edit_file shows the change before and the changed lines after") {
    ToolRig rig;
    rig.scratch.write("f", letters());
    Result<Prepared> prepared =
        rig.prepare("edit_file", {{"path", "f"}, {"old_string", "m\nn\n"}, {"new_string", "M\n"}});
    REQUIRE(prepared);
    const std::string path = rig.scratch / "f";
    CHECK(prepared->title == "Edit f");
    CHECK(prepared->locations == std::vector{Location{path, 13}});
    REQUIRE(prepared->diffs.size() == 1);
    CHECK(prepared->diffs[0].old_text == letters());
    const ToolOutcome outcome = rig.run("edit_file", *prepared);
    CHECK_FALSE(outcome.failed);
    CHECK(
        outcome.output ==
        "Changed f (+1 -2). It now reads:\n    10\tj\n    11\tk\n    12\tl\n    13\tM\n    14\to\n"
        "    15\tp\n    16\tq\n");
    CHECK(rig.scratch.read("f") == prepared->diffs[0].new_text);
}

TEST_CASE("several changed places are shown apart") {
    ToolRig rig;
    rig.scratch.write("f", letters());
    const ToolOutcome outcome =
        rig.call("multi_edit", {{"path", "f"},
                                {"edits",
                                 {{{"old_string", "a\n"}, {"new_string", "A\n"}},
                                  {{"old_string", "z\n"}, {"new_string", "Z\n"}}}}});
    CHECK(outcome.output ==
          "Changed f (+2 -2). It now reads:\n     1\tA\n     2\tb\n     3\tc\n     4\td\n   ...\n"
          "    23\tw\n    24\tx\n    25\ty\n    26\tZ\n");
}

TEST_CASE("an edit that does not match changes nothing and says what is near") {
    ToolRig rig;
    rig.scratch.write("f", "int main() {\n  return 0;\n}\n");
    const ToolOutcome outcome = rig.call(
        "edit_file", {{"path", "f"}, {"old_string", "    return 0;"}, {"new_string", "x"}});
    CHECK(outcome.failed);
    CHECK(outcome.output.find("return 0;") != std::string::npos);
    CHECK(rig.call("edit_file", {{"path", "f"}, {"old_string", "\n"}, {"new_string", "x"}}).failed);
    CHECK(rig.scratch.read("f") == "int main() {\n  return 0;\n}\n");
}

TEST_CASE("replace_all replaces every occurrence") {
    ToolRig rig;
    rig.scratch.write("f", "a b a\n");
    rig.call("edit_file",
             {{"path", "f"}, {"old_string", "a"}, {"new_string", "c"}, {"replace_all", true}});
    CHECK(rig.scratch.read("f") == "c b c\n");
}

TEST_CASE("multi_edit makes all edits in order, or none") {
    ToolRig rig;
    rig.scratch.write("f", "one two\n");
    const Json first = {{"old_string", "one"}, {"new_string", "three"}};
    const Json second = {{"old_string", "three two"}, {"new_string", "four"}};
    const Json wrong = {{"old_string", "five"}, {"new_string", "six"}};
    CHECK(rig.call("multi_edit", {{"path", "f"}, {"edits", {first, wrong}}}).failed);
    CHECK(rig.scratch.read("f") == "one two\n");
    CHECK_FALSE(rig.call("multi_edit", {{"path", "f"}, {"edits", {first, second}}}).failed);
    CHECK(rig.scratch.read("f") == "four\n");
}

TEST_CASE("an empty old_string creates a file, any other needs one that is there") {
    ToolRig rig;
    CHECK(
        rig.call("edit_file", {{"path", "n"}, {"old_string", ""}, {"new_string", "x\n"}}).output ==
        "Created n (1 lines).");
    CHECK(rig.scratch.read("n") == "x\n");
    const ToolOutcome absent =
        rig.call("edit_file", {{"path", "m"}, {"old_string", "a"}, {"new_string", "x"}});
    CHECK(absent.failed);
    CHECK(absent.output == "there is no file '" + (rig.scratch / "m") +
                               "'; look for it with glob, or create it with write_file");
}

TEST_CASE("an edit of a file that has changed in other places works and says so") {
    ToolRig rig;
    rig.scratch.write("f", "a\nb\n");
    rig.call("read_file", {{"path", "f"}});
    rig.scratch.write("f", "a\nb\nc\n");
    const ToolOutcome outcome =
        rig.call("edit_file", {{"path", "f"}, {"old_string", "a"}, {"new_string", "A"}});
    CHECK(outcome.output ==
          "Changed f (+1 -1). It now reads:\n     1\tA\n     2\tb\n     3\tc\n"
          "Note: the file had changed in other places since you read it.");
    CHECK(rig.call("write_file", {{"path", "f"}, {"content", "x"}}).failed);
}

TEST_CASE("after an edit the model knows the file as well as before") {
    ToolRig rig;
    rig.scratch.write("f", "a\n");
    const Json edit = {{"path", "f"}, {"old_string", "a"}, {"new_string", "b"}};
    rig.call("edit_file", edit);
    CHECK(rig.call("write_file", {{"path", "f"}, {"content", "x"}}).failed);
    rig.scratch.write("f", "a\n");
    rig.call("read_file", {{"path", "f"}});
    rig.call("edit_file", edit);
    CHECK_FALSE(rig.call("write_file", {{"path", "f"}, {"content", "x"}}).failed);
}

TEST_CASE("an edit fails when the file is not what was shown") {
    ToolRig rig;
    rig.scratch.write("f", "a\n");
    Result<Prepared> prepared =
        rig.prepare("edit_file", {{"path", "f"}, {"old_string", "a"}, {"new_string", "b"}});
    REQUIRE(prepared);
    rig.scratch.write("f", "a\nmine\n");
    CHECK(rig.run("edit_file", *prepared).failed);
    CHECK(rig.scratch.read("f") == "a\nmine\n");
}

TEST_CASE("the diff of a long file holds the changed region and its surroundings") {
    ToolRig rig;
    std::string text;
    for (int i = 0; i < 120'000; ++i) text += "line " + std::to_string(i) + "\n";
    rig.scratch.write("f", text);
    Result<Prepared> prepared = rig.prepare(
        "edit_file", {{"path", "f"}, {"old_string", "line 777\n"}, {"new_string", "x\ny\n"}});
    REQUIRE(prepared);
    const FileDiff diff{rig.scratch / "f",
                        false,
                        false,
                        "line 774\nline 775\nline 776\nline 777\nline 778\nline 779\nline 780\n",
                        "line 774\nline 775\nline 776\nx\ny\nline 778\nline 779\nline 780\n",
                        true};
    CHECK(prepared->diffs == std::vector{diff});
    CHECK(prepared->locations == std::vector{Location{rig.scratch / "f", 778}});
}

TEST_CASE("edit tools refuse bad input field by field") {
    ToolRig rig;
    rig.scratch.write("f", "a\n");
    for (const Json& input : std::vector<Json>{
             {},
             {{"path", "f"}, {"old_string", "a"}},
             {{"path", "f"}, {"new_string", "a"}},
             {{"old_string", "a"}, {"new_string", "b"}},
             {{"path", "f"}, {"old_string", "a"}, {"new_string", "a"}},
             {{"path", "f"}, {"old_string", 1}, {"new_string", "a"}},
             {{"path", "f"}, {"old_string", "a"}, {"new_string", "b"}, {"all", 1}},
             {{"path", "f"}, {"old_string", "a"}, {"new_string", "b"}, {"replace_all", "yes"}}}) {
        CAPTURE(input.dump());
        CHECK_FALSE(rig.prepare("edit_file", input));
    }
    for (const Json& edits : std::vector<Json>{
             Json::array(), "x", {{{"old_string", "a"}}}, {{{"old_string", "a"}, {"new", "b"}}}}) {
        CAPTURE(edits.dump());
        CHECK_FALSE(rig.prepare("multi_edit", {{"path", "f"}, {"edits", edits}}));
    }
    CHECK(rig.prepare("multi_edit", {{"path", "f"}, {"edits", {{{"old_string", "a"}}}}})
              .error()
              .message.find("multi_edit.edits[0].new_string") == 0);
}
