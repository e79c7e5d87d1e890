#include "model/models.hpp"

#include <doctest/doctest.h>

#include "async/scope.hpp"
#include "async/sleep.hpp"
#include "model/backoff.hpp"
#include "unit/model/models_rig.hpp"

using namespace thole;
using namespace thole::test;
using std::chrono::milliseconds;
using Rig = ModelsRig;

namespace {

const Environment anthropic_key{{"ANTHROPIC_API_KEY", "sk-a"}};

const char* const good =
    "data: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":"
    "{\"type\":\"text\",\"text\":\"Hi\"}}\n\ndata: {\"type\":\"message_stop\"}\n\n";
const char* const overloaded = R"({"error":{"type":"overloaded_error","message":"Overloaded"}})";
const char* const hi = "text Hi\nend_turn in 0 out 0 read 0 write 0 thought 0";

async::Task<void> stop_soon(async::Loop& loop, async::Scope& scope) {
    co_await async::sleep_for(loop, milliseconds(0));
    scope.request_stop();
}

async::Task<void> complete_into(Rig& rig, std::optional<Result<model::Reply>>& result) {
    model::PieceSink sink = rig.pieces.sink();
    model::RetrySink on_retry = [](const model::Retry&) {};
    std::string name = "anthropic/claude-opus-5";
    Result<model::Reply> reply = co_await rig.models.complete(name, rig.request, sink, on_retry);
    result = std::move(reply);
}

async::Task<void> complete_and_stop(Rig& rig, std::optional<Result<model::Reply>>& result) {
    async::Scope scope;
    scope.spawn(complete_into(rig, result));
    scope.spawn(stop_soon(rig.loop, scope));
    co_await scope.join();
}

}  // namespace

TEST_CASE("names are resolved: full, alias, bare, provider alone, any model of a known provider") {
    model::ModelsConfig given = config_of({});
    given.aliases = {{"best", "opus"}, {"round", "about"}, {"about", "round"}};
    Rig rig(given);
    CHECK(rig.resolved("anthropic/claude-opus-5") == "anthropic/claude-opus-5");
    CHECK(rig.resolved("anthropic/never-heard-of") == "anthropic/never-heard-of");
    CHECK(rig.resolved("openrouter/z-ai/glm-5:free") == "openrouter/z-ai/glm-5:free");
    CHECK(rig.resolved("sonnet") == "anthropic/claude-sonnet-5-5");
    CHECK(rig.resolved("best") == "anthropic/claude-opus-5-5");
    CHECK(rig.resolved("gpt") == "openai/gpt-6-sol");
    CHECK(rig.resolved("demo") == "demo/demo");
    CHECK(rig.resolved("gpt-5.1") == "openai/gpt-5.1");
    CHECK(rig.resolved("anthropic") == "anthropic/claude-sonnet-5-5");
    CHECK(rig.resolved("round").starts_with("error: no model \"round\""));
}

TEST_CASE("an unknown name lists the known ones and guesses what was meant") {
    Rig rig(config_of({}));
    std::string error = rig.resolved("sonet");
    CHECK(
        error.starts_with("error: no model \"sonet\" (did you mean \"sonnet\"?); known are "
                          "sonnet, opus, haiku, "));
    CHECK(error.find("anthropic/claude-opus-5-5") != std::string::npos);
    CHECK(error.ends_with(", and any other as provider/model"));
    CHECK(rig.resolved("claude-opus-5-6").find("mean \"claude-opus-5-5\"?") != std::string::npos);
    CHECK(rig.resolved("zzzzzzzz").find("did you mean") == std::string::npos);
    CHECK(rig.resolved("acme/big")
              .starts_with(
                  "error: no provider \"acme\" is configured; add [providers.acme] with "
                  "kind and base_url, "
                  "or use one of anthropic, openai, openrouter, gemini, bedrock, ollama, llamacpp, "
                  "demo; "
                  "known models are "
                  "sonnet, opus, haiku, "));
    CHECK(rig.resolved("").starts_with("error: no model \"\""));
    CHECK(rig.resolved("anthropic/").starts_with("error: no model \"anthropic/\""));
}

