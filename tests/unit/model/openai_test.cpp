#include "model/providers/openai.hpp"

#include <doctest/doctest.h>

#include "unit/model/scripted.hpp"

using namespace thole;
using namespace thole::test;

namespace {

Json body_of(const model::Request& request, model::ChatDialect dialect) {
    model::ToolsText tools;
    return Json::parse(model::openai_body(request, dialect, tools));
}

model::ProviderConfig config() {
    return {"router", "openai", "https://router.test/v1", "sk-key", "ROUTER_KEY", true, {}};
}

std::string event(const std::string& data) {
    return "data: " + data + "\n\n";
}

// A chunk whose delta and finish_reason are as given, in JSON.
std::string chunk(const std::string& delta, const std::string& finish = "null") {
    return event(R"({"id":"c","choices":[{"index":0,"delta":)" + delta + R"(,"finish_reason":)" +
                 finish + "}]}");
}

std::string answer_to(Recorded recorded, Pieces& pieces) {
    async::Loop loop;
    ScriptedHttp http;
    http.answers.push_back(std::move(recorded));
    auto provider = model::openai_provider(http, config());
    model::Request request = full_request();
    model::PieceSink sink = pieces.sink();
    model::Answer answer = run(loop, provider->stream(request, sink));
    return shown(answer);
}

std::string answer_to_body(std::string body) {
    Pieces pieces;
    Recorded recorded;
    recorded.body = std::move(body);
    return answer_to(std::move(recorded), pieces);
}

const char* const no_usage = " in 0 out 0 read 0 write 0 thought 0";

std::string stream_of_all() {
    return ": OPENROUTER PROCESSING\n\n" + chunk(R"({"role":"assistant","content":""})") +
           chunk(R"({"reasoning_content":"Let me "})") + chunk(R"({"reasoning_content":"see"})") +
           chunk(R"({"content":"Grüße, "})") + chunk(R"({"content":"Welt \ud83d\ude00"})") +
           chunk(R"({"tool_calls":[{"index":0,"id":"a","type":"function",)"
                 R"("function":{"name":"read_file","arguments":""}}]})") +
           chunk(R"({"tool_calls":[{"index":0,"function":{"arguments":"{\"pa"}}]})") +
           chunk(R"({"tool_calls":[{"index":1,"id":"b","type":"function",)"
                 R"("function":{"name":"bash","arguments":"{\"command\": oops"}}]})") +
           chunk(R"({"tool_calls":[{"index":0,"function":{"arguments":"th\":\"x\"}"}}]})") +
           chunk("{}", R"("tool_calls")") +
           event(R"({"choices":[],"usage":{"prompt_tokens":500,"completion_tokens":60,)"
                 R"("prompt_tokens_details":{"cached_tokens":400},)"
                 R"("completion_tokens_details":{"reasoning_tokens":9},"cost":0.25}})") +
           event("[DONE]");
}

const char* const reply_of_all =
    "thought Let me see [field:reasoning_content]\n"
    "text Grüße, Welt 😀\n"
    "call a read_file {\"path\":\"x\"}\n"
    "call b bash {} broken {\"command\": oops\n"
    "tool_use in 500 out 60 read 400 write 0 thought 9";

Json effort_of(const char* name, model::ThoughtLevel level, bool has_tools, bool is_openai) {
    auto dialect = is_openai ? model::ChatDialect::openai : model::ChatDialect::other;
    model::Request request = full_request();
    request.model = name;
    request.thought_level = level;
    if (!has_tools) request.tools.clear();
    Json body = body_of(request, dialect);
    return body.contains("reasoning_effort") ? body["reasoning_effort"] : Json();
}

}  // namespace

