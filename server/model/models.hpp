// The models that this process can reach: the configured providers, the names of their models,
// their sizes and prices, and which model is the default. Owned by main, handed to session/. Makes
// no network call but for complete(), listed() and, when no key is there, default_model(). Loop
// thread.
#pragma once
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "async/loop.hpp"
#include "http/http.hpp"
#include "model/provider.hpp"

namespace thole::model {

// What a request to AWS is signed with.
struct AwsKeys {
    std::string access_key_id{}, secret_access_key{}, session_token{};
};

// One [providers.<name>] of the configuration, or one that is built in.
struct ProviderConfig {
    std::string name;         // the part before "/" of a model name
    std::string kind;         // anthropic openai gemini bedrock demo
    std::string base_url;     // without a trailing slash
    std::string api_key;      // from the environment or a 0600 file; never logged
    std::string api_key_env;  // the variable to name when there is no key
    bool needs_key = true;
    std::vector<std::pair<std::string, std::string>> headers;
    std::string api{};  // of openai: responses or chat; "": responses at OpenAI itself, else chat
    AwsKeys aws{};      // of bedrock, where there is no api_key
    std::string region{};     // likewise
    std::string profile{};    // of AWS's shared files, where the keys are to come from
    std::string key_fault{};  // why there is no key although one was to be found

    bool has_key() const { return !api_key.empty() || !aws.secret_access_key.empty(); }
};

// One [models."provider/model"] of the configuration: what it says goes before what is known.
struct ModelSettings {
    std::string title{};
    std::int64_t context_size = 0, max_output_tokens = 0;  // 0: as known
    std::optional<bool> thinks{}, sees_images{};
    // USD per million tokens; negative: as known.
    double input_price = -1, output_price = -1, cached_read_price = -1, cached_write_price = -1;
};

struct ModelsConfig {
    std::vector<ProviderConfig> providers;
    std::string default_model;                   // "provider/model" or an alias; may be empty
    std::map<std::string, std::string> aliases;  // sonnet = "anthropic/…"
    std::vector<std::string> fallback;           // who is asked instead, in this order
    std::map<std::string, ModelSettings> models;
    int max_retries = 5;
    std::chrono::milliseconds retry_base{1000};  // THOLE_RETRY_BASE_MS; doubled each time, ±25 %
    std::chrono::milliseconds demo_pause{15};    // between the demo model's pieces
};

struct ModelFacts {
    std::string name;   // "provider/model"
    std::string title;  // for pickers
    std::int64_t context_size = 0;
    std::int64_t max_output_tokens = 0;
    bool thinks = false;  // takes a thought level
    bool sees_images = false;
    bool is_blind = false;  // somebody has said that it does not see images
    // USD per million tokens; negative when unknown.
    double input_price = -1, output_price = -1, cached_read_price = -1, cached_write_price = -1;
};

// The built-in providers, filled from environment variables (`variable` gives their values, "" when
// unset): anthropic, openai, openrouter, gemini, bedrock, ollama, llamacpp, demo.
std::vector<ProviderConfig> builtin_providers(
    const std::function<std::string(const char*)>& variable);

// Where Bedrock answers in a region.
std::string bedrock_url(const std::string& region);

// Told before a failed request is tried again: what failed, when it is tried again.
struct Retry {
    Error error;
    int attempt = 1;
    std::chrono::milliseconds delay{0};
    std::string fallback{};  // the model that is asked instead; "": the same again
};
using RetrySink = std::function<void(const Retry&)>;

class Models {
public:
    Models(async::Loop& loop, http::Http& http, ModelsConfig config);
    ~Models();

    // "provider/model", an alias, or a bare name of a known model → its full name. Errors:
    // not_found, listing the known models; a provider that is not configured is named with how to
    // set it up.
    Result<std::string> resolve(std::string_view name) const;
    // The facts of a resolved name; unknown models of known providers get cautious ones.
    ModelFacts facts(std::string_view full_name) const;
    // The models to offer in a picker: those whose provider has a key (or needs none), as far as
    // they are known without asking; of local servers all that have been seen.
    std::vector<ModelFacts> available() const;
    // The same after asking each of those providers for its list, once in the life of the process
    // unless that fails.
    async::Task<std::vector<ModelFacts>> listed();
    // Error: why the list of a provider could not be had; nullopt when it was, or was not asked
    // for.
    std::optional<Error> list_error(std::string_view provider) const;

    // Asks the provider about a model that nothing is known about, as complete() does, too.
    async::Task<void> learn(std::string full_name);

    // The default: configured, else of the first provider with a key, else a local server's.
    // Errors: authentication, with one sentence on how to set a key and that `thole demo` works
    // without.
    async::Task<Result<std::string>> default_model();
    // Errors: authentication, naming the variable to set.
    Result<void> check_key(std::string_view full_name) const;

    // One request with retries and fallback models. `request.model` is set by this call from
    // `full_name`, and what the model cannot do is taken back: max_output_tokens over its limit, a
    // thought level, images. Of a model that nothing is known about the provider is asked first.
    // When the tries are used up, or the model is overloaded or unknown, the fallback models are
    // asked (under a limit of cost those with a known price), and for some minutes they are asked
    // at once. Before each retry and each change of the
    // model `on_retry` is told; pieces of the broken try count no more. Reply::model says who has
    // answered. Errors keep Failure's codes. `request` and the sinks must outlive the task.
    async::Task<Result<Reply>> complete(const std::string& full_name, Request& request,
                                        const PieceSink& sink, const RetrySink& on_retry);

    // What `usage` costs in USD; nullopt when the price is unknown.
    std::optional<double> cost(std::string_view full_name, const TokenUsage& usage) const;

private:
    struct Impl;
    std::vector<std::string> to_ask(const std::string& full_name, bool must_be_priced) const;
    std::unique_ptr<Impl> impl_;
};

}  // namespace thole::model
