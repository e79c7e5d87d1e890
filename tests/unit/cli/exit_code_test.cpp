#include "cli/exit_code.hpp"

#include <doctest/doctest.h>

using namespace thole;

TEST_CASE("each kind of error has the exit code that is promised") {
    CHECK(cli::exit_code(Code::internal) == 1);
    CHECK(cli::exit_code(Code::io) == 1);
    CHECK(cli::exit_code(Code::denied) == 1);
    CHECK(cli::exit_code(Code::invalid_argument) == 2);
    CHECK(cli::exit_code(Code::configuration) == 3);
    CHECK(cli::exit_code(Code::authentication) == 4);
    CHECK(cli::exit_code(Code::unavailable) == 5);
    CHECK(cli::exit_code(Code::refused) == 10);
    CHECK(cli::exit_code(Code::limit) == 11);
    CHECK(cli::exit_code(Code::not_found) == 15);
    CHECK(cli::exit_code(Code::busy) == 16);
    CHECK(cli::exit_code(Code::cancelled) == 130);
}
