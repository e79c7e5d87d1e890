#include "cli/completing.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>

#include "support/scratch.hpp"

using namespace thole::cli;

namespace {

Vocabulary vocabulary() {
    Vocabulary known;
    known.commands = {"mode", "model", "sessions", "save"};
    known.modes = {"default", "plan"};
    known.models = {"anthropic/claude-a", "anthropic/claude-b"};
    known.session_ids = {"latest", "20260101-0101-abcd"};
    return known;
}

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("slash commands are offered at the start only") {
    CHECK(complete("/s", vocabulary()).candidates == Texts{"/save", "/sessions"});
    CHECK(complete("/sa", vocabulary()).candidates == Texts{"/save "});
    CHECK(complete("/sa", vocabulary()).replaces == 3);
    CHECK(complete("say /s", vocabulary()).candidates.empty());
    CHECK(complete("", vocabulary()).candidates.empty());
}

TEST_CASE("what a command takes is offered after it") {
    CHECK(complete("/mode ", vocabulary()).candidates == Texts{"default", "plan"});
    CHECK(complete("/model anthropic/claude-", vocabulary()).candidates ==
          Texts{"anthropic/claude-a", "anthropic/claude-b"});
    CHECK(complete("resume 2", vocabulary()).candidates == Texts{"20260101-0101-abcd "});
    CHECK(complete("/mode plan p", vocabulary()).candidates.empty());
}

TEST_CASE("paths are offered after an @, folders with a slash and hidden ones only when asked") {
    thole::test::Scratch scratch;
    namespace fs = std::filesystem;
    fs::create_directories(fs::path(scratch.path()) / "src" / "oars");
    for (const char* name : {"sun.txt", "src/oar.c", ".secret"}) {
        std::ofstream(scratch / name) << "x";
    }
    Vocabulary known;
    known.cwd = scratch.path();
    CHECK(complete("look at @s", known).candidates == Texts{"@src/", "@sun.txt"});
    CHECK(complete("look at @s", known).replaces == 2);
    CHECK(complete("@src/oar.", known).candidates == Texts{"@src/oar.c "});
    CHECK(complete("@.s", known).candidates == Texts{"@.secret "});
    CHECK(complete("@nowhere/x", known).candidates.empty());
}
