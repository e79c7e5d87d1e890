#include "rpc/methods.hpp"

#include <doctest/doctest.h>

#include "base/json.hpp"

using namespace thole;

namespace {
struct Owner {
    async::Task<rpc::Answer> one(rpc::Call&, rpc::NoParams) { co_return rpc::Answer::empty(); }
    void two(rpc::NoParams) { ++taken; }
    int taken = 0;
};
}  // namespace

TEST_CASE("methods are found by their exact name and kind") {
    Owner owner;
    rpc::MethodTable table;
    table.request("b/one", owner, &Owner::one, rpc::MethodTable::Span::lasting);
    table.notification("a/two", owner, &Owner::two);
    CHECK(table.names() == std::vector<std::string>{"a/two", "b/one"});
    REQUIRE(table.find_request("b/one"));
    CHECK(table.find_request("b/one")->span == rpc::MethodTable::Span::lasting);
    CHECK(!table.find_request("a/two"));
    CHECK(!table.find_request("b/"));
    REQUIRE(table.find_notification("a/two"));
    (*table.find_notification("a/two"))(Json::object());
    CHECK(owner.taken == 1);
}

TEST_CASE("failures of ours have their code on the wire") {
    CHECK(rpc::Answer(fail(Code::invalid_argument, "no")) ==
          rpc::Answer::error(rpc::invalid_params, "no"));
    CHECK(rpc::Answer(fail(Code::not_found, "no")) ==
          rpc::Answer::error(rpc::resource_not_found, "no"));
    CHECK(rpc::Answer(fail(Code::authentication, "no")) ==
          rpc::Answer::error(rpc::authentication_required, "no"));
    CHECK(rpc::Answer(cancelled()) == rpc::Answer::error(rpc::request_cancelled, "cancelled"));
    CHECK(rpc::Answer(fail(Code::io, "disk full")) ==
          rpc::Answer::error(rpc::internal_error, "disk full", Json{{"details", "disk full"}}));
}
