#include "base/clock.hpp"

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>

namespace thole {

namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;

// Reads RFC 3339 from left to right; after the first thing that does not fit all else is skipped.
struct Reader {
    std::string_view rest;
    bool good = true;

    int digits(std::size_t count, int min, int max) {
        int value = 0;
        for (std::size_t i = 0; i < count; ++i) {
            bool digit = i < rest.size() && rest[i] >= '0' && rest[i] <= '9';
            good = good && digit;
            if (digit) value = value * 10 + (rest[i] - '0');
        }
        rest.remove_prefix(count < rest.size() ? count : rest.size());
        good = good && value >= min && value <= max;
        return value;
    }
    char one_of(std::string_view legal) {
        char c = rest.empty() ? '\0' : rest.front();
        good = good && c != '\0' && legal.find(c) != legal.npos;
        if (!rest.empty()) rest.remove_prefix(1);
        return c;
    }
    nanoseconds fraction() {
        if (rest.empty() || rest.front() != '.') return nanoseconds(0);
        rest.remove_prefix(1);
        std::int64_t value = 0, unit = 1'000'000'000;
        good = good && !rest.empty() && rest.front() >= '0' && rest.front() <= '9';
        while (!rest.empty() && rest.front() >= '0' && rest.front() <= '9') {
            unit /= 10;
            value += (rest.front() - '0') * unit;
            rest.remove_prefix(1);
        }
        return nanoseconds(value);
    }
    std::chrono::minutes offset() {
        char sign = one_of("Zz+-");
        if (!good || sign == 'Z' || sign == 'z') return {};
        int hours = digits(2, 0, 23);
        one_of(":");
        int minutes = hours * 60 + digits(2, 0, 59);
        return std::chrono::minutes(sign == '-' ? -minutes : minutes);
    }
};

}  // namespace

std::string rfc3339(TimePoint time) {
    auto since = std::chrono::floor<milliseconds>(time.time_since_epoch());
    auto whole = std::chrono::floor<std::chrono::seconds>(since);
    std::time_t seconds = whole.count();
    std::tm utc{};
    gmtime_r(&seconds, &utc);
    char text[64];
    std::snprintf(text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", utc.tm_year + 1900,
                  utc.tm_mon + 1, utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec,
                  static_cast<int>((since - whole).count()));
    return text;
}

Result<TimePoint> parse_rfc3339(std::string_view text) {
    Reader in{text};
    int year = in.digits(4, 0, 9999);
    in.one_of("-");
    int month = in.digits(2, 1, 12);
    in.one_of("-");
    int day = in.digits(2, 1, 31);
    in.one_of("Tt ");
    int hour = in.digits(2, 0, 23);
    in.one_of(":");
    int minute = in.digits(2, 0, 59);
    in.one_of(":");
    int second = in.digits(2, 0, 60);
    nanoseconds fraction = in.fraction();
    std::chrono::minutes offset = in.offset();
    std::chrono::year_month_day date{std::chrono::year(year),
                                     std::chrono::month(static_cast<unsigned>(month)),
                                     std::chrono::day(static_cast<unsigned>(day))};
    if (!in.good || !in.rest.empty() || !date.ok()) {
        return fail(Code::invalid_argument,
                    "'" + std::string(text) + "' is no time such as 2026-11-20T13:05:09Z");
    }
    auto time = std::chrono::sys_days(date).time_since_epoch() + std::chrono::hours(hour) +
                std::chrono::minutes(minute) + std::chrono::seconds(second) + fraction - offset;
    return TimePoint(std::chrono::duration_cast<TimePoint::duration>(time));
}

Result<std::chrono::seconds> parse_duration(const std::string& text) {
    char* end = nullptr;
    long number = std::strtol(text.c_str(), &end, 10);
    std::string unit = end;
    long factor = unit.empty() || unit == "s" ? 1 : unit == "m" ? 60 : unit == "h" ? 3600 : 0;
    if (number > 0 && number <= 1'000'000 && factor > 0) {
        return std::chrono::seconds(number * factor);
    }
    return fail(Code::invalid_argument,
                "'" + text + "' is no duration; write for example 90, 90s, 5m or 2h");
}

}  // namespace thole
