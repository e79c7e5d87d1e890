#include "cli/screen.hpp"

#include <doctest/doctest.h>

#include <clocale>

using namespace thole::cli;

TEST_CASE("a line is unfinished unless a newline was the last that shows") {
    CHECK(ends_mid_line("a", false));
    CHECK_FALSE(ends_mid_line("a\n", false));
    CHECK_FALSE(ends_mid_line("a\n\x1b[0m", false));
    CHECK(ends_mid_line("\x1b[1m", true));
    CHECK_FALSE(ends_mid_line("\x1b[1m", false));
    CHECK(ends_mid_line("", true));
}

TEST_CASE("rows are counted as a terminal wraps them, wide characters whole") {
    std::setlocale(LC_CTYPE, "C.UTF-8");
    CHECK(rows_below(L"", 10) == 0);
    CHECK(rows_below(L"123456789", 10) == 0);
    CHECK(rows_below(L"1234567890", 10) == 1);
    CHECK(rows_below(L"a\nb\nc", 10) == 2);
    CHECK(rows_below(L"123456789漢", 10) == 1);
    CHECK(rows_below(L"漢漢漢漢漢", 10) == 1);
}
