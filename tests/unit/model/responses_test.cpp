#include "model/providers/responses.hpp"

#include <doctest/doctest.h>

#include "model/providers/effort.hpp"
#include "unit/model/scripted.hpp"

using namespace thole;
using namespace thole::test;

namespace {

Json body_of(const model::Request& request, const std::string& provider) {
    model::ToolsText tools;
    return Json::parse(model::responses_body(request, provider, tools));
}

model::ProviderConfig config() {
    return {"openai", "openai", "https://api.openai.com/v1", "sk-key", "OPENAI_API_KEY", true, {}};
}

std::string event(const std::string& data) {
    return "data: " + data + "\n\n";
}

Recorded recorded(std::string body) {
    Recorded made;
    made.body = std::move(body);
    return made;
}

std::string answer_to(std::string body) {
    Pieces pieces;
    return answer_of(model::responses_provider, config(), recorded(std::move(body)), pieces);
}

std::string item(const char* what, int index, const std::string& json) {
    return event(R"({"type":"response.output_item.)" + std::string(what) + R"(","output_index":)" +
                 std::to_string(index) + R"(,"item":)" + json + "}");
}

std::string delta(const char* of, int index, const std::string& text) {
    return event(R"({"type":"response.)" + std::string(of) + R"(.delta","output_index":)" +
                 std::to_string(index) + R"(,"delta":)" + Json(text).dump() + "}");
}

const std::string completed = event(
    R"({"type":"response.completed","response":{"status":"completed","usage":{"input_tokens":500,)"
    R"("input_tokens_details":{"cached_tokens":400,"cache_write_tokens":7},"output_tokens":60,)"
    R"("output_tokens_details":{"reasoning_tokens":9},"total_tokens":560}}})");

std::string stream_of_all() {
    return event(R"({"type":"response.created","response":{}})") +
           item("added", 0, R"({"type":"reasoning","id":"rs_1","summary":[]})") +
           event(R"({"type":"response.reasoning_summary_part.added","output_index":0,)"
                 R"("summary_index":0})") +
           delta("reasoning_summary_text", 0, "Let me ") +
           delta("reasoning_summary_text", 0, "see") +
           event(R"({"type":"response.reasoning_summary_part.added","output_index":0,)"
                 R"("summary_index":1})") +
           delta("reasoning_summary_text", 0, "Well") +
           item("done", 0, R"({"type":"reasoning","id":"rs_1","encrypted_content":"EN=="})") +
           item("added", 1, R"({"type":"reasoning","id":"rs_2","summary":[]})") +
           item("done", 1, R"({"type":"reasoning","id":"rs_2","encrypted_content":"C2"})") +
           item("added", 2, R"({"type":"message","id":"msg_1","role":"assistant"})") +
           delta("output_text", 2, "Grüße, ") + delta("output_text", 2, "Welt 😀") +
           item("done", 2, R"({"type":"message","id":"msg_1"})") +
           item("added", 3,
                R"({"type":"function_call","id":"fc","call_id":"a","name":"read_file",)"
                R"("arguments":""})") +
           delta("function_call_arguments", 3, R"({"pa)") +
           delta("function_call_arguments", 3, R"(th":"x"})") +
           item("done", 3,
                R"({"type":"function_call","call_id":"a","name":"read_file",)"
                R"("arguments":"{\"path\":\"x\"}"})") +
           item("added", 4, R"({"type":"function_call","call_id":"b","name":"bash"})") +
           item("done", 4,
                R"({"type":"function_call","call_id":"b","name":"bash","arguments":"{oops"})") +
           completed;
}

const char* const reply_of_all =
    "thought Let me see\n\nWell [openai/openai:rs_1:EN==]\n"
    "thought  [openai/openai:rs_2:C2]\n"
    "text Grüße, Welt 😀\n"
    "call a read_file {\"path\":\"x\"}\n"
    "call b bash {} broken {oops\n"
    "tool_use in 500 out 60 read 400 write 7 thought 9";

}  // namespace

