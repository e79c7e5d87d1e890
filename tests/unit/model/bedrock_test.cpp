#include "model/providers/bedrock.hpp"

#include <doctest/doctest.h>
#include <zlib.h>

#include "unit/model/scripted.hpp"

using namespace thole;
using namespace thole::test;

namespace {

model::ProviderConfig config() {
    model::ProviderConfig made{
        "bedrock", "bedrock", "https://bedrock.test", "", "AWS_BEARER_TOKEN_BEDROCK", true, {}};
    made.aws = {"AKID", "secret", "token"};
    made.region = "eu-west-1";
    return made;
}

std::string number(std::size_t value) {
    std::string out;
    for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(value >> shift & 0xff);
    return out;
}

std::string checksum(const std::string& bytes) {
    return number(crc32(0, reinterpret_cast<const Bytef*>(bytes.data()), uInt(bytes.size())));
}

std::string header(const std::string& name, const std::string& value) {
    return static_cast<char>(name.size()) + name + '\x07' + number(value.size()).substr(2) + value;
}

std::string message(const std::string& headers, const std::string& payload) {
    std::string text = number(headers.size() + payload.size() + 16) + number(headers.size());
    text += checksum(text) + headers + payload;
    return text + checksum(text);
}

std::string event(const char* type, const std::string& payload) {
    return message(header(":event-type", type) + header(":content-type", "application/json") +
                       header(":message-type", "event"),
                   payload);
}

std::string delta(int index, const std::string& json) {
    return event("contentBlockDelta", R"({"contentBlockIndex":)" + std::to_string(index) +
                                          R"(,"delta":)" + json + R"(,"p":"abc"})");
}

std::string stream_of_all() {
    return event("messageStart", R"({"role":"assistant"})") +
           delta(0, R"({"reasoningContent":{"text":"Let me "}})") +
           delta(0, R"({"reasoningContent":{"text":"see"}})") +
           delta(0, R"({"reasoningContent":{"signature":"sig"}})") +
           event("contentBlockStop", R"({"contentBlockIndex":0})") +
           delta(1, R"({"reasoningContent":{"redactedContent":"UkVE"}})") +
           event("contentBlockStop", R"({"contentBlockIndex":1})") +
           delta(2, R"({"text":"Grüße, "})") + delta(2, R"({"text":"Welt 😀"})") +
           event(
               "contentBlockStart",
               R"({"contentBlockIndex":3,"start":{"toolUse":{"toolUseId":"t1","name":"read_file"}}})") +
           delta(3, R"({"toolUse":{"input":"{\"pa"}})") +
           delta(3, R"({"toolUse":{"input":"th\":\"x\"}"}})") +
           event("contentBlockStop", R"({"contentBlockIndex":3})") +
           event("messageStop", R"({"stopReason":"tool_use"})") +
           event("metadata",
                 R"({"usage":{"inputTokens":93,"outputTokens":60,"cacheReadInputTokens":400,)"
                 R"("cacheWriteInputTokens":7,"totalTokens":560},"metrics":{"latencyMs":1}})");
}

const char* const reply_of_all =
    "thought Let me see [sig]\n"
    "redacted  [UkVE]\n"
    "text Grüße, Welt 😀\n"
    "call t1 read_file {\"path\":\"x\"}\n"
    "tool_use in 500 out 60 read 400 write 7 thought 0";

Recorded recorded(std::string body, int status = 200) {
    Recorded made;
    made.status = status;
    made.body = std::move(body);
    made.headers = {{"content-type", "application/vnd.amazon.eventstream"}};
    return made;
}

std::string answer_to(std::string body, int status = 200) {
    Pieces pieces;
    return answer_of(model::bedrock_provider, config(), recorded(std::move(body), status), pieces);
}

Json fields_of(const char* name, model::ThoughtLevel level) {
    model::Request request = full_request();
    request.model = name;
    request.max_output_tokens = 16000;
    request.thought_level = level;
    Json body = model::bedrock_body(request);
    return body.contains("additionalModelRequestFields") ? body["additionalModelRequestFields"]
                                                         : Json();
}

}  // namespace

