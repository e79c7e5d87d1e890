#include "acp/content.hpp"

#include <doctest/doctest.h>

#include "base/json.hpp"

using namespace thole;

namespace {

Json text(const std::string& words) {
    return Json{{"type", "text"}, {"text", words}};
}
const Json mention = {{"type", "resource_link"}, {"uri", "file:///a"}, {"name", "a"}};

std::string error_of(const Json& blocks) {
    Result<acp::Prompt> prompt = acp::read_prompt(blocks);
    return prompt ? "" : prompt.error().message;
}

}  // namespace

TEST_CASE("one text is a plain prompt") {
    Result<acp::Prompt> prompt = acp::read_prompt(Json::array({text("fix it")}));
    REQUIRE(prompt);
    CHECK(prompt->text == "fix it");
    CHECK(prompt->blocks.is_absent());
    CHECK(prompt->command.empty());
}

TEST_CASE("a command is the first text, whatever stands before it") {
    Result<acp::Prompt> prompt =
        acp::read_prompt(Json::array({mention, text("/mode plan"), text("/help")}));
    REQUIRE(prompt);
    CHECK(prompt->command == "/mode plan");
    CHECK(prompt->text == "/mode plan\n/help");
    CHECK(*prompt->blocks == Json::array({mention, text("/mode plan"), text("/help")}));
    prompt = acp::read_prompt(Json::array({text("go"), text("/help")}));
    REQUIRE(prompt);
    CHECK(prompt->command.empty());
}

TEST_CASE("images and resources are taken") {
    Json image{{"type", "image"}, {"data", "AA=="}, {"mimeType", "image/png"}};
    Json resource{{"type", "resource"}, {"resource", {{"uri", "file:///a"}, {"text", "x"}}}};
    CHECK(error_of(Json::array({image, resource})).empty());
}

TEST_CASE("prompts that cannot be read say what is wrong and where") {
    CHECK(error_of(Json::array()) == "params.prompt: expected at least one content block");
    CHECK(error_of(Json()) == "params.prompt: expected at least one content block");
    CHECK(error_of(Json::array({text("a"), 7})) ==
          "params.prompt[1]: expected an object, got number");
    CHECK(error_of(Json::array({Json{{"type", "text"}}})) ==
          "params.prompt[0].text: is missing; expected a string");
    CHECK(error_of(Json::array({Json{{"type", "audio"}, {"data", ""}}})) ==
          "params.prompt[0].type: content of type 'audio' is not supported; text, resource_link, "
          "image and resource are");
    CHECK(error_of(Json::array({Json{{"type", "resource"}, {"resource", {{"uri", "a"}}}}})) ==
          "params.prompt[0].resource.text: a resource needs text or blob");
}

TEST_CASE("a fence is longer than any inside") {
    CHECK(acp::fenced("a") == "```\na\n```");
    CHECK(acp::fenced("a ```` b\n") == "`````\na ```` b\n`````");
}

TEST_CASE("a block that would make too long a line becomes a remark") {
    CHECK(acp::shown_block(mention) == mention);
    Json image{{"type", "image"}, {"data", std::string(5'000'000, 'A')}, {"mimeType", "image/png"}};
    CHECK(acp::shown_block(image)["type"] == Json("text"));
    CHECK(acp::shown_block(Json(7))["type"] == Json("text"));
    Json long_text = acp::shown_block(text(std::string(5'000'000, 'A')));
    CHECK(dump_json(long_text).size() < 2'000'000);
}