TEST_CASE("facts come from the table, dated names and gateways included, else they are cautious") {
    Rig rig(config_of({}));
    model::ModelFacts opus = rig.models.facts("anthropic/claude-opus-4-5-20251101");
    CHECK(opus.title == "Claude Opus 4.5");
    CHECK(opus.context_size == 200000);
    CHECK(opus.input_price == 5);
    model::ModelFacts routed = rig.models.facts("openrouter/anthropic/claude-haiku-4.5");
    CHECK(routed.title == "Claude Haiku 4.5");
    CHECK(routed.name == "openrouter/anthropic/claude-haiku-4.5");
    CHECK(routed.input_price == 1);
    model::ModelFacts unknown = rig.models.facts("anthropic/never-heard-of");
    CHECK(unknown.title == "never-heard-of");
    CHECK(unknown.context_size == 128000);
    CHECK(unknown.max_output_tokens == 0);
    CHECK(unknown.input_price < 0);
    CHECK_FALSE(unknown.thinks);
    CHECK(rig.models.facts("ollama/qwen3").input_price == 0);
    CHECK(rig.models.facts("openai/gpt-4o-2024-08-06").title == "GPT-4o");
}

TEST_CASE("a gateway's price for a known model is not taken to be its maker's") {
    model::ModelsConfig given = config_of({});
    given.providers.push_back({"acme", "anthropic", "https://acme.test", "k", "ACME", true, {}});
    Rig rig(given);
    model::ModelFacts facts = rig.models.facts("acme/claude-opus-5-5");
    CHECK(facts.context_size == 1000000);
    CHECK(facts.input_price < 0);
}

TEST_CASE("the default model is the configured one, else of the first provider with a key") {
    model::ModelsConfig given = config_of(anthropic_key);
    given.default_model = "gpt";
    CHECK(Rig(given).by_default() == "openai/gpt-6-sol");
    given.default_model = "sonet";
    CHECK(Rig(given).by_default().starts_with("error: no model \"sonet\""));
    CHECK(Rig(Environment{{"OPENAI_API_KEY", "k"}, {"ANTHROPIC_API_KEY", "k"}}).by_default() ==
          "anthropic/claude-sonnet-5-5");
    CHECK(Rig(Environment{{"OPENAI_API_KEY", "k"}, {"OPENROUTER_API_KEY", "k"}}).by_default() ==
          "openai/gpt-6-sol");
    CHECK(Rig(Environment{{"OPENROUTER_API_KEY", "k"}}).by_default() ==
          "openrouter/anthropic/claude-sonnet-5.5");
}

TEST_CASE("with no key a local server is asked once, quickly, and its first model is taken") {
    Rig rig(config_of({}));
    rig.answer(200, R"({"models":[{"name":"qwen3:8b"},{"name":"other"}]})");
    CHECK(rig.by_default() == "ollama/qwen3:8b");
    CHECK(rig.by_default() == "ollama/qwen3:8b");
    REQUIRE(rig.http.asked.size() == 3);
    CHECK(rig.http.asked[0].method == "GET");
    CHECK(rig.http.asked[0].url == "http://127.0.0.1:11434/api/tags");
    CHECK(rig.http.asked[0].connect_timeout == milliseconds(300));
    CHECK(rig.http.asked[0].idle_timeout == milliseconds(300));
    CHECK(rig.http.asked[1].url == "http://127.0.0.1:11434/api/show");
    CHECK(rig.http.asked[2].url == "http://127.0.0.1:11434/api/ps");
    CHECK(rig.models.available()[0].name == "ollama/qwen3:8b");
    CHECK(rig.models.available()[1].name == "ollama/other");
}

TEST_CASE("an Ollama without models gives way to llama.cpp") {
    Rig rig(config_of({}));
    rig.answer(200, R"({"models":[]})");
    rig.answer(200, R"({"data":[{"id":"model.gguf"}]})");
    CHECK(rig.by_default() == "llamacpp/model.gguf");
    CHECK(rig.http.asked[1].url == "http://127.0.0.1:8080/v1/models");
}

TEST_CASE("with no key and no local server one sentence says what to do") {
    Rig rig(config_of({}));
    rig.answer(404, "no");
    CHECK(
        rig.by_default() ==
        "error: no model is set up: run `thole login`, set ANTHROPIC_API_KEY, OPENAI_API_KEY, "
        "OPENROUTER_API_KEY, "
        "GEMINI_API_KEY or AWS_BEARER_TOKEN_BEDROCK, or start Ollama or llama.cpp on this machine; "
        "`thole demo` works without any of them");
}

