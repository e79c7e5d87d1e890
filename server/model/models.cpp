#include "model/models.hpp"

#include <algorithm>

#include "async/sleep.hpp"
#include "model/backoff.hpp"
#include "model/facts.hpp"
#include "model/local_server.hpp"
#include "model/providers/anthropic.hpp"
#include "model/providers/demo.hpp"
#include "model/providers/openai.hpp"

namespace thole::model {

namespace {

constexpr std::int64_t cautious_context = 128000;

struct Name {
    std::string provider, model;
};

Name split(std::string_view full_name) {
    std::size_t slash = full_name.find('/');
    if (slash == std::string_view::npos) return {std::string(full_name), ""};
    return {std::string(full_name.substr(0, slash)), std::string(full_name.substr(slash + 1))};
}

std::string joined(const std::vector<std::string>& words) {
    std::string text;
    for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
    return text;
}

bool is_local(const ProviderConfig& provider) {
    return provider.name == "ollama" || provider.name == "llamacpp";
}

bool is_usable(const ProviderConfig& provider) {
    return !provider.needs_key || !provider.api_key.empty();
}

std::string full(const KnownModel& row) {
    return std::string(row.provider) + "/" + std::string(row.name);
}

void set_prices(ModelFacts& facts, const KnownModel& row) {
    facts.input_price = row.input;
    facts.output_price = row.output;
    facts.cached_read_price = row.cached_read;
    facts.cached_write_price = row.cached_write;
}

// What the model cannot do is not asked of it. 0 output tokens: the provider says nothing about it.
void fit(Request& request, const ModelFacts& facts) {
    if (!facts.thinks) request.thought_level = ThoughtLevel::off;
    request.max_output_tokens = std::min(request.max_output_tokens, facts.max_output_tokens);
}

std::string tries(int count) {
    return std::to_string(count) + (count == 1 ? " try" : " tries");
}

}  // namespace

struct Models::Impl {
    async::Loop& loop;
    http::Http& http;
    ModelsConfig config;
    Backoff backoff;
    std::map<std::string, std::unique_ptr<Provider>> providers;  // made at first use
    std::optional<std::string> local_model;                      // found by asking

