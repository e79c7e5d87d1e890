#include "rpc/envelope.hpp"

#include <doctest/doctest.h>

#include "base/json.hpp"

using namespace thole;

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
