#include "rpc/envelope.hpp"

#include <doctest/doctest.h>

#include "base/json.hpp"

using namespace thole;

namespace {
std::string escaped(std::string_view text) {
    std::string out;
    rpc::append_escaped(out, text);
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
    Result<Json> parsed = parse_json(rpc::quoted(all));
    REQUIRE(parsed);
    CHECK(parsed->get<std::string>() == all);
}

TEST_CASE("nesting is measured outside strings") {
    CHECK(!rpc::nests_deeper("[[]]", 2));
    CHECK(rpc::nests_deeper("[[[]]]", 2));
    CHECK(!rpc::nests_deeper(R"(["[[[[\"[["])", 2));
}

TEST_CASE("a line that nests without end is a parse error") {
    rpc::Incoming incoming = rpc::read_line(std::string(1'000'000, '['));
    CHECK(incoming.kind == rpc::Incoming::Kind::bad);
    CHECK(
        incoming.answer ==
        R"({"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"parse error: nested too deeply"}})");
}

TEST_CASE("a response keeps its result or its error") {
    rpc::Incoming good = rpc::read_line(R"({"id":4,"result":{"a":1}})");
    CHECK(good.kind == rpc::Incoming::Kind::response);
    CHECK(good.call == 4);
    CHECK(!good.is_error);
    CHECK(*good.result == Json{{"a", 1}});
    rpc::Incoming bad = rpc::read_line(R"({"id":"4","error":{"code":1}})");
    CHECK(bad.call == 0);
    CHECK(bad.is_error);
}

TEST_CASE("outgoing lines are whole messages") {
    CHECK(rpc::request_line(3, "a/b", "{}") ==
          R"({"jsonrpc":"2.0","id":3,"method":"a/b","params":{}})");
    CHECK(rpc::notification_line("a", "") == R"({"jsonrpc":"2.0","method":"a"})");
    CHECK(rpc::response_line("\"x\"", "\"result\":{}") ==
          R"({"jsonrpc":"2.0","id":"x","result":{}})");
}
