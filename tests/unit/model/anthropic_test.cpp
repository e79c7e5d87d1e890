#include "model/providers/anthropic.hpp"

#include <doctest/doctest.h>

#include "unit/model/scripted.hpp"

using namespace thole;
using namespace thole::test;

namespace {

Json body_of(const model::Request& request) {
    model::ToolsText tools;
    return Json::parse(model::anthropic_body(request, tools));
}

model::ProviderConfig config() {
    return {"anthropic",         "anthropic", "https://api.test", "sk-key",
            "ANTHROPIC_API_KEY", true,        {{"x-extra", "1"}}};
}

const char* const stream_of_all = R"(event: message_start
data: {"type":"message_start","message":{"id":"m","usage":{"input_tokens":10,"cache_creation_input_tokens":20,"cache_read_input_tokens":300,"output_tokens":1}}}

event: content_block_start
data: {"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":"","signature":""}}

event: ping
data: {"type":"ping"}

event: content_block_delta
data: {"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"Let me "}}

event: content_block_delta
data: {"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"see"}}

event: content_block_delta
data: {"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"c2ln"}}

event: content_block_stop
data: {"type":"content_block_stop","index":0}

event: content_block_start
data: {"type":"content_block_start","index":1,"content_block":{"type":"redacted_thinking","data":"ZGF0YQ"}}

event: content_block_start
data: {"type":"content_block_start","index":2,"content_block":{"type":"text","text":""}}

event: content_block_delta
data: {"type":"content_block_delta","index":2,"delta":{"type":"text_delta","text":"Grüße, "}}

event: content_block_delta
data: {"type":"content_block_delta","index":2,"delta":{"type":"text_delta","text":"Welt \ud83d\ude00"}}

event: content_block_start
data: {"type":"content_block_start","index":3,"content_block":{"type":"tool_use","id":"t1","name":"read_file","input":{}}}

event: content_block_start
data: {"type":"content_block_start","index":4,"content_block":{"type":"tool_use","id":"t2","name":"bash","input":{}}}

event: content_block_delta
data: {"type":"content_block_delta","index":3,"delta":{"type":"input_json_delta","partial_json":"{\"pa"}}

event: content_block_delta
data: {"type":"content_block_delta","index":4,"delta":{"type":"input_json_delta","partial_json":"{\"command\": oops"}}

event: content_block_delta
data: {"type":"content_block_delta","index":3,"delta":{"type":"input_json_delta","partial_json":"th\":\"a\"}"}}

event: content_block_start
data: {"type":"content_block_start","index":5,"content_block":{"type":"tool_use","id":"t3","name":"list","input":{}}}

event: content_block_start
data: {"type":"content_block_start","index":6,"content_block":{"type":"something_new"}}

event: content_block_delta
data: {"type":"content_block_delta","index":6,"delta":{"type":"text_delta","text":"ignored"}}

event: message_delta
data: {"type":"message_delta","delta":{"stop_reason":"tool_use","stop_sequence":null},"usage":{"output_tokens":77,"output_tokens_details":{"thinking_tokens":5}}}

event: message_stop
data: {"type":"message_stop"}

)";

const char* const reply_of_all =
    "thought Let me see [c2ln]\n"
    "redacted  [ZGF0YQ]\n"
    "text Grüße, Welt 😀\n"
    "call t1 read_file {\"path\":\"a\"}\n"
    "call t2 bash {} broken {\"command\": oops\n"
    "call t3 list {}\n"
    "tool_use in 330 out 77 read 300 write 20 thought 5";

std::string event(const std::string& data) {
    return "data: " + data + "\n\n";
}

// What comes of one recorded answer.
std::string answer_to(Recorded recorded) {
    async::Loop loop;
    ScriptedHttp http;
    http.answers.push_back(std::move(recorded));
    auto provider = model::anthropic_provider(http, config());
    model::Request request = full_request();
    model::PieceSink sink = [](const model::Piece&) {};
    model::Answer answer = run(loop, provider->stream(request, sink));
    return shown(answer);
}

std::string answer_to_body(std::string body) {
    Recorded recorded;
    recorded.body = std::move(body);
    return answer_to(std::move(recorded));
}

std::string stopped_by(const std::string& reason) {
    return answer_to_body(
        event(
            R"({"type":"content_block_start","index":0,"content_block":{"type":"text","text":"x"}})") +
        event(R"({"type":"message_delta","delta":{"stop_reason":")" + reason + R"("}})") +
        event(R"({"type":"message_stop"})"));
}

Json thinking_of(const char* name, model::ThoughtLevel level) {
    model::Request request;
    request.model = name;
    request.max_output_tokens = 16000;
    request.thought_level = level;
    Json body = body_of(request);
    Json shape = Json::object();
    for (const char* key : {"thinking", "output_config"}) {
        if (body.contains(key)) shape[key] = body[key];
    }
    return shape;
}

}  // namespace

TEST_CASE("a request to Anthropic holds the conversation, with caching and the round's thoughts") {
    Json expected = Json::parse(R"({
      "model": "claude-haiku-4-5", "max_tokens": 1000, "stream": true,
      "system": [{"type": "text", "text": "Be brief.", "cache_control": {"type": "ephemeral"}}],
      "tools": [
        {"name": "read_file", "description": "Reads.", "input_schema": {"type": "object"}},
        {"name": "bash", "description": "Runs.",
         "input_schema": {"type": "object", "required": ["command"]},
         "cache_control": {"type": "ephemeral"}}],
      "tool_choice": {"type": "auto"},
      "messages": [
        {"role": "user", "content": [{"type": "text", "text": "Earlier"}]},
        {"role": "assistant", "content": [{"type": "text", "text": "Yes"}]},
        {"role": "user", "content": [
          {"type": "text", "text": "Look"},
          {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "QUJD"},
           "cache_control": {"type": "ephemeral"}}]},
        {"role": "assistant", "content": [
          {"type": "thinking", "thinking": "hm", "signature": "sig1"},
          {"type": "redacted_thinking", "data": "secret"},
          {"type": "text", "text": "I look."},
          {"type": "tool_use", "id": "call_1", "name": "read_file", "input": {"path": "a"}},
          {"type": "tool_use", "id": "call_2", "name": "bash", "input": {}}]},
        {"role": "user", "content": [
          {"type": "tool_result", "tool_use_id": "call_1", "content": [
            {"type": "text", "text": "A"},
            {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "QQ=="}}]},
          {"type": "tool_result", "tool_use_id": "call_2", "content": "bad input", "is_error": true},
          {"type": "text", "text": "and hurry", "cache_control": {"type": "ephemeral"}}]}]})");
    CHECK(body_of(full_request()) == expected);
}