TEST_CASE("a request to Converse holds the conversation, with caching and the round's thoughts") {
    model::Request request = full_request();
    request.model = "us.anthropic.claude-sonnet-4-5-20250929-v1:0";
    Json expected = Json::parse(R"({
      "system": [{"text": "Be brief."}, {"cachePoint": {"type": "default"}}],
      "inferenceConfig": {"maxTokens": 1000},
      "toolConfig": {"tools": [
        {"toolSpec": {"name": "read_file", "description": "Reads.",
         "inputSchema": {"json": {"type": "object"}}}},
        {"toolSpec": {"name": "bash", "description": "Runs.",
         "inputSchema": {"json": {"type": "object", "required": ["command"]}}}},
        {"cachePoint": {"type": "default"}}]},
      "messages": [
        {"role": "user", "content": [{"text": "Earlier"}]},
        {"role": "assistant", "content": [{"text": "Yes"}]},
        {"role": "user", "content": [
          {"text": "Look"}, {"image": {"format": "png", "source": {"bytes": "QUJD"}}},
          {"cachePoint": {"type": "default"}}]},
        {"role": "assistant", "content": [
          {"reasoningContent": {"reasoningText": {"text": "hm", "signature": "sig1"}}},
          {"reasoningContent": {"redactedContent": "secret"}},
          {"text": "I look."},
          {"toolUse": {"toolUseId": "call_1", "name": "read_file", "input": {"path": "a"}}},
          {"toolUse": {"toolUseId": "call_2", "name": "bash", "input": {}}}]},
        {"role": "user", "content": [
          {"toolResult": {"toolUseId": "call_1", "status": "success", "content": [
            {"text": "A"}, {"image": {"format": "png", "source": {"bytes": "QQ=="}}}]}},
          {"toolResult": {"toolUseId": "call_2", "status": "error", "content": [
            {"text": "bad input"}]}},
          {"text": "and hurry"}, {"cachePoint": {"type": "default"}}]}]})");
    CHECK(model::bedrock_body(request) == expected);
}

TEST_CASE("only makers that take a cache point get one, and calls always have their tools") {
    model::Request request = full_request();
    request.model = "meta.llama4-maverick-17b-instruct-v1:0";
    request.tools.clear();
    Json body = model::bedrock_body(request);
    CHECK(body.dump().find("cachePoint") == std::string::npos);
    REQUIRE(body["toolConfig"]["tools"].size() == 2);
    CHECK(body["toolConfig"]["tools"][0]["toolSpec"]["name"] == "bash");
    request.messages = {{model::Message::Role::user, {model::Text{"Hi"}}}};
    CHECK_FALSE(model::bedrock_body(request).contains("toolConfig"));
}

TEST_CASE("each maker's models are told in their own way how much to think") {
    using Level = model::ThoughtLevel;
    CHECK(fields_of("anthropic.claude-haiku-4-5-20251001-v1:0", Level::low) ==
          Json{{"thinking", {{"type", "enabled"}, {"budget_tokens", 4096}}}});
    CHECK(fields_of("global.anthropic.claude-opus-5-5", Level::high) ==
          Json{{"thinking", {{"type", "adaptive"}, {"display", "summarized"}}},
               {"output_config", {{"effort", "high"}}}});
    CHECK(fields_of("us.amazon.nova-2-lite-v1:0", Level::medium) ==
          Json{{"reasoningConfig", {{"type", "enabled"}, {"maxReasoningEffort", "medium"}}}});
    CHECK(fields_of("openai.gpt-oss-120b-1:0", Level::low) == Json{{"reasoning_effort", "low"}});
    CHECK(fields_of("us.amazon.nova-2-lite-v1:0", Level::off) == nullptr);
    CHECK(fields_of("deepseek.v3-v1:0", Level::high) == nullptr);
}

TEST_CASE("a Claude that was not thinking in this tool round is not made to now") {
    model::Request request = full_request();
    request.model = "anthropic.claude-haiku-4-5-20251001-v1:0";
    request.max_output_tokens = 16000;
    request.thought_level = model::ThoughtLevel::low;
    CHECK(model::bedrock_body(request).contains("additionalModelRequestFields"));
    std::erase_if(request.messages[3].blocks, [](const model::Block& block) {
        return std::holds_alternative<model::Thought>(block);
    });
    CHECK_FALSE(model::bedrock_body(request).contains("additionalModelRequestFields"));
}

