#include "cli/look.hpp"

#include <doctest/doctest.h>

using namespace thole::cli;

TEST_CASE("paint uses colour only where there is some") {
    CHECK(Look{false, 80}.paint(Ink::red, "x") == "x");
    CHECK(Look{true, 80}.paint(Ink::red, "x") == "\x1b[31mx\x1b[0m");
    CHECK(Look{true, 80}.paint(Ink::plain, "x") == "x");
    CHECK(Look{true, 80}.paint(Ink::red, "") == "");
}

TEST_CASE("printable takes away what could steer a terminal") {
    CHECK(printable("a\x1b[31mb\r\x07\n\tc") == "a[31mb\n    c");
    CHECK(printable("\xc2\x9b"
                    "31mred") == "31mred");
    CHECK(printable("gr\xc3\xbc\xc3\x9f") == "gr\xc3\xbc\xc3\x9f");
    CHECK(printable("a\xff"
                    "b\x7f") == "ab");
}

TEST_CASE("fit cuts at characters and says so") {
    CHECK(fit("thole", 5) == "thole");
    CHECK(fit("tholes", 5) == "thol…");
    CHECK(fit("grüße!", 4) == "grü…");
    CHECK(columns("grüße") == 5);
}

TEST_CASE("wrap breaks at spaces and keeps line ends and long words") {
    CHECK(wrap("the pin of an oar", 7) == std::vector<std::string>{"the pin", "of an", "oar"});
    CHECK(wrap("a\n\nb", 10) == std::vector<std::string>{"a", "", "b"});
    CHECK(wrap("extraordinarily so", 5) == std::vector<std::string>{"extraordinarily", "so"});
    CHECK(wrap("", 5) == std::vector<std::string>{""});
}

TEST_CASE("durations and counts are short") {
    CHECK(duration_text(40) == "0.0 s");
    CHECK(duration_text(1234) == "1.2 s");
    CHECK(duration_text(42'000) == "42 s");
    CHECK(duration_text(185'000) == "3 min 5 s");
    CHECK(count_text(999) == "999");
    CHECK(count_text(12'345) == "12.3k");
    CHECK(count_text(1'250'000) == "1.2M");
}
