#include "model/model_list.hpp"

#include <doctest/doctest.h>

#include "async/sleep.hpp"
#include "unit/model/models_rig.hpp"

using namespace thole;
using namespace thole::test;

namespace {

model::ProviderConfig provider(const char* name, const Environment& environment = {}) {
    for (const model::ProviderConfig& made : config_of(environment).providers) {
        if (made.name == name) return made;
    }
    return {};
}

// "name|title|context|output|thinks|images|input price" a line.
std::string shown(const std::vector<model::ModelFacts>& models) {
    std::string text;
    for (const model::ModelFacts& one : models) {
        text += one.name + "|" + one.title + "|" + std::to_string(one.context_size) + "|" +
                std::to_string(one.max_output_tokens) + "|" + (one.thinks ? "thinks" : "") + "|" +
                (one.sees_images ? "images" : "") + "|" +
                std::to_string(static_cast<int>(one.input_price)) + "\n";
    }
    return text;
}

std::string listed(const model::ProviderConfig& from, const char* answer) {
    return shown(model::read_list(from, Json::parse(answer)));
}

}  // namespace

TEST_CASE("each API's list of models is read, with what it says of their sizes") {
    CHECK(listed(provider("anthropic"), R"({"data":[{"type":"model","id":"claude-x",
        "display_name":"Claude X","max_input_tokens":1000000,"max_tokens":128000,
        "capabilities":{"thinking":{"supported":true},"image_input":{"supported":true}}}]})") ==
          "anthropic/claude-x|Claude X|1000000|128000|thinks|images|-1\n");
    CHECK(listed(provider("openai"), R"({"object":"list","data":[{"id":"gpt-x","object":"model"},
        {"object":"model"}]})") == "openai/gpt-x|gpt-x|0|0|||-1\n");
    CHECK(listed(provider("openrouter"), R"({"data":[{"id":"z-ai/glm","name":"GLM",
        "context_length":200000,"top_provider":{"max_completion_tokens":32000},
        "supported_parameters":["tools","reasoning"],
        "architecture":{"input_modalities":["text","image"]},
        "pricing":{"prompt":"0.000003","completion":"0.000015"}}]})") ==
          "openrouter/z-ai/glm|GLM|200000|32000|thinks|images|3\n");
    CHECK(listed(provider("gemini"), R"({"models":[{"name":"models/gemini-x",
        "displayName":"Gemini X","inputTokenLimit":1048576,"outputTokenLimit":65536,
        "supportedGenerationMethods":["generateContent"],"thinking":true},
        {"name":"models/embed","supportedGenerationMethods":["embedContent"]}]})") ==
          "gemini/gemini-x|Gemini X|1048576|65536|thinks|images|-1\n");
    CHECK(listed(provider("bedrock"), R"({"inferenceProfileSummaries":[{"inferenceProfileId":
        "us.anthropic.claude-x","inferenceProfileName":"US Claude X"}]})") ==
          "bedrock/us.anthropic.claude-x|US Claude X|0|0|||-1\n");
    CHECK(listed(provider("ollama"), R"({"models":[{"name":"qwen3:8b","size":1}]})") ==
          "ollama/qwen3:8b|qwen3:8b|0|0|||-1\n");
    CHECK(listed(provider("ollama"), R"({"models":[{"name":"nomic-embed-text"}]})").empty());
    CHECK(listed(provider("openai"), R"({"data":[{"id":"text-embedding-3-small"},{"id":"whisper-1"},
        {"id":"gpt-4o-mini-tts"},{"id":"gpt-image-1"},{"id":"omni-moderation-latest"}]})")
              .empty());
    CHECK(listed(provider("llamacpp"), R"({"data":[{"id":"m","meta":{"n_ctx_train":40960}}]})") ==
          "llamacpp/m|m|40960|0|||-1\n");
    CHECK(listed(provider("openai"), R"({"data":[null,3,{"id":5}],"models":"x"})").empty());
}