TEST_CASE("a request to Responses holds the conversation, with the round's encrypted thoughts") {
    model::Request request = full_request();
    request.model = "gpt-5.6-sol";
    request.thought_level = model::ThoughtLevel::medium;
    Json expected = Json::parse(R"({
      "model": "gpt-5.6-sol", "stream": true, "store": false, "max_output_tokens": 1000,
      "instructions": "Be brief.", "tool_choice": "auto",
      "reasoning": {"effort": "medium", "summary": "auto"},
      "include": ["reasoning.encrypted_content"],
      "tools": [
        {"type": "function", "name": "read_file", "description": "Reads.", "strict": false,
         "parameters": {"type": "object"}},
        {"type": "function", "name": "bash", "description": "Runs.", "strict": false,
         "parameters": {"type": "object", "required": ["command"]}}],
      "input": [
        {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "Earlier"}]},
        {"type": "message", "role": "assistant", "content": "Yes"},
        {"type": "message", "role": "user", "content": [
          {"type": "input_text", "text": "Look"},
          {"type": "input_image", "image_url": "data:image/png;base64,QUJD", "detail": "auto"}]},
        {"type": "reasoning", "id": "rs_1", "encrypted_content": "ENC",
         "summary": [{"type": "summary_text", "text": "why"}]},
        {"type": "message", "role": "assistant", "content": "I look."},
        {"type": "function_call", "call_id": "call.1", "name": "read_file",
         "arguments": "{\"path\":\"a\"}"},
        {"type": "function_call", "call_id": "call_2", "name": "bash", "arguments": "{}"},
        {"type": "function_call_output", "call_id": "call.1", "output": [
          {"type": "input_text", "text": "A"},
          {"type": "input_image", "image_url": "data:image/png;base64,QQ==", "detail": "auto"}]},
        {"type": "function_call_output", "call_id": "call_2", "output": "bad input"},
        {"type": "message", "role": "user", "content": [
          {"type": "input_text", "text": "and hurry"}]}]})");
    CHECK(body_of(request, "openai") == expected);
}

TEST_CASE("thoughts go back only to the account that encrypted them, and in their round") {
    model::Request request = full_request();
    Json others = body_of(request, "azure");
    CHECK(others.dump().find("ENC") == std::string::npos);
    request.messages.push_back({model::Message::Role::assistant, {model::Text{"Done"}}});
    request.messages.push_back({model::Message::Role::user, {model::Text{"Next"}}});
    CHECK(body_of(request, "openai").dump().find("ENC") == std::string::npos);
}

TEST_CASE("each of OpenAI's models is told how much to think by what it takes") {
    using Level = model::ThoughtLevel;
    auto effort = [](const char* name, Level level) {
        return std::string(model::effort_of(name, level));
    };
    CHECK(effort("gpt-5", Level::off) == "minimal");
    CHECK(effort("gpt-5-mini", Level::high) == "high");
    CHECK(effort("gpt-5.1", Level::off) == "none");
    CHECK(effort("gpt-6-sol", Level::off) == "none");
    CHECK(effort("gpt-6-astra", Level::off) == "low");
    CHECK(effort("gpt-6.2-sol", Level::off) == "low");
    CHECK(effort("gpt-5.3-codex", Level::off) == "low");
    CHECK(effort("o4-mini", Level::off) == "low");
    CHECK(effort("gpt-5-pro", Level::off).empty());
    CHECK(effort("gpt-4.1", Level::off).empty());
    CHECK(effort("gpt-5-chat-latest", Level::off).empty());
}

TEST_CASE("a model that does not think is asked for no thoughts") {
    model::Request request = full_request();
    request.model = "gpt-4.1";
    Json body = body_of(request, "openai");
    CHECK_FALSE(body.contains("include"));
    CHECK_FALSE(body.contains("reasoning"));
}

