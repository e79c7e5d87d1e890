// Models that stand in for one that fails.
#include <doctest/doctest.h>

#include "unit/model/models_rig.hpp"

using namespace thole;
using namespace thole::test;

namespace {

const Environment keys{
    {"ANTHROPIC_API_KEY", "a"}, {"OPENAI_API_KEY", "o"}, {"GEMINI_API_KEY", "g"}};

model::ModelsConfig config(std::vector<std::string> fallback, int retries = 1) {
    model::ModelsConfig made = config_of(keys);
    made.fallback = std::move(fallback);
    made.max_retries = retries;
    return made;
}

const char* const by_claude =
    "data: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":"
    "{\"type\":\"text\",\"text\":\"Hi\"}}\n\ndata: {\"type\":\"message_stop\"}\n\n";
const char* const by_gemini =
    "data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"Ho\"}]},"
    "\"finishReason\":\"STOP\"}]}\n\n";
const char* const limited = R"({"error":{"type":"rate_limit_error","message":"Slow"}})";
const char* const overloaded = R"({"error":{"type":"overloaded_error","message":"Overloaded"}})";
const std::string opus = "anthropic/claude-opus-5";

// "text …" and who said it.
std::string answered(ModelsRig& rig, const std::string& name) {
    Result<model::Reply> reply = rig.complete(name);
    if (!reply) return "error: " + reply.error().message;
    return std::get<model::Text>(reply->blocks.front()).text + " by " + reply->model;
}

}  // namespace

TEST_CASE("when the tries are used up the next model is asked, and that is told") {
    ModelsRig rig(config({"sonnet", "gemini"}));
    rig.answer(429, limited);
    rig.answer(429, limited);
    rig.answer(200, by_claude);
    CHECK(answered(rig, opus) == "Hi by anthropic/claude-sonnet-5-5");
    CHECK(rig.retries ==
          "anthropic: 429 Slow (1)\n"
          "anthropic failed after 2 tries: 429 Slow; going on with anthropic/claude-sonnet-5-5 "
          "(1, to anthropic/claude-sonnet-5-5)\n");
}

TEST_CASE("an overloaded model gives way at once, and is not asked first for some time") {
    ModelsRig rig(config({"gemini"}));
    rig.answer(529, overloaded);
    rig.answer(200, by_gemini);
    rig.answer(200, by_gemini);
    CHECK(answered(rig, opus) == "Ho by gemini/gemini-4-hydrogen");
    CHECK(rig.retries ==
          "anthropic: 529 Overloaded; going on with gemini/gemini-4-hydrogen "
          "(1, to gemini/gemini-4-hydrogen)\n");
    CHECK(answered(rig, opus) == "Ho by gemini/gemini-4-hydrogen");
    CHECK(rig.http.asked.size() == 3);
}

TEST_CASE("under a limit of cost nobody of unknown price stands in") {
    model::ModelsConfig given = config({"acme/opus", "gemini"});
    given.providers.push_back({"acme", "anthropic", "https://acme.test", "k", "ACME", true, {}});
    ModelsRig rig(given);
    rig.request.must_be_priced = true;
    rig.answer(529, overloaded);
    rig.answer(200, by_gemini);
    CHECK(answered(rig, opus) == "Ho by gemini/gemini-4-hydrogen");
    ModelsRig free(given);
    free.answer(529, overloaded);
    free.answer(500, "no list");
    free.answer(200, by_claude);
    CHECK(answered(free, opus) == "Hi by acme/opus");
}

TEST_CASE("an unknown model gives way; a bad key or a bad request does not") {
    ModelsRig rig(config({"gemini"}));
    rig.answer(404, R"({"error":{"type":"not_found_error","message":"model: x"}})");
    rig.answer(200, by_gemini);
    CHECK(answered(rig, opus) == "Ho by gemini/gemini-4-hydrogen");
    ModelsRig other(config({"gemini"}));
    other.answer(401, R"({"error":{"type":"authentication_error","message":"No"}})");
    CHECK(answered(other, opus) ==
          "error: anthropic did not take the API key in ANTHROPIC_API_KEY: No");
    other.answer(400, R"({"error":{"type":"invalid_request_error","message":"Bad"}})");
    CHECK(answered(other, opus) == "error: anthropic answered 400: Bad");
    CHECK(other.http.asked.size() == 2);
}

TEST_CASE("the last that is left is tried as often as any, and its error is told") {
    ModelsRig rig(config({"gemini"}));
    for (int i = 0; i < 3; ++i) rig.answer(529, overloaded);
    CHECK(answered(rig, opus) == "error: gemini failed after 2 tries: 529 Overloaded");
    CHECK(rig.http.asked.size() == 3);
}

TEST_CASE("each model gets what it can of what was asked for") {
    ModelsRig rig(config({"gemini"}));
    rig.request.max_output_tokens = 100000;
    rig.request.thought_level = model::ThoughtLevel::high;
    rig.answer(529, overloaded);
    rig.answer(200, by_gemini);
    CHECK(answered(rig, "anthropic/claude-sonnet-4-6") == "Ho by gemini/gemini-4-hydrogen");
    Json first = Json::parse(rig.http.asked[0].body);
    Json second = Json::parse(rig.http.asked[1].body);
    CHECK(first["max_tokens"] == 64000);
    CHECK(second["generationConfig"]["maxOutputTokens"] == 65536);
    CHECK(second["generationConfig"]["thinkingConfig"]["thinkingLevel"] == "HIGH");
}

TEST_CASE("a fallback without key, of an unknown name or the model itself is passed over") {
    ModelsRig rig(config({"openrouter", "nonsense", opus, "gemini"}));
    rig.answer(529, overloaded);
    rig.answer(200, by_gemini);
    CHECK(answered(rig, opus) == "Ho by gemini/gemini-4-hydrogen");
}

TEST_CASE("OpenAI itself is asked by Responses, other URLs by Chat, and the setting decides") {
    auto url = [](const char* base, const char* api) {
        model::ModelsConfig given = config_of({{"OPENAI_API_KEY", "o"}, {"OPENAI_BASE_URL", base}});
        for (model::ProviderConfig& provider : given.providers) provider.api = api;
        ModelsRig rig(given);
        rig.answer(401, "no");
        rig.outcome("openai/gpt-5");
        return rig.http.asked.at(0).url;
    };
    CHECK(url("", "") == "https://api.openai.com/v1/responses");
    CHECK(url("", "chat") == "https://api.openai.com/v1/chat/completions");
    CHECK(url("http://gateway.test/v1", "") == "http://gateway.test/v1/chat/completions");
    CHECK(url("http://gateway.test/v1", "responses") == "http://gateway.test/v1/responses");
}