TEST_CASE("a missing key names its variable before anything is sent") {
    Rig rig(config_of({}));
    std::string sentence =
        "no API key for anthropic: set ANTHROPIC_API_KEY or run `thole login anthropic`; `thole "
        "demo` works without one";
    Result<void> checked = rig.models.check_key("anthropic/claude-opus-5");
    REQUIRE_FALSE(checked.has_value());
    CHECK(checked.error() == fail(Code::authentication, sentence));
    CHECK(rig.outcome("anthropic/claude-opus-5") == "error: " + sentence);
    CHECK(rig.http.asked.empty());
    CHECK(rig.models.check_key("demo/demo").has_value());
    CHECK(Rig(anthropic_key).models.check_key("anthropic/x").has_value());
}

TEST_CASE("the picker offers what can be used") {
    std::vector<std::string> names;
    for (const model::ModelFacts& facts : Rig(config_of({})).models.available()) {
        names.push_back(facts.name);
    }
    CHECK(names == std::vector<std::string>{"demo/demo"});
    auto offered = Rig(anthropic_key).models.available();
    CHECK(offered.front().name == "anthropic/claude-sonnet-5-5");
    CHECK(offered.back().name == "demo/demo");
}

TEST_CASE("base URLs come from the environment, with or without slash, scheme and port") {
    auto url = [](const char* variable, const char* value, const char* provider) {
        for (const model::ProviderConfig& made : config_of({{variable, value}}).providers) {
            if (made.name == provider) return made.base_url;
        }
        return std::string();
    };
    CHECK(url("ANTHROPIC_BASE_URL", "http://127.0.0.1:9/", "anthropic") == "http://127.0.0.1:9");
    CHECK(url("ANTHROPIC_BASE_URL", "", "anthropic") == "https://api.anthropic.com");
    CHECK(url("OPENAI_BASE_URL", "http://x/v1", "openai") == "http://x/v1");
    CHECK(url("OPENAI_BASE_URL", "", "openai") == "https://api.openai.com/v1");
    CHECK(url("OLLAMA_HOST", "", "ollama") == "http://127.0.0.1:11434/v1");
    CHECK(url("OLLAMA_HOST", "0.0.0.0", "ollama") == "http://127.0.0.1:11434/v1");
    CHECK(url("OLLAMA_HOST", "box:1234", "ollama") == "http://box:1234/v1");
    CHECK(url("OLLAMA_HOST", "https://box.test/", "ollama") == "https://box.test/v1");
}

TEST_CASE("a transient failure is tried again, told each time, until it works") {
    Rig rig(anthropic_key);
    rig.answer(529, overloaded);
    rig.answer(200, "data: {\"type\":\"message_start\"}\n\n");
    rig.answer(200, "data: {\"type\":\n\n");
    rig.answer(200, good);
    CHECK(rig.outcome("anthropic/claude-opus-5") == hi);
    CHECK(rig.retries ==
          "anthropic: 529 Overloaded (1)\n"
          "anthropic: the answer broke off (2)\n"
          "anthropic: the stream holds an event that is not JSON: {\"type\": (3)\n");
    CHECK(rig.http.asked.size() == 4);
}

TEST_CASE("after the last try the error says how often and why") {
    Rig rig(anthropic_key);
    for (int i = 0; i < 7; ++i) rig.answer(529, overloaded);
    Result<model::Reply> reply = rig.complete("anthropic/claude-opus-5");
    REQUIRE_FALSE(reply.has_value());
    CHECK(reply.error() ==
          fail(Code::unavailable, "anthropic failed after 6 tries: 529 Overloaded"));
    CHECK(rig.http.asked.size() == 6);
}

TEST_CASE("a final failure is not tried again and keeps its code") {
    Rig rig(anthropic_key);
    rig.answer(500, "no list");
    rig.answer(404, R"({"error":{"type":"not_found_error","message":"model: x"}})");
    Result<model::Reply> reply = rig.complete("anthropic/x");
    REQUIRE_FALSE(reply.has_value());
    CHECK(reply.error() == fail(Code::not_found, "anthropic has no model \"x\": model: x"));
    CHECK(rig.retries.empty());
}