TEST_CASE("a request to Chat Completions holds the conversation, images of results after them") {
    Json expected = Json::parse(R"({
      "model": "claude-haiku-4-5", "stream": true, "stream_options": {"include_usage": true},
      "max_tokens": 1000, "tool_choice": "auto",
      "tools": [
        {"type": "function", "function": {"name": "read_file", "description": "Reads.",
         "parameters": {"type": "object"}}},
        {"type": "function", "function": {"name": "bash", "description": "Runs.",
         "parameters": {"type": "object", "required": ["command"]}}}],
      "messages": [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Earlier"},
        {"role": "assistant", "content": "Yes"},
        {"role": "user", "content": [
          {"type": "text", "text": "Look"},
          {"type": "image_url", "image_url": {"url": "data:image/png;base64,QUJD"}}]},
        {"role": "assistant", "content": "I look.", "reasoning": "loose", "tool_calls": [
          {"id": "call.1", "type": "function",
           "function": {"name": "read_file", "arguments": "{\"path\":\"a\"}"}},
          {"id": "call_2", "type": "function", "function": {"name": "bash", "arguments": "{}"}}]},
        {"role": "tool", "tool_call_id": "call.1", "content": "A"},
        {"role": "tool", "tool_call_id": "call_2", "content": "bad input"},
        {"role": "user", "content": [
          {"type": "text", "text": "Images of the tool's result:"},
          {"type": "image_url", "image_url": {"url": "data:image/png;base64,QQ=="}},
          {"type": "text", "text": "and hurry"}]}]})");
    CHECK(body_of(full_request(), model::ChatDialect::other) == expected);
}

TEST_CASE("OpenAI itself gets max_completion_tokens and no thoughts back") {
    Json others = body_of(full_request(), model::ChatDialect::other);
    Json own = body_of(full_request(), model::ChatDialect::openai);
    others["max_completion_tokens"] = others["max_tokens"];
    others.erase("max_tokens");
    others["messages"][4].erase("reasoning");
    CHECK(own == others);
}

TEST_CASE("a request without tools, system or limit has none of their fields") {
    model::Request request;
    request.model = "m";
    request.max_output_tokens = 0;
    request.messages = {{model::Message::Role::user, {model::Text{"Hi"}}}};
    Json expected = Json::parse(R"({"model": "m", "stream": true,
      "stream_options": {"include_usage": true}, "messages": [{"role": "user", "content": "Hi"}]})");
    CHECK(body_of(request, model::ChatDialect::other) == expected);
}

TEST_CASE("an effort is sent where it is taken, and \"none\" where tools forbid thinking") {
    using Level = model::ThoughtLevel;
    CHECK(effort_of("gpt-6-sol", Level::high, true, true) == "none");
    CHECK(effort_of("gpt-5.6-luna", Level::off, true, true) == "none");
    CHECK(effort_of("gpt-5.6-luna", Level::low, false, true) == "low");
    CHECK(effort_of("gpt-6.1-sol", Level::off, true, true) == nullptr);
    CHECK(effort_of("gpt-6-astra", Level::low, true, true) == "low");
    CHECK(effort_of("gpt-5-mini", Level::medium, true, true) == "medium");
    CHECK(effort_of("gpt-5-mini", Level::off, true, true) == nullptr);
    CHECK(effort_of("o3", Level::high, true, true) == "high");
    CHECK(effort_of("openai/gpt-6-sol", Level::high, true, false) == "high");
    CHECK(effort_of("qwen3", Level::off, true, false) == nullptr);
}

TEST_CASE("a request goes to the completions endpoint with the key as a bearer token") {
    async::Loop loop;
    ScriptedHttp http;
    auto provider = model::openai_provider(http, config());
    model::Request request = full_request();
    model::PieceSink sink = [](const model::Piece&) {};
    model::Answer answer = run(loop, provider->stream(request, sink));
    CHECK(shown(answer) == "transient unavailable: connection refused");
    REQUIRE(http.asked.size() == 1);
    CHECK(http.asked[0].url == "https://router.test/v1/chat/completions");
    http::Headers expected{{"content-type", "application/json"},
                           {"accept", "text/event-stream"},
                           {"user-agent", "thole/" THOLE_VERSION},
                           {"authorization", "Bearer sk-key"}};
    CHECK(http.asked[0].headers == expected);
    CHECK(Json::parse(http.asked[0].body) == body_of(request, model::ChatDialect::other));
}

TEST_CASE("a Chat Completions stream cut at any place gives the same reply and the same pieces") {
    std::string body = stream_of_all();
    for (std::size_t cut = 1; cut < body.size(); ++cut) {
        Recorded recorded;
        recorded.body = body;
        recorded.first_chunk = cut;
        recorded.chunk = body.size();
        Pieces pieces;
        REQUIRE(answer_to(recorded, pieces) == reply_of_all);
        REQUIRE(pieces.text() ==
                "\nthought:Let me see\ntext:Grüße, Welt 😀\nbegins:a read_file\nbegins:b bash");
    }
}