TEST_CASE("lists are asked for where each API has them, with its key") {
    ModelsRig rig(Environment{{"ANTHROPIC_API_KEY", "a"},
                              {"OPENAI_API_KEY", "o"},
                              {"GEMINI_API_KEY", "g"},
                              {"AWS_BEARER_TOKEN_BEDROCK", "b"},
                              {"AWS_REGION", "eu-west-1"}});
    std::vector<model::ModelFacts> all = run(rig.loop, rig.models.listed());
    CHECK(all.front().name == "anthropic/claude-sonnet-5-5");
    std::string asked;
    for (const http::Request& request : rig.http.asked) {
        asked += request.method + " " + request.url + " " + request.headers.back().first + "\n";
    }
    CHECK(asked ==
          "GET https://api.anthropic.com/v1/models?limit=1000 x-api-key\n"
          "GET https://api.openai.com/v1/models authorization\n"
          "GET https://generativelanguage.googleapis.com/v1beta/models?pageSize=1000 "
          "x-goog-api-key\n"
          "GET https://bedrock.eu-west-1.amazonaws.com/inference-profiles?maxResults=1000 "
          "authorization\n"
          "GET http://127.0.0.1:11434/api/tags user-agent\n"
          "GET http://127.0.0.1:8080/v1/models user-agent\n");
    CHECK(rig.models.list_error("openai")->message == "connection refused");
    CHECK_FALSE(rig.models.list_error("openrouter").has_value());
    run(rig.loop, rig.models.listed());
    CHECK(rig.http.asked.size() == 12);
}

namespace {

// Answers nobody before all that are expected have asked, or for a second.
class GatheringHttp final : public http::Http {
public:
    GatheringHttp(async::Loop& loop, int expected) : loop_(loop), expected_(expected) {}
    int gathered = 0;

    async::Task<Result<http::Response>> send(http::Request, http::BodySink) override {
        ++gathered;
        for (int i = 0; gathered < expected_ && i < 1000; ++i) {
            co_await async::sleep_for(loop_, std::chrono::milliseconds(1));
        }
        is_complete = is_complete && gathered == expected_;
        co_return fail(Code::unavailable, "nobody is there");
    }
    bool is_complete = true;

private:
    async::Loop& loop_;
    int expected_;
};

}  // namespace

TEST_CASE("providers are asked for their lists side by side") {
    async::Loop loop;
    GatheringHttp http(loop, 4);
    model::Models models(loop, http,
                         config_of({{"ANTHROPIC_API_KEY", "a"}, {"GEMINI_API_KEY", "g"}}));
    run(loop, models.listed());
    CHECK(http.gathered == 4);
    CHECK(http.is_complete);
}

TEST_CASE("a list that was had is not asked for again, one that failed is") {
    ModelsRig rig(Environment{{"OPENAI_API_KEY", "o"}});
    rig.answer(200, R"({"data":[{"id":"gpt-x"}]})");
    run(rig.loop, rig.models.listed());
    CHECK(rig.http.asked.size() == 3);
    CHECK_FALSE(rig.models.list_error("openai").has_value());
    rig.answer(200, R"({"models":[{"name":"qwen3"}]})");
    std::vector<model::ModelFacts> all = run(rig.loop, rig.models.listed());
    CHECK(rig.http.asked[3].url == "http://127.0.0.1:11434/api/tags");
    CHECK(rig.http.asked.size() == 5);
    CHECK_FALSE(rig.models.list_error("ollama").has_value());
    CHECK(all.back().name == "openai/gpt-x");
}

TEST_CASE("what a list says of an unknown model holds for its requests") {
    ModelsRig rig(Environment{{"GEMINI_API_KEY", "g"}});
    rig.answer(200, R"({"models":[{"name":"models/gemini-9","inputTokenLimit":5000,
        "outputTokenLimit":700,"supportedGenerationMethods":["generateContent"],
        "thinking":true}]})");
    rig.request.thought_level = model::ThoughtLevel::low;
    CHECK(rig.outcome("gemini/gemini-9").starts_with("error: gemini failed after 6 tries"));
    CHECK(rig.request.max_output_tokens == 700);
    CHECK(rig.request.thought_level == model::ThoughtLevel::low);
    CHECK(rig.models.facts("gemini/gemini-9").context_size == 5000);
    CHECK(rig.http.asked.size() == 7);
}

TEST_CASE("Ollama is asked for a model, and for its context until that is in memory") {
    ModelsRig rig(Environment{});
    rig.answer(200, R"({"model_info":{"qwen3.context_length":40960,"general.x":1},
        "parameters":"stop \"x\"\nnum_ctx                        8192",
        "capabilities":["completion","tools","thinking"]})");
    CHECK(rig.outcome("ollama/qwen3").starts_with("error: ollama failed"));
    model::ModelFacts facts = rig.models.facts("ollama/qwen3");
    CHECK(facts.context_size == 8192);
    CHECK(facts.thinks);
    CHECK(facts.is_blind);
    CHECK(facts.input_price == 0);
    CHECK(rig.http.asked[0].url == "http://127.0.0.1:11434/api/show");
    CHECK(rig.http.asked[0].body == R"({"model":"qwen3"})");
    CHECK(rig.http.asked[1].url == "http://127.0.0.1:11434/api/ps");
    CHECK(rig.http.asked[2].url == "http://127.0.0.1:11434/v1/chat/completions");
    std::size_t before = rig.http.asked.size();
    rig.answer(200, R"({"models":[{"model":"qwen3:8b","context_length":1},
        {"model":"qwen3:latest","context_length":4096}]})");
    rig.answer(401, "no");
    rig.outcome("ollama/qwen3");
    CHECK(rig.models.facts("ollama/qwen3").context_size == 4096);
    rig.answer(401, "no");
    rig.outcome("ollama/qwen3");
    REQUIRE(rig.http.asked.size() == before + 3);
    CHECK(rig.http.asked[before].url == "http://127.0.0.1:11434/api/ps");
    CHECK(rig.http.asked[before + 2].method == "POST");
}