TEST_CASE("a provider that asks for a short wait gets it; one that asks for a long one fails") {
    Rig rig(anthropic_key);
    rig.answer(429, overloaded, {{"retry-after-ms", "2"}});
    rig.answer(429, overloaded, {{"retry-after", "300"}});
    CHECK(rig.outcome("anthropic/claude-opus-5") ==
          "error: anthropic asks to wait 300 s before the next try, which is too long: 429 "
          "Overloaded");
    CHECK(rig.retries == "anthropic: 429 Overloaded (1)\n");
}

TEST_CASE("a stop ends the wait for the next try") {
    Rig rig(anthropic_key);
    rig.answer(429, overloaded, {{"retry-after", "100"}});
    std::optional<Result<model::Reply>> result;
    rig.loop.run(complete_and_stop(rig, result));
    REQUIRE(result.has_value());
    REQUIRE_FALSE(result->has_value());
    CHECK(result->error().code == Code::cancelled);
    CHECK(rig.http.asked.size() == 1);
}

TEST_CASE("a request is cut to what the model can") {
    Rig rig(anthropic_key);
    rig.request.max_output_tokens = 500000;
    rig.request.thought_level = model::ThoughtLevel::high;
    rig.answer(200, good);
    rig.answer(500, "no list");
    rig.answer(200, good);
    CHECK(rig.outcome("anthropic/claude-haiku-4-5") == hi);
    CHECK(rig.request.model == "claude-haiku-4-5");
    CHECK(rig.request.max_output_tokens == 64000);
    CHECK(rig.request.thought_level == model::ThoughtLevel::high);
    CHECK(rig.outcome("anthropic/never-heard-of") == hi);
    CHECK(rig.request.max_output_tokens == 0);
    CHECK(rig.request.thought_level == model::ThoughtLevel::off);
}

TEST_CASE("a provider of an unknown kind is a fault of the configuration") {
    model::ModelsConfig given = config_of({});
    given.providers.push_back({"acme", "telepathy", "", "", "", false, {}});
    CHECK(Rig(given).outcome("acme/x") ==
          "error: provider \"acme\" has kind \"telepathy\"; it must be anthropic, "
          "openai, gemini, bedrock or demo");
}

TEST_CASE("costs follow the price list, cached input and long prompts included") {
    Rig rig(config_of({}));
    model::TokenUsage usage;
    usage.input = 100000;
    usage.cached_read = 60000;
    usage.cached_write = 10000;
    usage.output = 2000;
    auto cost = [&rig, &usage](const char* name) { return rig.models.cost(name, usage); };
    CHECK(*cost("anthropic/claude-haiku-4-5") == doctest::Approx(0.03 + 0.006 + 0.0125 + 0.01));
    CHECK(*cost("anthropic/claude-haiku-5-5") == doctest::Approx(0.003 + 0.0006 + 0.00125 + 0.001));
    usage.input = 200000;
    CHECK(*cost("anthropic/claude-haiku-5-5") ==
          doctest::Approx(5 * (0.013 + 0.0006 + 0.00125 + 0.001)));
    CHECK(cost("anthropic/never-heard-of") == std::nullopt);
    CHECK(*cost("demo/demo") == 0);
    usage.cost_usd = 0.5;
    CHECK(*cost("anthropic/never-heard-of") == 0.5);
}

TEST_CASE("waits double up to a minute, give or take a quarter") {
    model::Backoff backoff(milliseconds(1000));
    for (int i = 0; i < 100; ++i) {
        for (int attempt : {1, 2, 5, 7, 40}) {
            std::int64_t exact = attempt > 6 ? 60000 : 1000 << (attempt - 1);
            std::int64_t delay = backoff.delay(attempt, std::nullopt).count();
            REQUIRE(delay >= exact * 3 / 4);
            REQUIRE(delay <= exact * 5 / 4);
        }
    }
    CHECK(backoff.delay(3, milliseconds(77)) == milliseconds(77));
    CHECK(backoff.delay(3, milliseconds(0)) >= milliseconds(3000));
}
