#include "tools/terminal_text.hpp"

#include <doctest/doctest.h>

using namespace thole;

TEST_CASE("colours, titles and cursor movements are removed") {
    CHECK(terminal_text("\x1b[1;31mred\x1b[0m \x1b]0;title\adone\x1b(B.\x1b[2K") == "red done.");
    CHECK(terminal_text("\x1b]8;;https://x.test\x1b\\link\x1b]8;;\x1b\\") == "link");
    CHECK(terminal_text("\x1bPq#0\x1b\\after") == "after");
    CHECK(terminal_text("a\x1b=b\x1b"
                        "7c") == "abc");
}

TEST_CASE("an escape sequence that is cut off takes nothing else with it") {
    CHECK(terminal_text("a\x1b") == "a");
    CHECK(terminal_text("a\x1b[3") == "a");
    CHECK(terminal_text("a\x1b]0;x") == "a");
}

TEST_CASE("a progress bar leaves its last state") {
    CHECK(terminal_text("10%\r50%\r100%\nok\r\nx\r\r\ny") == "100%\nok\nx\ny");
    CHECK(terminal_text("ab\b\bc\xc3\xa9\bd") == "cd");
}

TEST_CASE("control characters and bytes that are not UTF-8 are made harmless") {
    CHECK(terminal_text(std::string_view("a\0b\x01"
                                         "c\td",
                                         7)) == "abc\td");
    CHECK(terminal_text("a\xff"
                        "b\xc3") == "a\ufffdb\ufffd");
    CHECK(terminal_text("\xed\xa0\x80") == "\ufffd\ufffd\ufffd");
    CHECK(terminal_text("\xe2\x82\xac \xf0\x9f\x9a\xa3") == "\u20ac \U0001F6A3");
    CHECK(terminal_text("") == "");
}

TEST_CASE("pieces never tear a character") {
    const std::string text = "a\u20ac\U0001F6A3z";
    for (std::size_t cut = 0; cut <= text.size(); ++cut) {
        Utf8Pieces pieces;
        std::string all = pieces.add(std::string_view(text).substr(0, cut));
        all += pieces.add(std::string_view(text).substr(cut));
        CHECK(all + pieces.finish() == text);
    }
}

TEST_CASE("pieces show a character that never ends and bad bytes as U+FFFD") {
    Utf8Pieces pieces;
    CHECK(pieces.add("a\xe2\x82") == "a");
    CHECK(pieces.add("b\xff") == "\ufffd\ufffdb\ufffd");
    CHECK(pieces.add("\xf0\x9f") == "");
    CHECK(pieces.finish() == "\ufffd\ufffd");
    CHECK(pieces.finish() == "");
}