TEST_CASE("a request is signed with the account's keys, or has Bedrock's own") {
    async::Loop loop;
    ScriptedHttp http;
    auto ask = [&](const model::ProviderConfig& with) {
        auto provider = model::bedrock_provider(http, with);
        model::Request request = full_request();
        request.model = "anthropic.claude-haiku-4-5-20251001-v1:0";
        model::PieceSink sink = [](const model::Piece&) {};
        model::Answer answer = run(loop, provider->stream(request, sink));
        CHECK(shown(answer) == "transient unavailable: connection refused");
        return http.asked.back();
    };
    http::Request signed_one = ask(config());
    CHECK(signed_one.url ==
          "https://bedrock.test/model/anthropic.claude-haiku-4-5-20251001-v1%3A0/converse-stream");
    const auto& [name, value] = signed_one.headers.back();
    CHECK(name == "authorization");
    CHECK(value.starts_with("AWS4-HMAC-SHA256 Credential=AKID/"));
    CHECK(value.find("/eu-west-1/bedrock/aws4_request, SignedHeaders=content-type;host;x-amz-date;"
                     "x-amz-security-token, ") != std::string::npos);
    model::ProviderConfig with_key = config();
    with_key.api_key = "ABSK";
    CHECK(ask(with_key).headers.back() ==
          std::pair<std::string, std::string>("authorization", "Bearer ABSK"));
    model::ProviderConfig open = config();
    open.aws = {};
    CHECK(ask(open).headers.back().first == "user-agent");
}

TEST_CASE("a Converse stream gives its blocks in order, and pieces as they come") {
    Pieces pieces;
    CHECK(answer_of(model::bedrock_provider, config(), recorded(stream_of_all()), pieces) ==
          reply_of_all);
    CHECK(pieces.text() == "\nthought:Let me see\ntext:Grüße, Welt 😀\nbegins:t1 read_file");
    CHECK(pieces.ends() == "sig\nredacted UkVE\n");
    CHECK(differing_cuts(model::bedrock_provider, config(), recorded(stream_of_all()),
                         reply_of_all) == 0);
}

TEST_CASE("Bedrock's stop reasons have their meanings") {
    auto stopped = [](const char* reason) {
        return answer_to(delta(0, R"({"text":"x"})") +
                         event("messageStop", R"({"stopReason":")" + std::string(reason) + "\"}"));
    };
    const char* const no_usage = " in 0 out 0 read 0 write 0 thought 0";
    CHECK(stopped("end_turn") == std::string("text x\nend_turn") + no_usage);
    CHECK(stopped("max_tokens") == std::string("text x\nmax_tokens") + no_usage);
    CHECK(stopped("guardrail_intervened") == std::string("text x\nrefusal") + no_usage);
    CHECK(stopped("malformed_tool_use") ==
          "transient corrupt: the model made a broken answer: malformed_tool_use");
    CHECK(answer_to(delta(0, R"({"text":"x"})")) == "transient unavailable: the answer broke off");
}

TEST_CASE("exceptions in the middle of a stream are told from each other") {
    auto thrown = [](const char* type, const char* payload) {
        return answer_to(
            delta(0, R"({"text":"x"})") +
            message(header(":message-type", "exception") + header(":exception-type", type),
                    payload));
    };
    CHECK(thrown("throttlingException", R"({"message":"Slow down"})") ==
          "transient unavailable: 429 Slow down");
    CHECK(thrown("modelStreamErrorException", R"({"message":"Oh"})") ==
          "transient unavailable: 500 Oh");
    CHECK(thrown("validationException", R"({"message":"Bad"})") ==
          "final unavailable: bedrock answered 400: Bad");
    CHECK(answer_to(message(header(":message-type", "error") + header(":error-code", "Internal") +
                                header(":error-message", "Ouch"),
                            "")) == "transient unavailable: 500 Ouch");
}

TEST_CASE("what Bedrock refuses is said in words that help") {
    CHECK(answer_to(R"({"message":"The provided model identifier is invalid."})", 400)
              .starts_with("final not_found: bedrock has no model \"claude-haiku-4-5\": "));
    CHECK(answer_to(R"({"message":"Input is too long for requested model."})", 400)
              .starts_with("final too_large: "));
    CHECK(answer_to(R"({"Message":"The security token is expired"})", 403) ==
          "final authentication: bedrock did not take the API key in AWS_ACCESS_KEY_ID and "
          "AWS_SECRET_ACCESS_KEY: The security token is expired");
    CHECK(answer_to("x\r\nnonsense that is no event stream", 200)
              .starts_with("transient corrupt: the stream holds a message"));
}
