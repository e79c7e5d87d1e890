#include "base/json_text.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <limits>
#include <vector>

#include "base/json.hpp"

using namespace thole;

namespace {
std::string escaped(std::string_view text) {
    std::string out;
    append_escaped(out, text);
    return out;
}
}  // namespace

TEST_CASE("text is escaped as JSON wants it and other bytes stay") {
    CHECK(escaped("plain") == "plain");
    CHECK(escaped("a\"b\\c\n\r\t\x01\x7f") == "a\\\"b\\\\c\\n\\r\\t\\u0001\\u007f");
    CHECK(escaped("grün 漢 🛶") == "grün 漢 🛶");
}

TEST_CASE("bytes that are not UTF-8 are replaced") {
    CHECK(escaped("a\xff\xfe") == "a\xEF\xBF\xBD\xEF\xBF\xBD");
    CHECK(escaped("\xed\xa0\x80") == "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");
    CHECK(escaped("\xe6\xbc") == "\xEF\xBF\xBD\xEF\xBF\xBD");
}

TEST_CASE("escaped text parses back to itself") {
    std::string all;
    for (int c = 0; c < 128; ++c) all += static_cast<char>(c);
    all += "grün 漢 🛶";
    Result<Json> parsed = parse_json(json_string(all));
    REQUIRE(parsed);
    CHECK(parsed->get<std::string>() == all);
}

TEST_CASE("it is said whether anything had to be replaced") {
    std::string out;
    CHECK(append_escaped(out, "grün\n"));
    CHECK(!append_escaped(out, "a\xff"));
}

TEST_CASE("a value that would overflow the stack is refused, whatever its strings hold") {
    auto nested = [](std::size_t levels, const std::string& inside) {
        return std::string(levels, '[') + inside + std::string(levels, ']');
    };
    CHECK(parse_json(nested(512, "1")));
    CHECK(parse_json(nested(512, "\"[[[{\\\"[\"")));
    Result<Json> deep = parse_json(nested(513, "1"));
    REQUIRE_FALSE(deep);
    CHECK(deep.error() == fail(Code::corrupt, "the JSON is nested over 512 levels deep"));
    CHECK_FALSE(parse_json(nested(1'000'000, "1")));
    std::string wide = "[";
    for (int i = 0; i < 1000; ++i) wide += "[{}],";
    CHECK(parse_json(wide + "1]"));
}

TEST_CASE("values are written as the library writes them") {
    const std::vector<Json> values{
        nullptr,
        true,
        0,
        -1,
        std::numeric_limits<std::int64_t>::min(),
        std::numeric_limits<std::uint64_t>::max(),
        1.0,
        -0.1,
        1e300,
        std::numeric_limits<double>::quiet_NaN(),
        "",
        "a\"b\\c\n\x01 grün 漢 🛶",
        Json::array(),
        Json::object(),
        {1, {2, Json::array()}, {{"b", Json::object()}, {"a\n\"", "x"}, {"", nullptr}}},
    };
    for (const Json& value : values) CHECK(dump_json(value) == value.dump());
    CHECK(dump_json("a\xff") == "\"a\xEF\xBF\xBD\"");
}
