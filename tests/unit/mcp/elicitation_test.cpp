// Forms of servers as questions.
#include <doctest/doctest.h>

#include "base/json.hpp"
#include "mcp/elicitation.hpp"

using namespace thole;
using Texts = std::vector<std::string>;

namespace {

mcp::FormField field(const Json& schema, bool is_required = true) {
    Json form = {{"type", "object"}, {"properties", {{"f", schema}}}};
    if (is_required) form["required"] = {"f"};
    return mcp::form_fields(form)->at(0);
}

Json value(const mcp::FormField& field, const std::string& answer) {
    auto value = mcp::field_value(field, answer);
    if (!value) return Json{{"error", value.error().message}};
    return *value ? ***value : Json("left out");
}

}  // namespace

TEST_CASE("each kind of field takes what fits and says what it wants") {
    CHECK(value(field({{"type", "string"}}), " as typed ") == " as typed ");
    CHECK(value(field({{"type", "integer"}}), " 42 ") == 42);
    CHECK(value(field({{"type", "integer"}}), "4.5") ==
          Json{{"error", "'f' must be a whole number"}});
    CHECK(value(field({{"type", "number"}}), "4.5") == 4.5);
    CHECK(value(field({{"type", "boolean"}}), "Yes") == true);
    CHECK(value(field({{"type", "boolean"}}), "perhaps") ==
          Json{{"error", "'f' must be yes or no"}});
    const Json named = {{"type", "string"}, {"enum", {"r", "g"}}, {"enumNames", {"Red", "Green"}}};
    CHECK(value(field(named), "Green") == "g");
    CHECK(value(field(named), "r") == "r");
    CHECK(value(field(named), "blue") == Json{{"error", "'f' must be one of: Red, Green"}});
    const Json several = {{"type", "array"},
                          {"items", {{"type", "string"}, {"enum", {"a", "b", "c"}}}}};
    CHECK(value(field(several), "a, c") == Json{"a", "c"});
}

TEST_CASE("a question has the choices of its field, and a way to leave it out") {
    const Json choice = {
        {"type", "string"}, {"title", "Colour"}, {"oneOf", {{{"const", "r"}, {"title", "Red"}}}}};
    CHECK(mcp::question_for("paint", "Which?", field(choice)).question ==
          "MCP server 'paint' asks: Which?\n\nColour");
    CHECK(mcp::question_for("paint", "Which?", field(choice)).options == Texts{"Red"});
    const mcp::FormField optional = field(choice, false);
    CHECK(mcp::question_for("paint", "Which?", optional).options == Texts{"Red", "(leave it out)"});
    CHECK(value(optional, "(leave it out)") == "left out");
}

TEST_CASE("what is no form of plain fields is refused") {
    CHECK_FALSE(mcp::form_fields(Json(nullptr)));
    CHECK_FALSE(mcp::form_fields({{"properties", {{"a", {{"type", "object"}}}}}}));
    Json many = Json::object();
    for (int i = 0; i < 21; ++i) many["f" + std::to_string(i)] = {{"type", "string"}};
    CHECK_FALSE(mcp::form_fields({{"properties", many}}));
}