TEST_CASE("a message of blanks and dropped thoughts is left out of a request") {
    model::Request request;
    request.model = "claude-haiku-4-5";
    request.max_output_tokens = 0;
    using Role = model::Message::Role;
    request.messages = {{Role::user, {model::Text{"Hi"}}},
                        {Role::assistant, {model::Thought{"x", "", false}, model::Text{" \n"}}},
                        {Role::user, {model::Text{"Ho"}}}};
    Json expected = Json::parse(R"({
      "model": "claude-haiku-4-5", "max_tokens": 32000, "stream": true,
      "messages": [
        {"role": "user", "content": [
          {"type": "text", "text": "Hi", "cache_control": {"type": "ephemeral"}}]},
        {"role": "user", "content": [
          {"type": "text", "text": "Ho", "cache_control": {"type": "ephemeral"}}]}]})");
    CHECK(body_of(request) == expected);
}

TEST_CASE("each generation of Claude is told in its own way how much to think") {
    using Level = model::ThoughtLevel;
    auto adaptive = [](const char* effort) {
        return Json{{"thinking", {{"type", "adaptive"}, {"display", "summarized"}}},
                    {"output_config", {{"effort", effort}}}};
    };
    auto budget = [](int tokens) {
        return Json{{"thinking", {{"type", "enabled"}, {"budget_tokens", tokens}}}};
    };
    auto type = [](const char* name) { return Json{{"thinking", {{"type", name}}}}; };
    CHECK(thinking_of("claude-haiku-4-5-20251001", Level::low) == budget(4096));
    CHECK(thinking_of("claude-opus-4-5", Level::high) == budget(14976));
    CHECK(thinking_of("claude-3-7-sonnet-20250219", Level::medium) == budget(10000));
    CHECK(thinking_of("claude-3-5-haiku-20241022", Level::high) == Json::object());
    CHECK(thinking_of("claude-opus-4-6", Level::medium) == adaptive("medium"));
    CHECK(thinking_of("claude-sonnet-5", Level::low) == adaptive("low"));
    CHECK(thinking_of("claude-opus-5-5", Level::high) == adaptive("high"));
    CHECK(thinking_of("claude-mythos-preview", Level::high) == adaptive("high"));
    CHECK(thinking_of("MiniMax-M2", Level::low) == budget(4096));
    CHECK(thinking_of("claude-haiku-4-5", Level::off) == Json::object());
    CHECK(thinking_of("claude-opus-4-8", Level::off) == Json::object());
    CHECK(thinking_of("claude-opus-5", Level::off) == type("disabled"));
    CHECK(thinking_of("claude-sonnet-5-5", Level::off) == type("between_tools"));
    CHECK(thinking_of("claude-fable-5-1", Level::off) == adaptive("low"));
    CHECK(thinking_of("MiniMax-M2", Level::off) == Json::object());
}