TEST_CASE("the cost that a router states is kept") {
    async::Loop loop;
    ScriptedHttp http;
    Recorded recorded;
    recorded.body = stream_of_all();
    http.answers.push_back(recorded);
    auto provider = model::openai_provider(http, config());
    model::Request request = full_request();
    model::PieceSink sink = [](const model::Piece&) {};
    model::Answer answer = run(loop, provider->stream(request, sink));
    REQUIRE(answer.has_reply());
    CHECK(answer.reply().usage.cost_usd == 0.25);
}

TEST_CASE("a stream without finish_reason broke off; one without [DONE] did not") {
    CHECK(answer_to_body(chunk(R"({"content":"x"})")) ==
          "transient unavailable: the answer broke off");
    CHECK(answer_to_body(chunk(R"({"content":"x"})") + event("[DONE]")) ==
          "transient unavailable: the answer broke off");
    CHECK(answer_to_body(chunk(R"({"content":"x"})", R"("stop")")) ==
          std::string("text x\nend_turn") + no_usage);
}

TEST_CASE("a stream of nothing but comments, as OpenRouter sends while it waits, broke off") {
    CHECK(answer_to_body(": OPENROUTER PROCESSING\n\n: OPENROUTER PROCESSING\n\n") ==
          "transient unavailable: the stream ended before its first event");
    CHECK(answer_to_body("") == "transient unavailable: the answer was empty");
}

TEST_CASE("thoughts that stand in the text between tags are thoughts, and go back as they stood") {
    std::string body = chunk(R"({"content":"<thi"})") + chunk(R"({"content":"nk>\nHm. "})") +
                       chunk(R"({"content":"Well.</think"})") + chunk(R"({"content":">\n\nTwo"})") +
                       chunk(R"({"content":" <think>oars</think>"})", R"("stop")");
    CHECK(answer_to_body(body) ==
          std::string("thought \nHm. Well. [tags:]\ntext Two <think>oars</think>\nend_turn") +
              no_usage);
    CHECK(answer_to_body(chunk(R"({"content":"<thin"})", R"("stop")")) ==
          std::string("text <thin\nend_turn") + no_usage);
    model::Request request = full_request();
    request.messages[3].blocks = {model::Thought{"Hm", "tags:", false}, model::Text{"I look."},
                                  request.messages[3].blocks[6]};
    Json messages = body_of(request, model::ChatDialect::other)["messages"];
    CHECK(messages[4]["content"] == "<think>Hm</think>\n\nI look.");
    messages = body_of(request, model::ChatDialect::openai)["messages"];
    CHECK(messages[4]["content"] == "I look.");
}

TEST_CASE("an error of MiniMax is one in a stream and in place of it") {
    const char* const error = R"({"base_resp":{"status_code":1002,"status_msg":"too many"}})";
    CHECK(answer_to_body(error) == "transient unavailable: 429 too many");
    CHECK(answer_to_body(chunk(R"({"content":"x"})") + event(error)) ==
          "transient unavailable: 429 too many");
    CHECK(answer_to_body(event(R"({"choices":[{"delta":{"content":"x"},"finish_reason":"stop"}],)"
                               R"("base_resp":{"status_code":0,"status_msg":""}})")) ==
          std::string("text x\nend_turn") + no_usage);
}

TEST_CASE("senseless figures of usage are passed over or cut") {
    CHECK(answer_to_body(
              chunk(R"({"content":"x"})", R"("stop")") +
              event(R"({"usage":{"prompt_tokens":1e300,"completion_tokens":-5,)"
                    R"("prompt_tokens_details":{"cached_tokens":18446744073709551615}}})")) ==
          "text x\nend_turn in 1000000000000 out 0 read 0 write 0 thought 0");
}

TEST_CASE("finish reasons have their meanings, and calls make a tool round of any stop") {
    auto finished = [](const char* reason) {
        return answer_to_body(chunk(R"({"content":"x"})") +
                              chunk("{}", "\"" + std::string(reason) + "\""));
    };
    CHECK(finished("length") == std::string("text x\nmax_tokens") + no_usage);
    CHECK(finished("content_filter") == std::string("text x\nrefusal") + no_usage);
    CHECK(finished("tool_calls") == std::string("text x\nend_turn") + no_usage);
    CHECK(finished("error") == "transient unavailable: the server broke off with an error");
    CHECK(answer_to_body(chunk(R"({"refusal":"I will not."})", R"("stop")")) ==
          std::string("text I will not.\nrefusal") + no_usage);
    CHECK(answer_to_body(chunk(R"({"tool_calls":[{"index":0,"id":"a",)"
                               R"("function":{"name":"bash","arguments":"{}"}}]})",
                               R"("stop")")) == std::string("call a bash {}\ntool_use") + no_usage);
}

