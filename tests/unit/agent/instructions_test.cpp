#include "agent/instructions.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>

#include "support/scratch.hpp"

using namespace thole;
namespace fs = std::filesystem;

TEST_CASE(
    "the instructions of all folders from the workspace down to cwd are read, outermost first") {
    test::Scratch scratch;
    scratch.write("AGENTS.md", "top");
    scratch.write("CLAUDE.md", "not read beside AGENTS.md");
    scratch.write("a/CLAUDE.md", "middle");
    scratch.write("a/b/AGENTS.md", "inner");
    scratch.write("other/AGENTS.md", "elsewhere");
    std::string text = project_instructions(scratch.path(), scratch.path() + "/a/b");
    std::string root = scratch.path();
    CHECK(text == "\n<instructions file=\"" + root + "/AGENTS.md\">\ntop\n</instructions>\n" +
                      "\n<instructions file=\"" + root +
                      "/a/CLAUDE.md\">\nmiddle\n</instructions>\n" + "\n<instructions file=\"" +
                      root + "/a/b/AGENTS.md\">\ninner\n</instructions>\n");
}

TEST_CASE("an instruction file that links out of the workspace is not read") {
    test::Scratch outside;
    outside.write("secret", "key");
    test::Scratch scratch;
    fs::create_symlink(outside.path() + "/secret", scratch.path() + "/AGENTS.md");
    CHECK(project_instructions(scratch.path(), scratch.path()) == "");
}

TEST_CASE("instructions are cut at 64 KiB on a character border") {
    test::Scratch scratch;
    std::string long_text;
    while (long_text.size() < 100'000) long_text += "\u00e9";
    scratch.write("AGENTS.md", long_text);
    std::string text = project_instructions(scratch.path(), scratch.path());
    CHECK(text.size() <= 64 * 1024);
    CHECK(text.size() > 64 * 1024 - 4);
    CHECK(text.substr(text.size() - 2) == "\u00e9");
}

TEST_CASE("the system prompt states where the agent is") {
    test::Scratch scratch;
    Surroundings where;
    where.workspace = where.cwd = scratch.path();
    where.branch = "main";
    where.date = "2026-11-20";
    where.platform = "Linux 6 x";
    where.mode = "plan";
    std::string prompt = system_prompt(where);
    CHECK(prompt.find("- working directory: " + scratch.path() + "\n") != std::string::npos);
    CHECK(prompt.find("- git branch: main\n") != std::string::npos);
    CHECK(prompt.find("- today's date: 2026-11-20\n") != std::string::npos);
    CHECK(prompt.find("Plan mode is on") != std::string::npos);
    CHECK(prompt.find("workspace:") == std::string::npos);
    where.mode = "default";
    CHECK(system_prompt(where).find("Plan mode") == std::string::npos);
}

TEST_CASE("the part of a profile goes into the system prompt, above the project's instructions") {
    test::Scratch scratch;
    scratch.write("AGENTS.md", "Use tabs.");
    Surroundings where;
    where.workspace = where.cwd = scratch.path();
    CHECK(system_prompt(where).find("Your part") == std::string::npos);
    where.instruction = "You review.";
    std::string prompt = system_prompt(where);
    std::size_t part = prompt.find("\nYour part in this session:\nYou review.\n");
    REQUIRE(part != std::string::npos);
    CHECK(part < prompt.find("Use tabs."));
}
