#include "base/ids.hpp"

#include <doctest/doctest.h>

#include <cstdlib>
#include <ctime>
#include <set>

using namespace thole;

TEST_CASE("a session id has the local date and time and four random characters") {
    setenv("TZ", "UTC-2", 1);
    tzset();
    CHECK(new_session_id(TimePoint(std::chrono::seconds(1'700'000'000)), "ab2z") ==
          "20231115-0013-ab2z");
    unsetenv("TZ");
    tzset();
    std::string id = new_session_id(TimePoint{});
    CHECK(id.size() == 18);
    CHECK(is_valid_session_id(id));
}

TEST_CASE("ids that could leave their folder are not valid") {
    for (const char* good : {"a", "20231115-0013-ab2z", "A.b_c-9", "0"}) {
        CAPTURE(good);
        CHECK(is_valid_session_id(good));
    }
    for (const char* bad :
         {"", ".", "..", "a..b", "-x", ".x", "_x", "a/b", "a b", "a\n", "é", "a%"}) {
        CAPTURE(bad);
        CHECK_FALSE(is_valid_session_id(bad));
    }
    CHECK(is_valid_session_id(std::string(128, 'a')));
    CHECK_FALSE(is_valid_session_id(std::string(129, 'a')));
    CHECK_FALSE(is_valid_session_id(std::string_view("a\0", 2)));
}

TEST_CASE("random tokens are base32, of the asked length, and differ") {
    std::set<std::string> seen;
    for (int i = 0; i < 100; ++i) {
        std::string token = random_token(26);
        CHECK(token.size() == 26);
        CHECK(token.find_first_not_of("abcdefghijklmnopqrstuvwxyz234567") == token.npos);
        seen.insert(token);
    }
    CHECK(seen.size() == 100);
    CHECK(random_token(0) == "");
}
