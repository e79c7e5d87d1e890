// What servers offer, made fit for model APIs.
#include <doctest/doctest.h>

#include "base/json.hpp"
#include "mcp/catalog.hpp"

using namespace thole;

TEST_CASE("tools without a name, twice of a name and beyond the limit are left out") {
    std::vector<Json> listed{7, Json::object(), {{"name", ""}}, {{"name", "a"}}, {{"name", "a"}}};
    for (int i = 0; i < 1000; ++i) listed.push_back({{"name", "t" + std::to_string(i)}});
    const std::vector<mcp::Tool> tools = mcp::tools_of(listed);
    CHECK(tools.size() == mcp::most_tools);
    CHECK(tools[0].name == "a");
    CHECK(tools[1].name == "t0");
}

TEST_CASE("a tool only reads when it says so with a flag") {
    const std::vector<mcp::Tool> tools = mcp::tools_of({
        {{"name", "a"}, {"annotations", {{"readOnlyHint", true}, {"title", "A"}}}},
        {{"name", "b"}, {"annotations", {{"readOnlyHint", "true"}}}},
        {{"name", "c"}, {"annotations", 1}},
    });
    CHECK(tools[0].says_it_reads);
    CHECK(tools[0].title == "A");
    CHECK_FALSE(tools[1].says_it_reads);
    CHECK_FALSE(tools[2].says_it_reads);
}

TEST_CASE("parameters that are marked so are repeated as headers") {
    const Json schema = {
        {"type", "object"},
        {"properties",
         {{"region", {{"type", "string"}, {"x-mcp-header", "Region"}}},
          {"deep", {{"properties", {{"n", {{"type", "integer"}, {"x-mcp-header", "Depth"}}}}}}},
          {"evil", {{"type", "string"}, {"x-mcp-header", "A: b\r\nC"}}}}}};
    const mcp::Tool tool = mcp::tools_of({{{"name", "a"}, {"inputSchema", schema}}})[0];
    const Json arguments = {{"region", "zürich"}, {"deep", {{"n", 7}}}, {"evil", "x"}};
    const http::Headers expected{{"Mcp-Param-Depth", "7"},
                                 {"Mcp-Param-Region", "=?base64?esO8cmljaA==?="}};
    CHECK(mcp::mirrored_headers(tool, arguments) == expected);
    CHECK(mcp::mirrored_headers(tool, Json::object()).empty());
}

TEST_CASE("words after a prompt are its arguments in order, the last takes the rest") {
    mcp::Prompt prompt{"p", "", {{"city", "", true}, {"state", "", false}}};
    CHECK(*mcp::prompt_arguments(prompt, " \"New York\" up state ") ==
          Json{{"city", "New York"}, {"state", "up state"}});
    CHECK(*mcp::prompt_arguments(prompt, "Ulm") == Json{{"city", "Ulm"}});
    CHECK(mcp::prompt_arguments(prompt, "").error().message == "the prompt 'p' needs 'city'");
    CHECK(mcp::prompt_arguments({"q", "", {}}, "x").error().message ==
          "the prompt 'q' takes no arguments");
}
