#include "base/fields.hpp"

#include <doctest/doctest.h>

#include "base/json.hpp"

using namespace thole;

namespace {

Json json(std::string_view text) {
    return parse_json(text).value();
}

std::string error_of(const Fields& fields) {
    Result<void> result = fields.finish();
    return result ? "" : result.error().message;
}

}  // namespace

TEST_CASE("fields of the right types are read without an error") {
    Json object =
        json(R"({"cwd":"/x","n":7,"f":3.0,"on":true,"list":["a","b"],"o":{"k":1},"mode":"plan",)"
             R"("ratio":0.5,"big":9223372036854775807})");
    Fields fields(object, "params");
    CHECK(fields.text("cwd") == "/x");
    CHECK(fields.text_or("title", "none") == "none");
    CHECK(fields.integer("n", 0, 10) == 7);
    CHECK(fields.integer("f") == 3);
    CHECK(fields.integer("big") == Fields::highest);
    CHECK(fields.flag("on", false));
    CHECK(fields.flag("off", true));
    CHECK(fields.texts("list") == std::vector<std::string>{"a", "b"});
    CHECK(fields.optional_texts("none").empty());
    CHECK(fields.object("o") == json(R"({"k":1})"));
    CHECK(fields.array("list").size() == 2);
    CHECK(fields.optional_array("none") == Json::array());
    CHECK(fields.optional_object("none") == Json::object());
    CHECK(fields.one_of("mode", {"default", "plan"}) == "plan");
    CHECK(fields.optional_number("ratio") == 0.5);
    CHECK(fields.any("n") == Json(7));
    CHECK(fields.has("n"));
    CHECK(fields.ok());
    CHECK(error_of(fields) == "");
}

TEST_CASE("null counts as absent") {
    Json object = json(R"({"a":null})");
    Fields fields(object, "params");
    CHECK(fields.optional_text("a") == std::nullopt);
    CHECK(fields.optional_integer("a") == std::nullopt);
    CHECK_FALSE(fields.has("a"));
    CHECK(fields.ok());
    fields.text("a");
    CHECK(error_of(fields) == "params.a: is missing; expected a string");
    Json null;
    Fields nothing(null, "params");
    CHECK(nothing.optional_text("a") == std::nullopt);
    CHECK(nothing.ok());
}

TEST_CASE("each wrong type is named with its path") {
    Json object =
        json(R"({"s":5,"n":"x","b":1,"l":{},"o":[],"t":["a",2],"h":1.5,"m":"x","u":1e300})");
    auto after = [&](auto read) {
        Fields fields(object, "params");
        read(fields);
        return error_of(fields);
    };
    CHECK(after([](Fields& f) { f.text("s"); }) == "params.s: expected a string, got number");
    CHECK(after([](Fields& f) { f.integer("n"); }) == "params.n: expected an integer, got string");
    CHECK(after([](Fields& f) { f.integer("h"); }) == "params.h: expected an integer, got 1.5");
    CHECK(after([](Fields& f) { f.integer("u"); }) == "params.u: expected an integer, got 1e+300");
    CHECK(after([](Fields& f) { f.integer("q"); }) == "params.q: is missing; expected an integer");
    CHECK(after([](Fields& f) { f.integer("s", 6, 9); }) ==
          "params.s: must be between 6 and 9, got 5");
    CHECK(after([](Fields& f) { f.integer("s", 6); }) == "params.s: must be at least 6, got 5");
    CHECK(after([](Fields& f) { f.flag("b", false); }) ==
          "params.b: expected a boolean, got number");
    CHECK(after([](Fields& f) { f.array("l"); }) == "params.l: expected an array, got object");
    CHECK(after([](Fields& f) { f.object("o"); }) == "params.o: expected an object, got array");
    CHECK(after([](Fields& f) { f.texts("t"); }) == "params.t[1]: expected a string, got number");
    CHECK(after([](Fields& f) {
              f.one_of("m", {"a", "b"});
          }) == "params.m: must be one of a, b, got 'x'");
    CHECK(after([](Fields& f) {
              f.only({"s", "n"});
          }) == "params.b: is not known here; known are s, n");
    CHECK(after([](Fields& f) { f.optional_number("n"); }) ==
          "params.n: expected a number, got string");
}

TEST_CASE("the first error is kept") {
    Json object = json(R"({"a":1,"b":2})");
    Fields fields(object, "params");
    fields.text("a");
    fields.text("b");
    fields.fail_at("c", "is odd");
    CHECK(error_of(fields) == "params.a: expected a string, got number");
    Json part = json(R"({"x":1})");
    Fields inner(part, fields.path_of("inner"));
    inner.text("x");
    Fields outer(object, "");
    outer.merge(inner);
    CHECK(error_of(outer) == "params.inner.x: expected a string, got number");
}

TEST_CASE("what is no object is an error by itself") {
    Json list = Json::array();
    Fields fields(list, "params");
    CHECK(fields.text("a") == "");
    fields.only({});
    CHECK(error_of(fields) == "params: expected an object, got array");
}

TEST_CASE("an unsigned number beyond the range is refused") {
    Json object = json(R"({"n":18446744073709551615})");
    Fields fields(object, "p");
    CHECK(fields.optional_integer("n") == std::nullopt);
    CHECK(error_of(fields) == "p.n: expected an integer, got 18446744073709551615");
}
