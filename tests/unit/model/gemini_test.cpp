#include "model/providers/gemini.hpp"

#include <doctest/doctest.h>

#include "model/providers/gemini_schema.hpp"
#include "unit/model/scripted.hpp"

using namespace thole;
using namespace thole::test;

namespace {

Json body_of(const model::Request& request) {
    model::ToolsText tools;
    return Json::parse(model::gemini_body(request, tools));
}

model::ProviderConfig config() {
    return {"gemini", "gemini", "https://gemini.test", "key", "GEMINI_API_KEY", true, {}};
}

std::string chunk(const std::string& parts, const std::string& more = "") {
    return R"(data: {"candidates":[{"content":{"role":"model","parts":[)" + parts + "]}" + more +
           "}]}\r\n\r\n";
}

const std::string end =
    "data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"\",\"thoughtSignature\":\"T=\"}]},"
    "\"finishReason\":\"STOP\"}],\"usageMetadata\":{\"promptTokenCount\":500,"
    "\"cachedContentTokenCount\":400,\"candidatesTokenCount\":51,\"thoughtsTokenCount\":9,"
    "\"totalTokenCount\":560}}\r\n\r\n";

std::string stream_of_all() {
    return chunk(R"({"text":"Let me ","thought":true})") +
           chunk(R"({"text":"see","thought":true})") + chunk(R"({"text":"Grüße, "})") +
           chunk(R"({"text":"Welt 😀"})") +
           chunk(
               R"({"functionCall":{"name":"read_file","args":{"path":"x"}},)"
               R"("thoughtSignature":"A+/="},{"functionCall":{"id":"g2","name":"bash","args":{}}})") +
           end;
}

const char* const reply_of_all =
    "thought Let me see []\n"
    "text Grüße, Welt 😀\n"
    "thought  [gemini:A+/=:call_5_2]\n"
    "call call_5_2 read_file {\"path\":\"x\"}\n"
    "call g2 bash {}\n"
    "thought  [gemini:T=:]\n"
    "tool_use in 500 out 60 read 400 write 0 thought 9";

Recorded recorded(std::string body) {
    Recorded made;
    made.body = std::move(body);
    return made;
}

std::string answer_to(std::string body) {
    Pieces pieces;
    return answer_of(model::gemini_provider, config(), recorded(std::move(body)), pieces);
}

Json thinking_of(const char* name, model::ThoughtLevel level) {
    model::Request request = full_request();
    request.model = name;
    request.thought_level = level;
    Json body = body_of(request);
    const Json& generation = body["generationConfig"];
    return generation.contains("thinkingConfig") ? generation["thinkingConfig"] : Json();
}

}  // namespace

TEST_CASE("a request to Gemini holds the conversation, with the round's signatures") {
    model::Request request = full_request();
    request.model = "gemini-4-hydrogen";
    request.thought_level = model::ThoughtLevel::high;
    Json expected = Json::parse(R"({
      "systemInstruction": {"parts": [{"text": "Be brief."}]},
      "generationConfig": {"maxOutputTokens": 1000,
        "thinkingConfig": {"includeThoughts": true, "thinkingLevel": "HIGH"}},
      "tools": [{"functionDeclarations": [
        {"name": "read_file", "description": "Reads.", "parametersJsonSchema": {"type": "object"}},
        {"name": "bash", "description": "Runs.",
         "parametersJsonSchema": {"type": "object", "required": ["command"]}}]}],
      "contents": [
        {"role": "user", "parts": [{"text": "Earlier"}]},
        {"role": "model", "parts": [{"text": "Yes"}]},
        {"role": "user", "parts": [
          {"text": "Look"}, {"inlineData": {"mimeType": "image/png", "data": "QUJD"}}]},
        {"role": "model", "parts": [
          {"text": "I look."},
          {"functionCall": {"id": "call.1", "name": "read_file", "args": {"path": "a"}},
           "thoughtSignature": "GS"},
          {"functionCall": {"id": "call_2", "name": "bash", "args": {}}}]},
        {"role": "user", "parts": [
          {"functionResponse": {"id": "call.1", "name": "read_file", "response": {"output": "A"},
           "parts": [{"inlineData": {"mimeType": "image/png", "data": "QQ=="}}]}},
          {"functionResponse": {"id": "call_2", "name": "bash",
           "response": {"error": "bad input"}}},
          {"text": "and hurry"}]}]})");
    CHECK(body_of(request) == expected);
}

TEST_CASE("before Gemini 3 the images of results follow them") {
    model::Request request = full_request();
    request.model = "gemini-2.5-pro";
    Json parts = body_of(request)["contents"].back()["parts"];
    REQUIRE(parts.size() == 4);
    CHECK_FALSE(parts[0]["functionResponse"].contains("parts"));
    CHECK(parts[1].contains("functionResponse"));
    CHECK(parts[2] == Json::parse(R"({"inlineData": {"mimeType": "image/png", "data": "QQ=="}})"));
}

