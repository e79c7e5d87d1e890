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

TEST_CASE("text beyond 4 MiB is left out, and that is said once") {
    const Json half = {{"type", "text"}, {"text", std::string(3U << 20U, 'x')}};
    const std::string text = content(Json::array({half, half, half})).text;
    CHECK(text.size() < (4U << 20U) + 200);
    CHECK(text.ends_with("x\n[2097152 more bytes, and what comes after them, are left out]"));
}

TEST_CASE("audio is for people; the model is told that there is some") {
    const Json audio = {{"type", "audio"}, {"mimeType", "audio/wav"}, {"data", "UklGRg=="}};
    const mcp::Content shown = content(Json::array({audio}));
    CHECK(shown.text == "[audio/wav, 8 bytes, not shown]");
    CHECK(*shown.blocks == Json::array({audio}));
    CHECK(content(Json::array({{{"type", "audio"}, {"mimeType", "text/x"}, {"data", "UklGRg=="}}}))
              .blocks.is_absent());
    CHECK(content(Json::array({{{"type", "audio"}, {"mimeType", "audio/wav"}, {"data", "no!"}}}))
              .blocks.is_absent());
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
