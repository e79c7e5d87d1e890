#include "base/clock.hpp"

#include <doctest/doctest.h>

using namespace thole;
using namespace std::chrono;

TEST_CASE("a time is written in UTC with milliseconds") {
    CHECK(rfc3339(TimePoint{}) == "1970-01-01T00:00:00.000Z");
    CHECK(rfc3339(TimePoint(milliseconds(1'700'000'000'123))) == "2023-11-14T22:13:20.123Z");
    CHECK(rfc3339(TimePoint(milliseconds(-1))) == "1969-12-31T23:59:59.999Z");
}

TEST_CASE("RFC 3339 is read with fractions and offsets") {
    TimePoint at = TimePoint(milliseconds(1'700'000'000'123));
    CHECK(parse_rfc3339("2023-11-14T22:13:20.123Z").value() == at);
    CHECK(parse_rfc3339("2023-11-14t23:43:20.123+01:30").value() == at);
    CHECK(parse_rfc3339("2023-11-14 20:13:20.123-02:00").value() == at);
    CHECK(parse_rfc3339("2024-02-29T00:00:00Z").has_value());
    CHECK(parse_rfc3339("2023-11-14T22:13:20.1234567891Z").value() ==
          TimePoint(nanoseconds(1'700'000'000'123'456'789)));
}

TEST_CASE("what is written is read back") {
    for (std::int64_t ms : {0LL, 1LL, 951'782'400'000LL, 4'102'444'799'999LL}) {
        TimePoint time{milliseconds(ms)};
        CHECK(parse_rfc3339(rfc3339(time)).value() == time);
    }
}

TEST_CASE("what is no time is refused") {
    for (const char* bad :
         {"", "now", "2023-11-14", "2023-13-01T00:00:00Z", "2023-02-29T00:00:00Z",
          "2023-11-14T24:00:00Z", "2023-11-14T22:13:20", "2023-11-14T22:13:20.Z",
          "2023-11-14T22:13:20Zx", "2023-11-14T22:13:20+0100", "-023-11-14T22:13:20Z"}) {
        CAPTURE(bad);
        CHECK_FALSE(parse_rfc3339(bad).has_value());
    }
    CHECK(parse_rfc3339("x").error() ==
          Error{Code::invalid_argument, "'x' is no time such as 2026-11-20T13:05:09Z"});
}