TEST_CASE("of a schema Gemini gets the keywords that it takes") {
    Json schema = Json::parse(R"({
      "$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object",
      "additionalProperties": {"type": "string", "pattern": "x"}, "required": ["default"],
      "$defs": {"pattern": {"type": "integer", "exclusiveMinimum": 0, "minimum": 1}},
      "properties": {
        "default": {"const": "a", "default": "a", "description": "D"},
        "pattern": {"anyOf": [{"$ref": "#/$defs/pattern"}, {"type": "null", "examples": [1]}]},
        "list": {"type": "array", "items": {"type": "string", "maxLength": 3}, "minItems": 1,
                 "uniqueItems": true}}})");
    CHECK(model::gemini_schema(schema) == Json::parse(R"({
      "type": "object",
      "additionalProperties": {"type": "string"}, "required": ["default"],
      "$defs": {"pattern": {"type": "integer", "minimum": 1}},
      "properties": {
        "default": {"enum": ["a"], "description": "D"},
        "pattern": {"anyOf": [{"$ref": "#/$defs/pattern"}, {"type": "null"}]},
        "list": {"type": "array", "items": {"type": "string"}, "minItems": 1}}})"));
    CHECK(model::gemini_schema(Json(false)) == Json(false));
    CHECK(model::gemini_schema(Json::parse(R"({"properties": 3, "anyOf": {"a": 1}})")) ==
          Json::parse(R"({"properties": 3, "anyOf": {"a": 1}})"));
}

TEST_CASE("what Gemini has answered goes back as it came") {
    async::Loop loop;
    ScriptedHttp http;
    http.answers.push_back(recorded(stream_of_all()));
    auto provider = model::gemini_provider(http, config());
    model::Request request = full_request();
    model::PieceSink sink = [](const model::Piece&) {};
    model::Answer answer = run(loop, provider->stream(request, sink));
    REQUIRE(answer.has_reply());
    request.messages.push_back({model::Message::Role::assistant, answer.reply().blocks});
    Json sent = body_of(request)["contents"].back()["parts"];
    Json parts = Json::parse(without_chance(dump_json(sent)));
    CHECK(parts == Json::parse(R"([
      {"text": "Grüße, Welt 😀"},
      {"functionCall": {"id": "call_5_2", "name": "read_file", "args": {"path": "x"}},
       "thoughtSignature": "A+/="},
      {"functionCall": {"id": "g2", "name": "bash", "args": {}}},
      {"text": "", "thoughtSignature": "T="}])"));
}

TEST_CASE("a call of another model goes to Gemini 3 with the signature that stands for none") {
    model::Request request = full_request();
    std::erase_if(request.messages[3].blocks, [](const model::Block& block) {
        return std::holds_alternative<model::Thought>(block);
    });
    request.model = "gemini-3.1-pro-preview";
    Json parts = body_of(request)["contents"][3]["parts"];
    CHECK(parts[1]["thoughtSignature"] == "skip_thought_signature_validator");
    CHECK_FALSE(parts[2].contains("thoughtSignature"));
    request.model = "gemini-2.5-pro";
    CHECK_FALSE(body_of(request)["contents"][3]["parts"][1].contains("thoughtSignature"));
}

TEST_CASE("each generation of Gemini is told in its own way how much to think") {
    using Level = model::ThoughtLevel;
    auto level = [](const char* name, bool shows) {
        return Json{{"includeThoughts", shows}, {"thinkingLevel", name}};
    };
    auto budget = [](int tokens, bool shows) {
        return Json{{"includeThoughts", shows}, {"thinkingBudget", tokens}};
    };
    CHECK(thinking_of("gemini-4-hydrogen", Level::medium) == level("MEDIUM", true));
    CHECK(thinking_of("gemini-3.1-pro-preview", Level::off) == level("LOW", false));
    CHECK(thinking_of("gemini-3-pro-preview", Level::medium) == level("HIGH", true));
    CHECK(thinking_of("gemini-2.5-flash", Level::off) == budget(0, false));
    CHECK(thinking_of("gemini-2.5-pro", Level::off) == budget(128, false));
    CHECK(thinking_of("gemini-2.5-flash", Level::low) == budget(4096, true));
    CHECK(thinking_of("gemini-2.0-flash", Level::off) == nullptr);
    CHECK(thinking_of("gemma-3-27b-it", Level::off) == nullptr);
}