TEST_CASE("a request goes to the responses endpoint, at Azure with its own header and version") {
    async::Loop loop;
    ScriptedHttp http;
    auto ask = [&](const std::string& url) {
        model::ProviderConfig at = config();
        at.base_url = url;
        auto provider = model::responses_provider(http, at);
        model::Request request = full_request();
        model::PieceSink sink = [](const model::Piece&) {};
        model::Answer answer = run(loop, provider->stream(request, sink));
        CHECK(shown(answer) == "transient unavailable: connection refused");
        const auto& [name, value] = http.asked.back().headers.back();
        return http.asked.back().url + " " + name + ": " + value;
    };
    CHECK(ask("https://api.openai.com/v1") ==
          "https://api.openai.com/v1/responses authorization: Bearer sk-key");
    CHECK(ask("https://x.openai.azure.com/openai/v1/?api-version=preview") ==
          "https://x.openai.azure.com/openai/v1/responses?api-version=preview api-key: sk-key");
}

TEST_CASE("a Responses stream gives its blocks in order, and pieces as they come") {
    Pieces pieces;
    CHECK(answer_of(model::responses_provider, config(), recorded(stream_of_all()), pieces) ==
          reply_of_all);
    CHECK(pieces.text() ==
          "\nthought:Let me see\n\nWell\ntext:Grüße, Welt 😀\nbegins:a read_file\nbegins:b bash");
    CHECK(pieces.ends() == "openai/openai:rs_1:EN==\nopenai/openai:rs_2:C2\n");
    CHECK(differing_cuts(model::responses_provider, config(), recorded(stream_of_all()),
                         reply_of_all) == 0);
}

TEST_CASE("a Responses stream that ends before response.completed broke off") {
    std::string whole = stream_of_all();
    CHECK(answer_to(whole.substr(0, whole.size() - completed.size())) ==
          "transient unavailable: the answer broke off");
}

TEST_CASE("a Responses stream without deltas, or with its end alone, gives the same reply") {
    const char* const message =
        R"({"type":"message","id":"m","content":[{"type":"output_text","text":"Grüße"}]})";
    const char* const call =
        R"({"type":"function_call","call_id":"a","name":"bash","arguments":"{\"n\":1}"})";
    const char* const both =
        "text Grüße\ncall a bash {\"n\":1}\ntool_use in 0 out 0 read 0 write 0 thought 0";
    std::string end = event(R"({"type":"response.completed","response":{}})");
    CHECK(answer_to(item("done", 0, message) + item("done", 1, call) + end) == both);
    CHECK(answer_to(event(R"({"type":"response.completed","response":{"output":[)" +
                          std::string(message) + "," + call + "]}}")) == both);
}

TEST_CASE("an incomplete response says why, and a refusal is one") {
    auto incomplete = [](const char* reason) {
        return answer_to(delta("output_text", 0, "x") +
                         event(R"({"type":"response.incomplete","response":{"incomplete_details":)"
                               R"({"reason":")" +
                               std::string(reason) + R"("}}})"));
    };
    const char* const no_usage = " in 0 out 0 read 0 write 0 thought 0";
    CHECK(incomplete("max_output_tokens") == std::string("text x\nmax_tokens") + no_usage);
    CHECK(incomplete("content_filter") == std::string("text x\nrefusal") + no_usage);
    CHECK(answer_to(delta("refusal", 0, "No.") + completed) ==
          "text No.\nrefusal in 500 out 60 read 400 write 7 thought 9");
}

TEST_CASE("failures in a Responses stream are told from each other") {
    CHECK(answer_to(event(R"({"type":"response.failed","response":{"error":)"
                          R"({"code":"server_error","message":"Oh"}}})")) ==
          "transient unavailable: 500 Oh");
    CHECK(answer_to(event(R"({"type":"response.failed","response":{"error":)"
                          R"({"code":"rate_limit_exceeded","message":"Slow"}}})")) ==
          "transient unavailable: 429 Slow");
    CHECK(answer_to(event(R"({"type":"error","code":"invalid_prompt","message":"Bad"})")) ==
          "final unavailable: openai answered 400: Bad");
    CHECK(answer_to(event(R"({"type":"response.failed","response":{"error":)"
                          R"({"code":"image_too_large","message":"Big"}}})")) ==
          "final unavailable: openai answered 400: Big");
    CHECK(answer_to(event(R"({"type":"error","code":"context_length_exceeded",)"
                          R"("message":"exceeds the context window"})"))
              .starts_with("final too_large: "));
}