TEST_CASE("a request goes to the messages endpoint with key, version and configured headers") {
    for (const char* base : {"https://api.test", "https://api.test/v1"}) {
        async::Loop loop;
        ScriptedHttp http;
        model::ProviderConfig at = config();
        at.base_url = base;
        auto provider = model::anthropic_provider(http, at);
        model::Request request = full_request();
        model::PieceSink sink = [](const model::Piece&) {};
        model::Answer answer = run(loop, provider->stream(request, sink));
        CHECK(shown(answer) == "transient unavailable: connection refused");
        REQUIRE(http.asked.size() == 1);
        CHECK(http.asked[0].method == "POST");
        CHECK(http.asked[0].url == "https://api.test/v1/messages");
        http::Headers expected{
            {"content-type", "application/json"},   {"accept", "text/event-stream"},
            {"user-agent", "thole/" THOLE_VERSION}, {"x-extra", "1"},
            {"anthropic-version", "2023-06-01"},    {"x-api-key", "sk-key"}};
        CHECK(http.asked[0].headers == expected);
        CHECK(Json::parse(http.asked[0].body) == body_of(request));
    }
}

TEST_CASE("an Anthropic stream cut at any place gives the same reply and the same pieces") {
    std::string body = stream_of_all;
    for (std::size_t cut = 1; cut < body.size(); ++cut) {
        async::Loop loop;
        ScriptedHttp http;
        Recorded recorded;
        recorded.body = body;
        recorded.first_chunk = cut;
        recorded.chunk = body.size();
        http.answers.push_back(recorded);
        auto provider = model::anthropic_provider(http, config());
        model::Request request = full_request();
        Pieces pieces;
        model::PieceSink sink = pieces.sink();
        model::Answer answer = run(loop, provider->stream(request, sink));
        REQUIRE(shown(answer) == reply_of_all);
        REQUIRE(pieces.text() ==
                "\nthought:Let me see\ntext:Grüße, Welt 😀\nbegins:t1 read_file\nbegins:t2 "
                "bash\nbegins:t3 list");
    }
}

TEST_CASE("an Anthropic stream that breaks off anywhere before message_stop is worth another try") {
    std::string body = stream_of_all;
    std::size_t end = body.find("event: message_stop");
    for (std::size_t cut = 200; cut <= end; cut += 97) {
        Recorded recorded;
        recorded.body = body.substr(0, cut);
        CHECK(answer_to(recorded) == "transient unavailable: the answer broke off");
        recorded.broken = fail(Code::unavailable, "cut after 9 bytes");
        CHECK(answer_to(recorded) == "transient unavailable: cut after 9 bytes");
    }
}