TEST_CASE("calls are told apart whatever a server leaves out") {
    auto call = [](const std::string& fields, const std::string& function) {
        return chunk(R"({"tool_calls":[{)" + fields + R"("function":)" + function + "}]}");
    };
    std::string bash = R"({"name":"bash","arguments":"{\"n\":1}"})";
    std::string grep = R"({"name":"grep","arguments":"{\"n\":2}"})";
    std::string end = chunk("{}", R"("stop")");
    std::string made = std::string("call call_5_1 bash {\"n\":1}\ncall call_5_2 grep {\"n\":2}\n") +
                       "tool_use" + no_usage;
    std::string given =
        std::string("call a bash {\"n\":1}\ncall b grep {\"n\":2}\n") + "tool_use" + no_usage;
    CHECK(answer_to_body(call("", bash) + call("", grep) + end) == made);
    CHECK(answer_to_body(call(R"("index":0,)", bash) + call(R"("index":1,)", grep) + end) == made);
    CHECK(answer_to_body(call(R"("id":"a",)", bash) + call(R"("id":"b",)", grep) + end) == given);
    CHECK(answer_to_body(call(R"("index":0,"id":"a",)", bash) +
                         call(R"("index":0,"id":"b",)", grep) + end) == given);
    CHECK(answer_to_body(call(R"("index":0,"id":"a",)", R"({"name":"bash","arguments":{"n":1}})") +
                         end) == std::string("call a bash {\"n\":1}\ntool_use") + no_usage);
    CHECK(answer_to_body(call(R"("id":"a",)", R"({"name":"bash","arguments":"{\"n\""})") +
                         call("", R"({"arguments":":1}"})") + end) ==
          std::string("call a bash {\"n\":1}\ntool_use") + no_usage);
    CHECK(answer_to_body(call(R"("index":0,)", R"({"arguments":"{}"})") + end) ==
          std::string("end_turn") + no_usage);
}

TEST_CASE("an error object in the stream is the answer") {
    std::string begin = chunk(R"({"content":"x"})");
    CHECK(answer_to_body(begin + event(R"({"error":{"message":"Gone","code":502}})")) ==
          "transient unavailable: 502 Gone");
    CHECK(answer_to_body(begin + event(R"({"error":{"message":"No","code":401}})")) ==
          "final authentication: router did not take the API key in ROUTER_KEY: No");
    CHECK(answer_to_body(begin + event(R"({"choices":[{"error":{"message":"Up","code":503}}]})")) ==
          "transient unavailable: 503 Up");
    CHECK(answer_to_body(begin + event("{\"choices\":")) ==
          "transient corrupt: the stream holds an event that is not JSON: {\"choices\":");
}

TEST_CASE("a chunk of text is read whole whatever else it brings") {
    std::string usage = R"(,"usage":{"prompt_tokens":3,"completion_tokens":2})";
    CHECK(
        answer_to_body(
            event(R"({"choices":[{"delta":{"content":"a"},"finish_reason":null}])" + usage + "}") +
            event(R"({"choices":[{"delta":{"content":"b"},"finish_reason":"stop"}]})")) ==
        "text ab\nend_turn in 3 out 2 read 0 write 0 thought 0");
    CHECK(answer_to_body(chunk(R"({"content":"say \"delta\":{\"content\":\"x\"} \u00e9"})") +
                         chunk(R"({"content":" a","refusal":"b"})", R"("stop")")) ==
          std::string("text say \"delta\":{\"content\":\"x\"} é ab\nrefusal") + no_usage);
    CHECK(answer_to_body(event(R"({"choices":[{"delta":{"content":"a"},"finish_reason":null}],)"
                               R"("error":{"message":"Up","code":503}})")) ==
          "transient unavailable: 503 Up");
}

TEST_CASE("members of unexpected types are passed over") {
    CHECK(answer_to_body(event(R"({"choices":[null],"usage":[1]})") +
                         event(R"({"choices":{},"usage":{"prompt_tokens":"many"}})") +
                         event(R"({"choices":[{"delta":{"content":5,"tool_calls":[null,3]}}]})") +
                         chunk(R"({"content":"x"})", R"("stop")")) ==
          std::string("text x\nend_turn") + no_usage);
}
