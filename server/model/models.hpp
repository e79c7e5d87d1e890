// The models that this process can reach: the configured providers, the names of their models,
// their sizes and prices, and which model is the default. Owned by main, handed to session/. Makes
// no network call but for complete() and, when no key is there, default_model(). Loop thread.
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

// One [providers.<name>] of the configuration, or one that is built in.
struct ProviderConfig {
    std::string name;         // the part before "/" of a model name
    std::string kind;         // anthropic openai demo
    std::string base_url;     // without a trailing slash
    std::string api_key;      // from the environment or a 0600 file; never logged
    std::string api_key_env;  // the variable to name when there is no key
    bool needs_key = true;
    std::vector<std::pair<std::string, std::string>> headers;
};

struct ModelsConfig {
    std::vector<ProviderConfig> providers;
    std::string default_model;                   // "provider/model" or an alias; may be empty
    std::map<std::string, std::string> aliases;  // sonnet = "anthropic/…"
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
    // USD per million tokens; negative when unknown.
    double input_price = -1, output_price = -1, cached_read_price = -1, cached_write_price = -1;
};

// The built-in providers, filled from environment variables (`variable` gives their values, "" when
// unset): anthropic, openai, openrouter, ollama, llamacpp, demo.
std::vector<ProviderConfig> builtin_providers(
    const std::function<std::string(const char*)>& variable);

// Told before a failed request is tried again: what failed, when it is tried again.
struct Retry {
    Error error;
    int attempt = 1;
    std::chrono::milliseconds delay{0};
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
    // The models to offer in a picker: those whose provider has a key (or needs none).
    std::vector<ModelFacts> available() const;

    // The default: configured, else of the first provider with a key, else a local server's.
    // Errors: authentication, with one sentence on how to set a key and that `thole demo` works
    // without.
    async::Task<Result<std::string>> default_model();
    // Errors: authentication, naming the variable to set.
    Result<void> check_key(std::string_view full_name) const;

    // One request with retries (product.md section 8). `request.model` is set by this call from
    // `full_name`, and what the model cannot do is taken back: max_output_tokens over its limit, a
    // thought level. Before each retry `on_retry` is told; pieces of the broken try count no more.
    // Errors keep Failure's codes. `request` and the sinks must outlive the task.
    async::Task<Result<Reply>> complete(const std::string& full_name, Request& request,
                                        const PieceSink& sink, const RetrySink& on_retry);

    // What `usage` costs in USD; nullopt when the price is unknown.
    std::optional<double> cost(std::string_view full_name, const TokenUsage& usage) const;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace thole::model
