// Wall-clock time for stamps and ids; tests give their own.
#pragma once
#include <chrono>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace thole {

using TimePoint = std::chrono::system_clock::time_point;

class Clock {
public:
    virtual ~Clock() = default;
    virtual TimePoint now() const = 0;
};

class SystemClock final : public Clock {
public:
    TimePoint now() const override { return std::chrono::system_clock::now(); }
};

// "2026-11-20T13:05:09.123Z", UTC, milliseconds.
std::string rfc3339(TimePoint time);

// Any RFC 3339 date-time: fraction of any length, "Z" or an offset. Error: invalid_argument.
Result<TimePoint> parse_rfc3339(std::string_view text);

// "90", "90s", "5m", "2h": at least a second. Error: invalid_argument, with examples.
Result<std::chrono::seconds> parse_duration(const std::string& text);

}  // namespace thole
