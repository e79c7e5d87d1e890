#include "cli/markdown.hpp"

#include <doctest/doctest.h>

using thole::cli::Markdown;

namespace {

std::string inked(const std::string& text) {
    Markdown markdown(40);
    std::string shown = markdown.take(text);
    return shown + markdown.finish();
}

}  // namespace

TEST_CASE("bold, code and headings get an ink") {
    CHECK(inked("a **b** c") == "a \x1b[1mb\x1b[22m c");
    CHECK(inked("run `x*y` now") == "run \x1b[36mx*y\x1b[39m now");
    CHECK(inked("# Rowing\ntext") == "\x1b[1m# Rowing\x1b[22m\ntext");
}

TEST_CASE("a fenced block loses its fences and nothing else") {
    CHECK(inked("```sh\necho **hi** `x`\n```\nend") == "\x1b[36mecho **hi** `x`\n\x1b[39mend");
}

TEST_CASE("words are wrapped, and items hang") {
    CHECK(inked("The pin turns the pull of an oar into the motion of the boat.") ==
          "The pin turns the pull of an oar into\nthe motion of the boat.");
    CHECK(inked("- The pin turns the pull of an oar into the motion\n12. of the boat") ==
          "- The pin turns the pull of an oar into\n  the motion\n12. of the boat");
    std::string long_word(60, 'x');
    CHECK(inked(long_word + " y") == long_word + "\ny");
    CHECK(inked("```\n" + long_word + " y\n```") == "\x1b[36m" + long_word + " y\n\x1b[39m");
}

TEST_CASE("inks take no room") {
    CHECK(inked("**bold** and `code` and **bold** and `code`") ==
          "\x1b[1mbold\x1b[22m and \x1b[36mcode\x1b[39m and \x1b[1mbold\x1b[22m and "
          "\x1b[36mcode\x1b[39m");
}

TEST_CASE("marks that mean nothing stay") {
    CHECK(inked("2 * 3 # four\n* item") == "2 * 3 # four\n* item");
    CHECK(inked("``a``") == "``a``");
}

TEST_CASE("how the text is cut makes no difference") {
    std::string text = "# H\na **b** `c`\n```\nx\n```\n* d";
    Markdown markdown(40);
    std::string shown;
    for (char c : text) shown += markdown.take(std::string_view(&c, 1));
    CHECK(shown + markdown.finish() == inked(text));
}

TEST_CASE("what was left open is closed at the end") {
    CHECK(inked("**b") == "\x1b[1mb\x1b[0m");
    CHECK(inked("a *") == "a *");
}
