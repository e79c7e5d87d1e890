#include "session/custom_commands.hpp"

#include <doctest/doctest.h>

#include <filesystem>

#include "support/scratch.hpp"

using namespace thole;

namespace {

std::string with_head(const std::string& head) {
    return "---\n" + head + "---\nRow $ARGUMENTS.\n";
}

std::string fault_of(const std::string& text, const std::string& name = "row") {
    Result<CustomCommand> command = read_command(name, text, "/w/row.md");
    REQUIRE_FALSE(command);
    CHECK(command.error().code == Code::configuration);
    return command.error().message;
}

struct Boat {
    test::Scratch scratch;
    Boat() {
        scratch.write("boat/oar.c", "int oar;\n");
        scratch.write("boat/.env", "KEY=1\n");
        scratch.write("boat/raw.bin", std::string("\xff\xfe\0", 3));
        scratch.write("outside.txt", "outside\n");
    }
    Roots roots() const {
        Result<Roots> opened = Roots::open({scratch / "boat"});
        REQUIRE(opened);
        return std::move(*opened);
    }
    Result<std::string> with(const std::string& prompt, const RuleTexts& texts = {}) const {
        Result<Rules> rules = parse_rules(texts);
        REQUIRE(rules);
        return with_named_files(prompt, roots(), *rules);
    }
};

}  // namespace

TEST_CASE("a file is a command: its head says how, its body is the prompt") {
    Result<CustomCommand> command = read_command(
        "row",
        with_head("description: Rows\nargument-hint: <course>\nmodel: demo\nagent: planner\n"
                  "allowed-tools: [read_file, bash]\n"),
        "/w/row.md");
    REQUIRE(command);
    CHECK(*command == CustomCommand{"row",
                                    "Rows",
                                    "<course>",
                                    "demo",
                                    "planner",
                                    {"read_file", "bash"},
                                    "Row $ARGUMENTS.",
                                    "/w/row.md"});
    Result<CustomCommand> bare = read_command("row", "Row on.\n", "/w/row.md");
    REQUIRE(bare);
    CHECK(bare->description == "Row on.");
    CHECK(bare->tools.empty());
}

TEST_CASE("what is wrong with a command names the file, and what would be right") {
    CHECK(fault_of(with_head("colour: red\n")).find("/w/row.md: unknown key 'colour'; known are") ==
          0);
    CHECK(fault_of(with_head("allowed-tools: []\n")).find("names none") != std::string::npos);
    CHECK(
        fault_of(with_head("allowed-tools: fly\n")).find("there is no tool 'fly'; the tools are") !=
        std::string::npos);
    CHECK(fault_of("---\ndescription: x\n---\n").find("holds no prompt") != std::string::npos);
    CHECK(fault_of("---\ndescription: x\n").find("close it with ---") != std::string::npos);
    CHECK(fault_of("Row.\n", "Row On").find("must be lower-case letters") != std::string::npos);
    CHECK(fault_of("Row.\n", "").find("the name ''") != std::string::npos);
}

TEST_CASE("heads that would blow up are refused") {
    CHECK(fault_of(with_head("a: &x [y, y]\nb: *x\n")).find("aliases") != std::string::npos);
    CHECK(fault_of(with_head("a: " + std::string(100'000, '[') + "\n")) != "");
    CHECK(fault_of(with_head("a: {b: {c: d}}\n")).find("maps within values") != std::string::npos);
}

TEST_CASE("arguments go where the body says, once") {
    CHECK(fill_in("Row $ARGUMENTS!", "to  the left") == "Row to  the left!");
    CHECK(fill_in("$1 and $2, not $3.", "'two words' b") == "two words and b, not .");
    CHECK(fill_in("$2-$1", "a b c") == "b-a");
    CHECK(fill_in("$ARGUMENTS $1", "$1 $ARGUMENTS") == "$1 $ARGUMENTS $1");
    CHECK(fill_in("It costs $30 or $1.50, $0 $x $", "a") == "It costs $30 or $1.50, $0 $x $\n\na");
    CHECK(fill_in("Row.", "") == "Row.");
    CHECK(fill_in("Row.", " fast ") == "Row.\n\nfast");
    CHECK(fill_in("!`rm -rf x` $(touch y)", "") == "!`rm -rf x` $(touch y)");
}

TEST_CASE("files that the prompt names are shown after it, each once") {
    Boat boat;
    Result<std::string> text =
        boat.with("Look at @oar.c, (@oar.c) and write to me@oar.c or @nobody.");
    REQUIRE(text);
    CHECK(*text ==
          "Look at @oar.c, (@oar.c) and write to me@oar.c or @nobody.\n\n<file path=\"oar.c\">\n"
          "int oar;\n</file>\n");
    CHECK(*boat.with("nothing @here") == "nothing @here");
    CHECK(*boat.with("a folder: @.") == "a folder: @.");
}

TEST_CASE("nothing outside the roots is shown, whatever leads there") {
    Boat boat;
    std::filesystem::create_symlink(boat.scratch / "outside.txt", boat.scratch / "boat/link");
    for (const std::string name : {"../outside.txt", "link", "/etc/passwd"}) {
        Result<std::string> text = boat.with("@" + name);
        REQUIRE_FALSE(text);
        CHECK(text.error().code == Code::denied);
        CHECK(text.error().message.find("@" + name + ": ") == 0);
        CHECK(text.error().message.find("outside the folders of this session") !=
              std::string::npos);
    }
}

TEST_CASE("what a rule keeps from being read is not shown by a command either") {
    Boat boat;
    CHECK(boat.with("@.env"));
    for (const RuleTexts& texts :
         {RuleTexts{{}, {}, {"read(.env)"}}, RuleTexts{{}, {"read(.env)"}, {}}}) {
        Result<std::string> text = boat.with("@.env", texts);
        REQUIRE_FALSE(text);
        CHECK(text.error().message.find("rule 'read(.env)'") != std::string::npos);
    }
}

TEST_CASE("files that are no text, or too many, or too large are refused") {
    Boat boat;
    CHECK(boat.with("@raw.bin").error().message.find("no UTF-8 text") != std::string::npos);
    boat.scratch.write("boat/large.txt", std::string(300 * 1024, 'x'));
    CHECK(boat.with("@large.txt").error().code == Code::too_large);
    std::string prompt;
    for (int i = 0; i < 21; ++i) {
        std::string name = "f" + std::to_string(i);
        boat.scratch.write("boat/" + name, "x");
        prompt += "@" + name + " ";
    }
    CHECK(boat.with(prompt).error().message.find("more than 20 files") != std::string::npos);
}
