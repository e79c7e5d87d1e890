#include "cli/words.hpp"

#include <doctest/doctest.h>

using namespace thole::cli;
using Kind = Word::Kind;

TEST_CASE("bare words are commands when they stand alone") {
    CHECK(word_of("sessions") == Word{Kind::sessions, ""});
    CHECK(word_of(" new ") == Word{Kind::fresh, ""});
    CHECK(word_of("save") == Word{Kind::save, ""});
    CHECK(word_of("resume latest") == Word{Kind::resume, "latest"});
    CHECK(word_of("tasks") == Word{Kind::slash, "/tasks"});
    CHECK(word_of("task 3") == Word{Kind::slash, "/task 3"});
    CHECK(word_of("plan") == Word{Kind::slash, "/plan"});
    for (const char* word : {"exit", "quit", "q"}) CHECK(word_of(word) == Word{Kind::leave, ""});
    CHECK(word_of("exit-nosave") == Word{Kind::leave_nosave, ""});
}

TEST_CASE("a sentence that begins with such a word is for the model") {
    for (const char* text :
         {"plan the trip", "new boats are fast", "task list please", "resume the work on oars",
          "resume", "save the file", "quit smoking", "tasks 3", "Sessions"}) {
        CHECK(word_of(text) == Word{Kind::message, text});
    }
}

TEST_CASE("slash commands are known, ours, or said not to be there") {
    CHECK(word_of("/mode plan") == Word{Kind::slash, "/mode plan"});
    CHECK(word_of("/plan mend the boat") == Word{Kind::slash, "/plan mend the boat"});
    CHECK(word_of("/new") == Word{Kind::fresh, ""});
    CHECK(word_of("/resume 2026") == Word{Kind::resume, "2026"});
    CHECK(word_of("/save") == Word{Kind::save, ""});
    CHECK(word_of("/exit") == Word{Kind::leave, ""});
    CHECK(word_of("/row") == Word{Kind::unknown, "row"});
}

TEST_CASE("a path is for the model, and so is a lone slash") {
    CHECK(word_of("/usr/bin/env is missing") == Word{Kind::message, "/usr/bin/env is missing"});
    CHECK(word_of("/ is full") == Word{Kind::message, "/ is full"});
    CHECK(word_of("/") == Word{Kind::message, "/"});
}
