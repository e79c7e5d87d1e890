// What tools answer, as models read it.
#include <doctest/doctest.h>

#include "base/json.hpp"
#include "base/text.hpp"
#include "mcp/content.hpp"

using namespace thole;

namespace {

const std::string png = base64_encode(std::string("\x89PNG\r\n\x1a\n", 8) + std::string(20, 'x'));

mcp::Content content(const Json& blocks) {
    return mcp::content_of_result({{"content", blocks}});
}

}  // namespace

TEST_CASE("text, links and resources are text for the model; links are blocks for people too") {
    const mcp::Content shown = content(Json::array(
        {{{"type", "text"}, {"text", "hello"}},
         {{"type", "resource_link"},
          {"uri", "demo://a"},
          {"name", "A"},
          {"annotations", {{"x", 1}}}},
         {{"type", "resource"}, {"resource", {{"uri", "demo://b"}, {"text", "inside"}}}}}));
    CHECK(shown.text ==
          "hello\n[resource A: demo://a]\n<resource uri=\"demo://b\">\ninside\n</resource>");
    CHECK(*shown.blocks ==
          Json::array({{{"type", "resource_link"}, {"uri", "demo://a"}, {"name", "A"}}}));
}

TEST_CASE("an image is one only when its bytes say so, whatever its type is called") {
    const mcp::Content good =
        content(Json::array({{{"type", "image"}, {"mimeType", "image/x"}, {"data", png}}}));
    CHECK(*good.blocks ==
          Json::array({{{"type", "image"}, {"mimeType", "image/png"}, {"data", png}}}));
    for (const char* data : {"", "no base64!", "aGVsbG8gd29ybGQgaGVsbG8gd29ybGQ="}) {
        const mcp::Content bad =
            content(Json::array({{{"type", "image"}, {"mimeType", "image/png"}, {"data", data}}}));
        CHECK(bad.blocks.is_absent());
        CHECK(bad.text ==
              "[image/png, " + std::to_string(std::string(data).size()) + " bytes, not shown]");
    }
}

TEST_CASE("structured content is text only when there is no other") {
    const Json structured = {{"a", 1}};
    CHECK(mcp::content_of_result({{"structuredContent", structured}}).text == R"({"a":1})");
    CHECK(mcp::content_of_result({{"content", Json::array({{{"type", "text"}, {"text", "t"}}})},
                                  {"structuredContent", structured}})
              .text == "t");
}

TEST_CASE("answers of no shape give no content") {
    for (const Json& odd : {Json(nullptr), Json("x"), Json{{"content", "x"}},
                            Json{{"content", Json::array({1, nullptr, Json::object()})}}}) {
        CHECK(mcp::content_of_result(odd).blocks.is_absent());
    }
}

TEST_CASE("the messages of a prompt become blocks, and an empty one says so") {
    const Json result = {
        {"messages",
         Json::array({{{"role", "user"}, {"content", {{"type", "text"}, {"text", "Hi"}}}},
                      {{"role", "assistant"}, {"content", {{"type", "text"}, {"text", "Ho"}}}}})}};
    CHECK(*mcp::blocks_of_prompt(result) ==
          Json::array({{{"type", "text"}, {"text", "Hi"}},
                       {{"type", "text"}, {"text", "[as if you had answered:]\nHo"}}}));
    CHECK(mcp::blocks_of_prompt(Json(nullptr))->size() == 1);
}