TEST_CASE("llama.cpp says how much context it serves, which may be less than the model has") {
    ModelsRig rig(Environment{});
    rig.answer(200, R"({"default_generation_settings":{"n_ctx":16384,"params":{}},
        "modalities":{"vision":true,"audio":false}})");
    rig.answer(401, "no");
    rig.outcome("llamacpp/m");
    CHECK(rig.http.asked[0].url == "http://127.0.0.1:8080/props");
    CHECK(rig.models.facts("llamacpp/m").context_size == 16384);
    CHECK(rig.models.facts("llamacpp/m").sees_images);
    rig.answer(401, "no");
    rig.outcome("llamacpp/m");
    CHECK(rig.http.asked.size() == 3);
}

TEST_CASE("a model of which it is known that it is blind gets words in the place of images") {
    model::ModelsConfig given = config_of({{"ANTHROPIC_API_KEY", "a"}});
    given.models["anthropic/claude-opus-5"].sees_images = false;
    ModelsRig rig(given);
    rig.answer(401, "no");
    rig.outcome("anthropic/claude-opus-5");
    const std::string& sent = rig.http.asked.at(0).body;
    CHECK(sent.find("QUJD") == std::string::npos);
    CHECK(sent.find("QQ==") == std::string::npos);
    Json messages = Json::parse(sent)["messages"];
    CHECK(messages[2]["content"][1]["text"] == "(an image was here, which this model cannot see)");
    CHECK(messages[4]["content"][0]["content"] ==
          "A\n(an image was here, which this model cannot see)");
    rig.answer(401, "no");
    rig.outcome("anthropic/claude-opus-5-5");
    CHECK(rig.http.asked.at(1).body.find("QUJD") != std::string::npos);
}

TEST_CASE("who names no price for what is cached takes the usual one") {
    ModelsRig rig(Environment{{"OPENROUTER_API_KEY", "r"}});
    rig.answer(200,
               R"({"data":[{"id":"z/x","pricing":{"prompt":"0.000002","completion":"0.00001"}}]})");
    run(rig.loop, rig.models.listed());
    model::TokenUsage usage;
    usage.input = 1'000'000;
    usage.cached_read = 400'000;
    usage.cached_write = 100'000;
    CHECK(rig.models.cost("openrouter/z/x", usage) == 2);
}

TEST_CASE("a model that the table knows is asked for at once") {
    ModelsRig rig(Environment{{"ANTHROPIC_API_KEY", "a"}});
    rig.answer(401, "no");
    rig.outcome("anthropic/claude-opus-5");
    REQUIRE(rig.http.asked.size() == 1);
    CHECK(rig.http.asked[0].method == "POST");
}

TEST_CASE("settings of the configuration go before what the table and the provider say") {
    model::ModelsConfig given = config_of({});
    given.models["anthropic/claude-opus-5"].context_size = 123;
    model::ModelSettings& own = given.models["ollama/mine"];
    own.title = "Mine";
    own.context_size = 9000;
    own.thinks = true;
    own.input_price = 2;
    ModelsRig rig(given);
    CHECK(rig.models.facts("anthropic/claude-opus-5").context_size == 123);
    CHECK(rig.models.facts("anthropic/claude-opus-5").max_output_tokens == 128000);
    model::ModelFacts mine = rig.models.facts("ollama/mine");
    CHECK(mine.title == "Mine");
    CHECK(mine.thinks);
    CHECK(mine.input_price == 2);
    CHECK(rig.models.available().front().name == "ollama/mine");
}

TEST_CASE("a Claude at Bedrock is known by its own name") {
    ModelsRig rig(Environment{});
    CHECK(rig.models.facts("bedrock/us.anthropic.claude-sonnet-4-5-20250929-v1:0").context_size ==
          200000);
    CHECK(rig.models.facts("bedrock/us.anthropic.claude-opus-5-5").title == "Claude Opus 5.5");
    CHECK(rig.models.facts("bedrock/us.anthropic.claude-opus-5-5").input_price < 0);
    CHECK(rig.models.facts("bedrock/global.anthropic.claude-opus-5-5").input_price == 4);
}
