#include "model/model_list.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <initializer_list>

#include "base/json.hpp"
#include "model/providers/bedrock.hpp"
#include "model/providers/exchange.hpp"
#include "model/providers/lenient.hpp"

namespace thole::model {

namespace {

bool has_word(const Json& list, std::string_view word) {
    if (!list.is_array()) return false;
    return std::any_of(list.begin(), list.end(), [word](const Json& one) {
        return one.is_string() && one.get_ref<const std::string&>() == word;
    });
}

// The first that the object has, of the names that servers use for one number.
void set_first(std::int64_t& count, const Json& object, std::initializer_list<const char*> keys) {
    for (const char* key : keys) {
        if (count <= 0) set_count(count, object, key);
    }
}

// OpenRouter gives dollars per token, as text.
void set_price(double& price, const Json& pricing, const char* key) {
    const std::string& text = text_of(pricing, key);
    if (text.empty()) return;
    double per_token = std::atof(text.c_str());
    if (per_token >= 0) price = per_token * 1e6;
}

// `senses`: a list of what a model takes.
void take_senses(ModelFacts& facts, const Json& senses, std::string_view sight) {
    facts.sees_images = has_word(senses, sight);
    facts.is_blind = senses.is_array() && !facts.sees_images;
}

ModelFacts named(const ProviderConfig& config, std::string id) {
    ModelFacts facts;
    facts.name = config.name + "/" + id;
    facts.title = std::move(id);
    return facts;
}

void set_title(ModelFacts& facts, const Json& model, const char* key) {
    const std::string& title = text_of(model, key);
    if (!title.empty()) facts.title = title;
}

// {"id", "display_name", "max_input_tokens", "max_tokens", "capabilities"}
ModelFacts read_anthropic(const ProviderConfig& config, const Json& model) {
    ModelFacts facts = named(config, text_of(model, "id"));
    set_title(facts, model, "display_name");
    set_count(facts.context_size, model, "max_input_tokens");
    set_count(facts.max_output_tokens, model, "max_tokens");
    const Json& can = member(model, "capabilities");
    facts.thinks = member(member(can, "thinking"), "supported") == true;
    const Json& sees = member(member(can, "image_input"), "supported");
    facts.sees_images = sees == true;
    facts.is_blind = sees == false;
    return facts;
}

// Lists name models for other ends, too.
bool answers_in_words(std::string_view id) {
    static constexpr std::array<std::string_view, 14> others{
        "embed",  "whisper",  "tts-",   "-tts",  "dall-e",     "gpt-image",   "moderation",
        "-audio", "realtime", "rerank", "sora-", "transcribe", "davinci-002", "babbage-"};
    return std::none_of(others.begin(), others.end(), [id](std::string_view part) {
        return id.find(part) != std::string_view::npos;
    });
}

ModelFacts named_if_it_answers(const ProviderConfig& config, const std::string& id) {
    return named(config, answers_in_words(id) ? id : std::string());
}

// OpenAI gives ids alone; OpenRouter, vLLM, LM Studio, llama.cpp and others say more.
ModelFacts read_openai(const ProviderConfig& config, const Json& model) {
    ModelFacts facts = named_if_it_answers(config, text_of(model, "id"));
    set_title(facts, model, "name");
    set_first(facts.context_size, model,
              {"context_length", "max_model_len", "context_window", "max_context_length"});
    set_first(facts.context_size, member(model, "meta"), {"n_ctx", "n_ctx_train"});
    const Json& served = member(model, "top_provider");
    set_first(facts.max_output_tokens, served, {"max_completion_tokens"});
    set_first(facts.max_output_tokens, model, {"max_output_tokens", "max_completion_tokens"});
    facts.thinks = has_word(member(model, "supported_parameters"), "reasoning");
    take_senses(facts, member(member(model, "architecture"), "input_modalities"), "image");
    const Json& pricing = member(model, "pricing");
    set_price(facts.input_price, pricing, "prompt");
    set_price(facts.output_price, pricing, "completion");
    set_price(facts.cached_read_price, pricing, "input_cache_read");
    set_price(facts.cached_write_price, pricing, "input_cache_write");
    return facts;
}

// {"name": "models/…", "displayName", "inputTokenLimit", "outputTokenLimit", "thinking",
// "supportedGenerationMethods"}
ModelFacts read_gemini(const ProviderConfig& config, const Json& model) {
    std::string_view id = text_of(model, "name");
    if (id.starts_with("models/")) id.remove_prefix(7);
    bool answers = has_word(member(model, "supportedGenerationMethods"), "generateContent");
    ModelFacts facts = named(config, answers ? std::string(id) : std::string());
    set_title(facts, model, "displayName");
    set_count(facts.context_size, model, "inputTokenLimit");
    set_count(facts.max_output_tokens, model, "outputTokenLimit");
    facts.thinks = member(model, "thinking") == true;
    facts.sees_images = id.starts_with("gemini-");
    return facts;
}

// {"inferenceProfileId", "inferenceProfileName"} or {"modelId", "modelName"}; no sizes.
ModelFacts read_bedrock(const ProviderConfig& config, const Json& model) {
    const std::string& profile = text_of(model, "inferenceProfileId");
    ModelFacts facts = named(config, profile.empty() ? text_of(model, "modelId") : profile);
    set_title(facts, model, "inferenceProfileName");
    set_title(facts, model, "modelName");
    return facts;
}

ModelFacts read_ollama(const ProviderConfig& config, const Json& model) {
    return named_if_it_answers(config, text_of(model, "name"));
}

struct Source {
    std::vector<std::string> urls;
    ModelFacts (*read)(const ProviderConfig&, const Json&);
};

// "http://127.0.0.1:11434/v1" → "http://127.0.0.1:11434"
std::string root_of(const ProviderConfig& config) {
    std::string url = config.base_url;
    if (url.ends_with("/v1")) url.resize(url.size() - 3);
    return url;
}

// The list is not where the models answer, except at an endpoint of the user's own.
std::string bedrock_control(const ProviderConfig& config) {
    constexpr std::string_view runtime = "//bedrock-runtime.";
    std::string url = config.base_url;
    std::size_t at = url.find(runtime);
    if (at != std::string::npos) url.replace(at, runtime.size(), "//bedrock.");
    return url;
}

Source source_of(const ProviderConfig& config) {
    if (is_ollama(config)) return {{root_of(config) + "/api/tags"}, read_ollama};
    if (config.kind == "anthropic") {
        bool has_version = config.base_url.ends_with("/v1");
        return {{config.base_url + (has_version ? "" : "/v1") + "/models?limit=1000"},
                read_anthropic};
    }
    if (config.kind == "gemini") {
        return {{gemini_base(config) + "/models?pageSize=1000"}, read_gemini};
    }
    if (config.kind == "bedrock") {
        std::string root = bedrock_control(config);
        return {{root + "/inference-profiles?maxResults=1000",
                 root + "/foundation-models?byInferenceType=ON_DEMAND&byOutputModality=TEXT"},
                read_bedrock};
    }
    if (config.kind == "openai") return {{url_below(config, "/models")}, read_openai};
    return {{}, nullptr};
}

void authorize(http::Request& request, const ProviderConfig& config) {
    for (const auto& header : config.headers) request.headers.push_back(header);
    if (config.kind == "bedrock") return authorize_for_bedrock(request, config);
    if (config.kind == "openai") return add_header(request, bearer_header(config));
    if (config.kind == "gemini") return add_header(request, {"x-goog-api-key", config.api_key});
    request.headers.emplace_back("anthropic-version", "2023-06-01");
    add_header(request, {"x-api-key", config.api_key});
}

http::Request request_for(std::string url, std::chrono::milliseconds patience) {
    http::Request request;
    request.method = "GET";
    request.url = std::move(url);
    request.headers = {{"accept", "application/json"}, {"user-agent", "thole/" THOLE_VERSION}};
    request.connect_timeout = patience;
    request.idle_timeout = patience;
    request.max_body = 16U << 20U;
    return request;
}

async::Task<Result<Json>> fetch(http::Http& http, http::Request request,
                                const ProviderConfig& config) {
    std::string url = request.url;
    http::BodySink collect;
    Result<http::Response> response = co_await http.send(std::move(request), std::move(collect));
    if (!response) co_return response.error();
    if (response->status != 200) {
        co_return answered_failure(peer_of(config, "", url), *response).error;
    }
    co_return parse_json(response->body);
}

// {"model_info": {"<family>.context_length": N}, "parameters": "num_ctx N\n…", "capabilities": […]}
void take_shown(ModelFacts& facts, const Json& shown) {
    const Json& known = member(shown, "model_info");
    if (known.is_object()) {
        for (const auto& [key, value] : known.items()) {
            if (key.ends_with(".context_length")) set_count(facts.context_size, known, key);
        }
    }
    const std::string& parameters = text_of(shown, "parameters");
    std::size_t at = parameters.find("num_ctx");
    if (at != std::string::npos) facts.context_size = std::atoll(parameters.c_str() + at + 7);
    const Json& can = member(shown, "capabilities");
    facts.thinks = has_word(can, "thinking");
    take_senses(facts, can, "vision");
}

// {"models": [{"model": "qwen3:8b", "context_length": N}]}: those in memory; a tag that is not
// named is "latest".
bool take_loaded(ModelFacts& facts, const Json& loaded, const std::string& model) {
    const Json& rows = member(loaded, "models");
    if (!rows.is_array()) return false;
    for (const Json& row : rows) {
        const std::string& name = text_of(row, "model");
        std::int64_t size = 0;
        set_count(size, row, "context_length");
        bool is_it = name == model || name == model + ":latest";
        if (!is_it || size <= 0) continue;
        facts.context_size = size;
        return true;
    }
    return false;
}

// {"default_generation_settings": {"n_ctx": N}, "modalities": {"vision": false}}
void take_props(ModelFacts& facts, const Json& props) {
    set_count(facts.context_size, member(props, "default_generation_settings"), "n_ctx");
    const Json& vision = member(member(props, "modalities"), "vision");
    facts.sees_images = vision == true;
    facts.is_blind = vision == false;
}

}  // namespace

bool is_llamacpp(const ProviderConfig& config) {
    return config.kind == "openai" && config.name == "llamacpp";
}

bool is_ollama(const ProviderConfig& config) {
    return config.kind == "openai" &&
           (config.name == "ollama" || config.base_url.find(":11434") != std::string::npos);
}

std::vector<ModelFacts> read_list(const ProviderConfig& config, const Json& answer) {
    Source source = source_of(config);
    std::vector<ModelFacts> models;
    for (const char* key : {"data", "models", "inferenceProfileSummaries", "modelSummaries"}) {
        const Json& rows = member(answer, key);
        if (!rows.is_array() || source.read == nullptr) continue;
        for (const Json& row : rows) {
            ModelFacts facts = source.read(config, row);
            if (facts.name.size() > config.name.size() + 1) models.push_back(std::move(facts));
        }
        if (!models.empty()) break;
    }
    return models;
}

async::Task<Result<std::vector<ModelFacts>>> list_models(http::Http& http,
                                                         const ProviderConfig& config,
                                                         std::chrono::milliseconds patience) {
    std::vector<ModelFacts> models;
    Source source = source_of(config);
    for (std::string& url : source.urls) {
        http::Request request = request_for(std::move(url), patience);
        authorize(request, config);
        Result<Json> answer = co_await fetch(http, std::move(request), config);
        if (!answer) co_return answer.error();
        std::vector<ModelFacts> more = read_list(config, *answer);
        models.insert(models.end(), more.begin(), more.end());
    }
    co_return models;
}

async::Task<bool> ask_local(http::Http& http, const ProviderConfig& config, ModelFacts& facts,
                            std::chrono::milliseconds patience) {
    const std::string root = root_of(config);
    if (is_llamacpp(config)) {
        http::Request request = request_for(root + "/props", patience);
        Result<Json> props = co_await fetch(http, std::move(request), config);
        if (props) take_props(facts, *props);
        co_return props.has_value();
    }
    std::string model = facts.name.substr(config.name.size() + 1);
    if (facts.context_size <= 0) {
        http::Request request = request_for(root + "/api/show", patience);
        request.method = "POST";
        request.headers.emplace_back("content-type", "application/json");
        request.body = dump_json(Json{{"model", model}});
        Result<Json> shown = co_await fetch(http, std::move(request), config);
        if (shown) take_shown(facts, *shown);
    }
    http::Request request = request_for(root + "/api/ps", patience);
    Result<Json> loaded = co_await fetch(http, std::move(request), config);
    co_return loaded&& take_loaded(facts, *loaded, model);
}

}  // namespace thole::model