    const ProviderConfig* find(std::string_view name) const;
    std::string expanded(std::string_view name) const;
    std::vector<std::string> known_names() const;
    Error unknown(std::string_view name) const;
    Error unknown_provider(const std::string& provider) const;
    Result<Provider*> provider(const ProviderConfig& config);
    bool is_free(std::string_view provider) const;
    Result<Retry> next_try(const std::string& provider, const Failure& failure, int attempt);
};

const ProviderConfig* Models::Impl::find(std::string_view name) const {
    for (const ProviderConfig& provider : config.providers) {
        if (provider.name == name) return &provider;
    }
    return nullptr;
}

// Aliases may name aliases; a circle ends after a few steps.
std::string Models::Impl::expanded(std::string_view name) const {
    std::string current(name);
    for (int step = 0; step < 8; ++step) {
        if (auto own = config.aliases.find(current); own != config.aliases.end()) {
            current = own->second;
            continue;
        }
        std::span<const Alias> builtin = builtin_aliases();
        auto found = std::find_if(builtin.begin(), builtin.end(),
                                  [&current](const Alias& a) { return a.alias == current; });
        if (found == builtin.end()) break;
        current = found->name;
    }
    return current;
}

std::vector<std::string> Models::Impl::known_names() const {
    std::vector<std::string> names;
    for (const auto& [alias, name] : config.aliases) names.push_back(alias);
    for (const Alias& alias : builtin_aliases()) names.emplace_back(alias.alias);
    for (const KnownModel& row : known_models()) {
        if (find(row.provider) != nullptr) names.push_back(full(row));
    }
    return names;
}

Error Models::Impl::unknown(std::string_view name) const {
    std::vector<std::string> candidates = known_names();
    std::string message = "no model \"" + std::string(name) + "\"";
    std::vector<std::string> words = candidates;
    for (const KnownModel& row : known_models()) words.emplace_back(row.name);
    if (auto near = nearest(name, words)) message += " (did you mean \"" + *near + "\"?)";
    message += "; known are " + joined(candidates) + ", and any other as provider/model";
    return fail(Code::not_found, std::move(message));
}

Error Models::Impl::unknown_provider(const std::string& provider) const {
    std::vector<std::string> names;
    for (const ProviderConfig& known : config.providers) names.push_back(known.name);
    return fail(Code::not_found, "no provider \"" + provider + "\" is configured; add [providers." +
                                     provider + "] with kind and base_url, or use one of " +
                                     joined(names) + "; known models are " + joined(known_names()));
}

Result<Provider*> Models::Impl::provider(const ProviderConfig& wanted) {
    std::unique_ptr<Provider>& made = providers[wanted.name];
    if (made) return made.get();
    if (wanted.kind == "anthropic") made = anthropic_provider(http, wanted);
    if (wanted.kind == "openai") made = openai_provider(http, wanted);
    if (wanted.kind == "demo") made = demo_provider(loop, config.demo_pause);
    if (made) return made.get();
    return fail(Code::configuration, "provider \"" + wanted.name + "\" has kind \"" + wanted.kind +
                                         "\"; it must be anthropic, openai or demo");
}

bool Models::Impl::is_free(std::string_view provider) const {
    const ProviderConfig* found = find(provider);
    return found != nullptr && is_local(*found);
}

Result<Retry> Models::Impl::next_try(const std::string& provider, const Failure& failure,
                                     int attempt) {
    if (!failure.is_transient) return failure.error;
    const std::string& reason = failure.error.message;
    if (attempt > config.max_retries) {
        return fail(Code::unavailable,
                    provider + " failed after " + tries(attempt) + ": " + reason);
    }
    if (failure.retry_after && *failure.retry_after > Backoff::longest_wait) {
        auto seconds = std::chrono::ceil<std::chrono::seconds>(*failure.retry_after).count();
        return fail(Code::unavailable, provider + " asks to wait " + std::to_string(seconds) +
                                           " s before the next try, which is too long: " + reason);
    }
    Error shown = fail(failure.error.code, provider + ": " + reason);
    return Retry{std::move(shown), attempt, backoff.delay(attempt, failure.retry_after)};
}

Models::Models(async::Loop& loop, http::Http& http, ModelsConfig config)
    : impl_(new Impl{loop, http, std::move(config), Backoff(config.retry_base), {}, {}}) {}

Models::~Models() = default;

Result<std::string> Models::resolve(std::string_view name) const {
    std::string expanded = impl_->expanded(name);
    Name parts = split(expanded);
    if (!parts.model.empty()) {
        if (impl_->find(parts.provider) == nullptr) return impl_->unknown_provider(parts.provider);
        return expanded;
    }
    for (const KnownModel& row : known_models()) {
        bool is_it = row.name == expanded || row.provider == expanded;
        if (is_it && impl_->find(row.provider) != nullptr) return full(row);
    }
    return impl_->unknown(name);
}

ModelFacts Models::facts(std::string_view full_name) const {
    Name name = split(full_name);
    ModelFacts facts;
    facts.name = full_name;
    facts.title = name.model;
    facts.context_size = cautious_context;
    if (impl_->is_free(name.provider)) {
        facts.input_price = facts.output_price = 0;
        facts.cached_read_price = facts.cached_write_price = 0;
        return facts;
    }
    const KnownModel* row = find_known(name.provider, name.model);
    if (row == nullptr) return facts;
    facts.title = row->title;
    facts.context_size = row->context_size;
    facts.max_output_tokens = row->max_output_tokens;
    facts.thinks = row->thinks;
    facts.sees_images = row->sees_images;
    if (row->provider == name.provider || name.provider == "openrouter") set_prices(facts, *row);
    return facts;
}

std::vector<ModelFacts> Models::available() const {
    std::vector<ModelFacts> offered;
    for (const KnownModel& row : known_models()) {
        const ProviderConfig* provider = impl_->find(row.provider);
        if (provider != nullptr && is_usable(*provider)) offered.push_back(facts(full(row)));
    }
    if (impl_->local_model) offered.insert(offered.begin(), facts(*impl_->local_model));
    return offered;
}

async::Task<Result<std::string>> Models::default_model() {
    if (!impl_->config.default_model.empty()) co_return resolve(impl_->config.default_model);
    for (std::string_view name : {"anthropic", "openai", "openrouter"}) {
        const ProviderConfig* provider = impl_->find(name);
        if (provider != nullptr && !provider->api_key.empty()) co_return resolve(name);
    }
    if (impl_->local_model) co_return *impl_->local_model;
    for (const ProviderConfig& provider : impl_->config.providers) {
        if (!is_local(provider)) continue;
        std::optional<std::string> found =
            co_await first_local_model(impl_->http, provider.base_url);
        if (!found) continue;
        impl_->local_model = provider.name + "/" + *found;
        co_return *impl_->local_model;
    }
    co_return fail(Code::authentication,
                   "no model is set up: set ANTHROPIC_API_KEY, OPENAI_API_KEY or "
                   "OPENROUTER_API_KEY, or start Ollama or llama.cpp on this machine; "
                   "`thole demo` works without any of them");
}

Result<void> Models::check_key(std::string_view full_name) const {
    Name name = split(full_name);
    const ProviderConfig* provider = impl_->find(name.provider);
    if (provider == nullptr) return impl_->unknown_provider(name.provider);
    if (is_usable(*provider)) return {};
    std::string variable = provider->api_key_env.empty()
                               ? "api_key_env in [providers." + provider->name + "]"
                               : provider->api_key_env;
    return fail(Code::authentication, "no API key for " + provider->name + ": set " + variable +
                                          "; `thole demo` works without one");
}

async::Task<Result<Reply>> Models::complete(const std::string& full_name, Request& request,
                                            const PieceSink& sink, const RetrySink& on_retry) {
    Result<void> key = check_key(full_name);
    if (!key) co_return key.error();
    Name name = split(full_name);
    Result<Provider*> provider = impl_->provider(*impl_->find(name.provider));
    if (!provider) co_return provider.error();
    request.model = name.model;
    fit(request, facts(full_name));
    for (int attempt = 1;; ++attempt) {
        Answer answer = co_await (*provider)->stream(request, sink);
        if (answer.has_reply()) co_return std::move(answer.reply());
        Result<Retry> retry = impl_->next_try(name.provider, answer.failure(), attempt);
        if (!retry) co_return retry.error();
        on_retry(*retry);
        async::Wake wake = co_await async::sleep_for(impl_->loop, retry->delay);
        if (wake == async::Wake::stopped) co_return cancelled();
    }
}

std::optional<double> Models::cost(std::string_view full_name, const TokenUsage& usage) const {
    if (usage.cost_usd) return usage.cost_usd;
    ModelFacts known = facts(full_name);
    if (known.input_price < 0 || known.output_price < 0) return std::nullopt;
    Name name = split(full_name);
    const KnownModel* row = find_known(name.provider, name.model);
    bool is_long = row != nullptr && row->long_prompt > 0 && usage.input > row->long_prompt;
    double input_factor = is_long ? row->long_input : 1;
    double output_factor = is_long ? row->long_output : 1;
    auto fresh = static_cast<double>(usage.input - usage.cached_read - usage.cached_write);
    double input = std::max(0.0, fresh) * known.input_price +
                   static_cast<double>(usage.cached_read) * known.cached_read_price +
                   static_cast<double>(usage.cached_write) * known.cached_write_price;
    double output = static_cast<double>(usage.output) * known.output_price;
    return (input * input_factor + output * output_factor) / 1e6;
}

}  // namespace thole::model
