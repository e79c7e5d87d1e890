// Schemas of strangers, made fit for model APIs.
#include <doctest/doctest.h>

#include "base/json.hpp"
#include "mcp/schema.hpp"

using namespace thole;

namespace {

// Of the one property `a`.
Json property(const Json& schema) {
    return mcp::usable_schema({{"properties", {{"a", schema}}}})["properties"]["a"];
}

Json nested(int depth) {
    Json schema = {{"type", "string"}};
    for (int i = 0; i < depth; ++i) schema = Json{{"type", "array"}, {"items", schema}};
    return schema;
}

}  // namespace

TEST_CASE("a schema that is no object becomes one that takes any object") {
    const Json any = {{"type", "object"}, {"properties", Json::object()}};
    for (const Json& schema : {Json(nullptr), Json("text"), Json(Json::array({1})), Json(7)}) {
        CHECK(mcp::usable_schema(schema) == any);
    }
    CHECK(mcp::usable_schema({{"type", "object"}, {"x", std::string(100'000, 'x')}}) == any);
}

TEST_CASE("what APIs refuse at the top of a schema is left out, the rest stays") {
    const Json given = {
        {"$schema", "https://json-schema.org/draft/2020-12/schema"},
        {"oneOf", Json::array({Json::object()})},
        {"$ref", "#/$defs/a"},
        {"properties", {{"good", {{"type", "string"}}}, {"bad name", Json::object()}, {"odd", 7}}},
        {"required", {"good", "bad name", 3, "good"}},
        {"$defs", {{"a", {{"type", "string"}}}}}};
    const Json expected = {{"type", "object"},
                           {"properties", {{"good", {{"type", "string"}}}}},
                           {"required", {"good"}},
                           {"$defs", {{"a", {{"type", "string"}}}}}};
    CHECK(mcp::usable_schema(given) == expected);
    CHECK(mcp::usable_schema({{"type", "array"}, {"properties", Json::array({1})}}) ==
          Json{{"type", "object"}, {"properties", Json::object()}});
}

TEST_CASE("what no schema may say is left out at any depth") {
    CHECK(property({{"type", "text"}, {"title", 7}, {"minimum", "0"}, {"maxLength", -1}}) ==
          Json::object());
    CHECK(property({{"type", {"string", "string"}}, {"enum", Json::array()}}) == Json::object());
    CHECK(property({{"exclusiveMinimum", true}, {"minimum", 1}}) == Json{{"minimum", 1}});
    CHECK(property({{"type", "array"}, {"items", Json::array({Json::object()})}}) ==
          Json{{"type", "array"}});
    CHECK(property({{"anyOf", Json::array({{{"type", "no"}}, {{"type", "null"}}})}}) ==
          Json{{"anyOf", Json::array({Json::object(), {{"type", "null"}}})}});
    CHECK(property({{"properties", {{"b", 1}, {"c", true}}}, {"required", {"b", "c"}}}) ==
          Json{{"properties", {{"c", true}}}, {"required", {"c"}}});
}

TEST_CASE("what a schema may say stays as it is") {
    const Json good = {{"type", {"string", "null"}},
                       {"description", "where to"},
                       {"enum", {"a", nullptr}},
                       {"default", "a"},
                       {"minLength", 1},
                       {"x-mcp-header", "To"},
                       {"anyOf", Json::array({{{"required", {"b"}}}})}};
    CHECK(property(good) == good);
}

TEST_CASE("references stay where they lead to something that is kept") {
    const Json schema = {{"properties",
                          {{"good", {{"$ref", "#/$defs/a~1b"}}},
                           {"whole", {{"$ref", "#"}}},
                           {"dangling", {{"$ref", "#/$defs/none"}}},
                           {"abroad", {{"$ref", "https://example.com/schema"}}},
                           {"bad name", {{"type", "string"}}},
                           {"gone", {{"$ref", "#/properties/bad name"}}},
                           {"top", {{"$ref", "#/oneOf/0"}}}}},
                         {"oneOf", Json::array({Json::object()})},
                         {"$defs", {{"a/b", {{"type", "string"}}}}}};
    const Json properties = mcp::usable_schema(schema)["properties"];
    CHECK(properties["good"] == Json{{"$ref", "#/$defs/a~1b"}});
    CHECK(properties["whole"] == Json{{"$ref", "#"}});
    for (const char* name : {"dangling", "abroad", "gone", "top"}) {
        CHECK(properties[name] == Json::object());
    }
}

TEST_CASE("a schema that is too deep ends in one that takes anything") {
    const std::string text = dump_json(property(nested(100)));
    CHECK(text.find("string") == std::string::npos);
    CHECK(text.size() < 1000);
    CHECK(property(nested(5)) == nested(5));
}