TEST_CASE("a request goes to streamGenerateContent with the key in its header") {
    async::Loop loop;
    ScriptedHttp http;
    for (const char* base : {"https://gemini.test", "https://gemini.test/v1beta"}) {
        model::ProviderConfig at = config();
        at.base_url = base;
        auto provider = model::gemini_provider(http, at);
        model::Request request = full_request();
        request.model = "gemini-4-hydrogen";
        model::PieceSink sink = [](const model::Piece&) {};
        model::Answer answer = run(loop, provider->stream(request, sink));
        CHECK(shown(answer) == "transient unavailable: connection refused");
        CHECK(http.asked.back().url ==
              "https://gemini.test/v1beta/models/gemini-4-hydrogen:streamGenerateContent?alt=sse");
        CHECK(http.asked.back().headers.back() ==
              std::pair<std::string, std::string>("x-goog-api-key", "key"));
    }
}

TEST_CASE("a Gemini stream gives its blocks in order, and pieces as they come") {
    Pieces pieces;
    CHECK(answer_of(model::gemini_provider, config(), recorded(stream_of_all()), pieces) ==
          reply_of_all);
    CHECK(pieces.text() ==
          "\nthought:Let me see\ntext:Grüße, Welt 😀\nbegins:call_5_2 read_file\nbegins:g2 bash");
    CHECK(pieces.ends() == "\ngemini:A+/=:call_5_2\ngemini:T=:\n");
    CHECK(differing_cuts(model::gemini_provider, config(), recorded(stream_of_all()),
                         reply_of_all) == 0);
}

TEST_CASE("Gemini's finish reasons have their meanings") {
    auto finished = [](const std::string& reason) {
        return answer_to(chunk(R"({"text":"x"})", R"(,"finishReason":")" + reason + "\""));
    };
    const char* const no_usage = " in 0 out 0 read 0 write 0 thought 0";
    CHECK(finished("STOP") == std::string("text x\nend_turn") + no_usage);
    CHECK(finished("MAX_TOKENS") == std::string("text x\nmax_tokens") + no_usage);
    CHECK(finished("SAFETY") == std::string("text x\nrefusal") + no_usage);
    CHECK(finished("MALFORMED_FUNCTION_CALL") ==
          "transient corrupt: the model made a broken answer: MALFORMED_FUNCTION_CALL");
    CHECK(finished("MISSING_THOUGHT_SIGNATURE") ==
          "transient corrupt: the model made a broken answer: MISSING_THOUGHT_SIGNATURE");
    CHECK(finished("IMAGE_SAFETY") == std::string("text x\nrefusal") + no_usage);
    CHECK(finished("FUNCTION_CALL") == std::string("text x\nend_turn") + no_usage);
    CHECK(finished("OTHER") == std::string("text x\nend_turn") + no_usage);
    CHECK(answer_to(chunk(R"({"text":"x"})")) == "transient unavailable: the answer broke off");
    CHECK(answer_to("data: {\"promptFeedback\":{\"blockReason\":\"SAFETY\"}}\n\n") ==
          std::string("refusal") + no_usage);
}

TEST_CASE("an answer of Gemini that says nothing is no answer") {
    const char* const silent = "transient unavailable: the answer was empty";
    CHECK(answer_to(chunk(R"({"text":""})", R"(,"finishReason":"STOP")")) == silent);
    CHECK(answer_to(chunk(R"({"text":"Hm","thought":true})", R"(,"finishReason":"STOP")")) ==
          silent);
    CHECK(answer_to(chunk(R"({"text":"Hm","thought":true})", R"(,"finishReason":"MAX_TOKENS")"))
              .starts_with("thought Hm []\nmax_tokens"));
}

TEST_CASE("Google's errors are told from each other") {
    auto failed = [](int status, const char* body) {
        Recorded made = recorded(body);
        made.status = status;
        Pieces pieces;
        return answer_of(model::gemini_provider, config(), made, pieces);
    };
    CHECK(
        failed(400, R"({"error":{"code":400,"message":"API key not valid. Please pass one."}})") ==
        "final authentication: gemini did not take the API key in GEMINI_API_KEY: API key not "
        "valid. Please pass one.");
    CHECK(failed(429,
                 R"([{"error":{"code":429,"message":"Quota","details":[{"a":1},)"
                 R"({"retryDelay":"1.5s"}]}}])") == "transient unavailable after 1500: 429 Quota");
    CHECK(failed(400, R"({"error":{"code":400,"message":"The input token count (2) exceeds the )"
                      R"(maximum number of tokens allowed (1)."}})")
              .starts_with("final too_large: the conversation is too long for gemini/"));
    CHECK(answer_to("data: {\"error\":{\"code\":503,\"message\":\"Overloaded\"}}\n\n") ==
          "transient unavailable: 503 Overloaded");
}