TEST_CASE("a connection that breaks after message_stop breaks nothing") {
    Recorded recorded;
    recorded.body = stream_of_all;
    recorded.broken = fail(Code::unavailable, "reset");
    CHECK(answer_to(recorded) == reply_of_all);
}

TEST_CASE("the stop reasons of Anthropic have their meanings") {
    std::string usage = " in 0 out 0 read 0 write 0 thought 0";
    CHECK(stopped_by("end_turn") == "text x\nend_turn" + usage);
    CHECK(stopped_by("stop_sequence") == "text x\nend_turn" + usage);
    CHECK(stopped_by("pause_turn") == "text x\nend_turn" + usage);
    CHECK(stopped_by("max_tokens") == "text x\nmax_tokens" + usage);
    CHECK(stopped_by("model_context_window_exceeded") == "text x\nmax_tokens" + usage);
    CHECK(stopped_by("refusal") == "text x\nrefusal" + usage);
}

TEST_CASE("an error event in mid-stream is the answer, with its kind") {
    auto error = [](const char* type) {
        return answer_to_body(event(R"({"type":"message_start","message":{}})") +
                              event(std::string(R"({"type":"error","error":{"type":")") + type +
                                    R"(","message":"Too much"}})") +
                              event(R"({"type":"message_stop"})"));
    };
    CHECK(error("overloaded_error") == "transient unavailable: 529 Too much");
    CHECK(error("api_error") == "transient unavailable: 500 Too much");
    CHECK(error("rate_limit_error") == "transient unavailable: 429 Too much");
    CHECK(
        error("authentication_error") ==
        "final authentication: anthropic did not take the API key in ANTHROPIC_API_KEY: Too much");
    CHECK(error("invalid_request_error") == "final unavailable: anthropic answered 400: Too much");
}

TEST_CASE("an event that is not JSON makes the answer corrupt and worth another try") {
    CHECK(answer_to_body(event("{\"type\": \"message_st")) ==
          "transient corrupt: the stream holds an event that is not JSON: {\"type\": \"message_st");
    CHECK(answer_to_body(event("[1]")) ==
          "transient corrupt: the stream holds an event that is not JSON: [1]");
}

TEST_CASE("an answer that is no stream says so and names the base URL") {
    Recorded recorded;
    recorded.body = "<html><body>Log in</body></html>";
    recorded.headers = {{"content-type", "text/html"}};
    CHECK(answer_to(recorded) ==
          "final corrupt: anthropic answered with text/html instead of an event stream at "
          "https://api.test/v1/messages; check the base URL and any proxy");
    recorded.body = "";
    CHECK(answer_to(recorded) == "transient unavailable: the answer was empty");
    recorded.body = R"({"error":{"type":"overloaded_error","message":"Busy"}})";
    CHECK(answer_to(recorded) == "transient unavailable: 529 Busy");
    recorded.body = "{malformed json: <<";
    recorded.headers = {{"content-type", "application/json"}};
    CHECK(answer_to(recorded) ==
          "transient corrupt: the answer is broken JSON: {malformed json: <<");
}

TEST_CASE("an HTTP error carries what the provider says and when to come back") {
    Recorded recorded;
    recorded.status = 529;
    recorded.headers = {{"retry-after", "7"}};
    recorded.body =
        R"({"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}})";
    CHECK(answer_to(recorded) == "transient unavailable after 7000: 529 Overloaded");
}

TEST_CASE("a cancelled request is final") {
    Recorded recorded;
    recorded.broken = cancelled();
    CHECK(answer_to(recorded) == "final cancelled: cancelled");
}

TEST_CASE("the cache is asked to hold what comes before the state of the session, not that") {
    model::Request request;
    request.messages = {
        {model::Message::Role::user,
         {model::Text{"Go"}, model::Text{std::string(model::session_state_mark) + "\nplan"}}}};
    Json content = body_of(request)["messages"][0]["content"];
    CHECK(content[0].contains("cache_control"));
    CHECK_FALSE(content[1].contains("cache_control"));
}
