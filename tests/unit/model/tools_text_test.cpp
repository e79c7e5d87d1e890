#include "model/providers/tools_text.hpp"

#include <doctest/doctest.h>

#include "base/json.hpp"

using namespace thole;

namespace {

int written = 0;

Json write(const model::Request& request) {
    ++written;
    Json tools = Json::array();
    for (const model::ToolSpec& tool : request.tools) {
        tools.push_back({{"name", tool.name}, {"about", tool.description}, {"in", *tool.schema}});
    }
    return tools;
}

model::ToolSpec spec(const char* name, const char* about = "") {
    return {name, about, std::make_shared<const Json>(Json::object())};
}

Json sent(model::ToolsText& texts, const model::Request& request) {
    Json body{{"model", "m"}};
    return Json::parse(texts.add_to(body, request, write));
}

}  // namespace

TEST_CASE("tools stand in the body, and without any there is no member for them") {
    model::ToolsText texts;
    model::Request request;
    CHECK(sent(texts, request) == Json{{"model", "m"}});
    request.tools = {spec("a"), spec("b", "B")};
    Json all{{"model", "m"}, {"tools", write(request)}};
    CHECK(sent(texts, request) == all);
}

TEST_CASE("tools are written once, and anew when one comes, goes or is another") {
    model::ToolsText texts;
    model::Request request;
    request.tools = {spec("a"), spec("b")};
    written = 0;
    Json first = sent(texts, request);
    CHECK(sent(texts, request) == first);
    CHECK(written == 1);
    for (const model::ToolSpec& other : {spec("c"), spec("b", "other"), spec("b")}) {
        request.tools.back() = other;
        CHECK(sent(texts, request)["tools"][1]["about"] == other.description);
    }
    CHECK(written == 4);
    request.tools.pop_back();
    CHECK(sent(texts, request)["tools"].size() == 1);
    request.tools.clear();
    CHECK_FALSE(sent(texts, request).contains("tools"));
    CHECK(written == 5);
}
