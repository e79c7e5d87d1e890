#include "model/models.hpp"

#include <algorithm>
#include <set>

#include "async/scope.hpp"
#include "async/sleep.hpp"
#include "model/backoff.hpp"
#include "model/facts.hpp"
#include "model/images.hpp"
#include "model/model_list.hpp"
#include "model/providers/anthropic.hpp"
#include "model/providers/bedrock.hpp"
#include "model/providers/demo.hpp"
#include "model/providers/exchange.hpp"
#include "model/providers/gemini.hpp"
#include "model/providers/openai.hpp"
#include "model/providers/responses.hpp"

namespace thole::model {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds local_patience{300};
constexpr std::chrono::milliseconds list_patience{3000};
// For how long a model that has failed is not asked first.
constexpr std::chrono::minutes rest_after_failure{5};

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
    return !provider.needs_key || provider.has_key();
}

// The variables to set.
std::string key_of(const ProviderConfig& provider) {
    if (provider.api_key_env.empty()) return "api_key_env in [providers." + provider.name + "]";
    bool signs = provider.kind == "bedrock";
    return provider.api_key_env + (signs ? ", or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY" : "");
}

bool speaks_responses(const ProviderConfig& provider) {
    if (!provider.api.empty()) return provider.api == "responses";
    return is_of_host(provider, "api.openai.com");
}

std::string full(const KnownModel& row) {
    return std::string(row.provider) + "/" + std::string(row.name);
}

// What the model cannot do is not asked of it. 0 output tokens: the provider says nothing about it.
void fit(Request& request, const ModelFacts& facts) {
    if (!facts.thinks) request.thought_level = ThoughtLevel::off;
    request.max_output_tokens = std::min(request.max_output_tokens, facts.max_output_tokens);
}

// How the attempts at one model ended.
struct Outcome {
    Result<Reply> reply;
    bool may_fall_back = false;
};

std::string tries(int count) {
    return std::to_string(count) + (count == 1 ? " try" : " tries");
}

}  // namespace

struct Models::Impl {
    async::Loop& loop;
    http::Http& http;
    ModelsConfig config;
    Backoff backoff;
    std::map<std::string, std::unique_ptr<Provider>> providers{};  // made at first use
    std::optional<std::string> local_model{};                      // found by asking
    std::map<std::string, ModelFacts> told{};                      // by the providers' lists
    std::map<std::string, std::optional<Error>> asked{};           // providers, for their lists
    std::set<std::string> measured{};                              // models of local servers
    std::map<std::string, Clock::time_point> resting{};            // models that failed, until when

    const ProviderConfig* find(std::string_view name) const;
    std::string expanded(std::string_view name) const;
    std::vector<std::string> known_names() const;
    Error unknown(std::string_view name) const;
    Error unknown_provider(const std::string& provider) const;
    Result<Provider*> provider(const ProviderConfig& config);
    Result<Retry> next_try(const std::string& provider, const Failure& failure, int attempt);
    const ModelFacts* told_of(const std::string& full_name) const;
    bool is_known(const std::string& full_name) const;
    async::Task<void> ask_list(const ProviderConfig& provider, std::chrono::milliseconds patience);
    async::Task<void> find_local(const ProviderConfig& provider);
    async::Task<void> measure(const ProviderConfig& provider, const std::string& full_name);
    async::Task<void> learn(const std::string& full_name);
    async::Task<Outcome> attempt(const std::string& full_name, Request& request,
                                 const PieceSink& sink, const RetrySink& on_retry, bool is_last);
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
    bool is_openai = wanted.kind == "openai";
    if (is_openai && speaks_responses(wanted)) made = responses_provider(http, wanted);
    if (is_openai && !speaks_responses(wanted)) made = openai_provider(http, wanted);
    if (wanted.kind == "gemini") made = gemini_provider(http, wanted);
    if (wanted.kind == "bedrock") made = bedrock_provider(http, wanted);
    if (wanted.kind == "demo") made = demo_provider(loop, config.demo_pause);
    if (made) return made.get();
    return fail(Code::configuration, "provider \"" + wanted.name + "\" has kind \"" + wanted.kind +
                                         "\"; it must be anthropic, openai, gemini, bedrock "
                                         "or demo");
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
    : impl_(new Impl{loop, http, std::move(config), Backoff(config.retry_base)}) {}

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
    std::string name(full_name);
    return facts_of(impl_->config, name, impl_->told_of(name));
}

std::vector<ModelFacts> Models::available() const {
    std::vector<std::string> names;
    auto offer = [this, &names](const std::string& name) {
        const ProviderConfig* provider = impl_->find(split(name).provider);
        bool is_new = std::find(names.begin(), names.end(), name) == names.end();
        if (provider != nullptr && is_usable(*provider) && is_new) names.push_back(name);
    };
    if (impl_->local_model) offer(*impl_->local_model);
    for (const auto& [name, settings] : impl_->config.models) offer(name);
    for (const auto& [name, told] : impl_->told) {
        const ProviderConfig* provider = impl_->find(split(name).provider);
        if (provider != nullptr && is_local(*provider)) offer(name);
    }
    for (const KnownModel& row : known_models()) offer(full(row));
    std::vector<ModelFacts> offered;
    for (const std::string& name : names) offered.push_back(facts(name));
    return offered;
}

async::Task<std::vector<ModelFacts>> Models::listed() {
    std::erase_if(impl_->asked, [](const auto& asked) { return asked.second.has_value(); });
    std::stop_token stop = co_await async::current_stop();
    async::Scope asking(stop);
    for (const ProviderConfig& provider : impl_->config.providers) {
        if (!is_usable(provider)) continue;
        std::chrono::milliseconds patience = is_local(provider) ? local_patience : list_patience;
        asking.spawn(impl_->ask_list(provider, patience));
    }
    co_await asking.join();
    std::vector<ModelFacts> all = available();
    for (const auto& [name, told] : impl_->told) {
        bool is_there =
            std::any_of(all.begin(), all.end(),
                        [&wanted = name](const ModelFacts& one) { return one.name == wanted; });
        if (!is_there) all.push_back(facts(name));
    }
    co_return all;
}

std::optional<Error> Models::list_error(std::string_view provider) const {
    auto found = impl_->asked.find(std::string(provider));
    return found == impl_->asked.end() ? std::nullopt : found->second;
}

// Noted before the answer is there: who comes meanwhile goes on without it.
async::Task<void> Models::Impl::ask_list(const ProviderConfig& provider,
                                         std::chrono::milliseconds patience) {
    if (!asked.emplace(provider.name, std::nullopt).second) co_return;
    Result<std::vector<ModelFacts>> models = co_await list_models(http, provider, patience);
    if (!models) {
        asked[provider.name] = models.error();
        co_return;
    }
    for (ModelFacts& facts : *models) told.try_emplace(facts.name, facts);
}

const ModelFacts* Models::Impl::told_of(const std::string& full_name) const {
    auto found = told.find(full_name);
    return found == told.end() ? nullptr : &found->second;
}

bool Models::Impl::is_known(const std::string& full_name) const {
    Name name = split(full_name);
    const ModelFacts* row = told_of(full_name);
    bool is_told = row != nullptr && row->context_size > 0;
    return is_told || find_known(name.provider, name.model) != nullptr;
}

// A server that is not asked when it is not there costs nothing; one that is there tells at once.
async::Task<void> Models::Impl::measure(const ProviderConfig& provider,
                                        const std::string& full_name) {
    if (measured.contains(full_name)) co_return;
    const ModelFacts* known = told_of(full_name);
    ModelFacts facts = known ? *known : ModelFacts{};
    facts.name = full_name;
    bool is_final = co_await ask_local(http, provider, facts, list_patience);
    told[full_name] = std::move(facts);
    if (is_final) measured.insert(full_name);
}

async::Task<void> Models::Impl::learn(const std::string& full_name) {
    const ProviderConfig* provider = find(split(full_name).provider);
    auto settings = config.models.find(full_name);
    bool is_set = settings != config.models.end() && settings->second.context_size > 0;
    if (provider == nullptr || is_set) co_return;
    bool tells_of_one = is_ollama(*provider) || is_llamacpp(*provider);
    if (tells_of_one) {
        co_await measure(*provider, full_name);
    } else if (!is_known(full_name)) {
        co_await ask_list(*provider, list_patience);
    }
}

async::Task<void> Models::learn(std::string full_name) {
    co_await impl_->learn(full_name);
}

// Its first model, and a look at the others for the pickers.
async::Task<void> Models::Impl::find_local(const ProviderConfig& provider) {
    Result<std::vector<ModelFacts>> found = co_await list_models(http, provider, local_patience);
    if (!found || found->empty()) co_return;
    local_model = found->front().name;
    asked.emplace(provider.name, std::nullopt);
    for (ModelFacts& facts : *found) told.try_emplace(facts.name, facts);
    std::string name = *local_model;
    co_await learn(name);
}

async::Task<Result<std::string>> Models::default_model() {
    if (!impl_->config.default_model.empty()) co_return resolve(impl_->config.default_model);
    for (std::string_view name : {"anthropic", "openai", "openrouter", "gemini", "bedrock"}) {
        const ProviderConfig* provider = impl_->find(name);
        if (provider != nullptr && !provider->api_key.empty()) co_return resolve(name);
    }
    if (impl_->local_model) co_return *impl_->local_model;
    for (const ProviderConfig& provider : impl_->config.providers) {
        if (!is_local(provider)) continue;
        co_await impl_->find_local(provider);
        if (impl_->local_model) co_return *impl_->local_model;
    }
    co_return fail(Code::authentication,
                   "no model is set up: run `thole login`, set ANTHROPIC_API_KEY, OPENAI_API_KEY, "
                   "OPENROUTER_API_KEY, GEMINI_API_KEY or AWS_BEARER_TOKEN_BEDROCK, or start "
                   "Ollama or llama.cpp on this machine; `thole demo` works without any of them");
}

Result<void> Models::check_key(std::string_view full_name) const {
    Name name = split(full_name);
    const ProviderConfig* provider = impl_->find(name.provider);
    if (provider == nullptr) return impl_->unknown_provider(name.provider);
    if (is_usable(*provider)) return {};
    std::string why = provider->key_fault.empty() ? "" : provider->key_fault + "; ";
    return fail(Code::authentication, "no API key for " + provider->name + ": " + why + "set " +
                                          key_of(*provider) + " or run `thole login " +
                                          provider->name + "`; `thole demo` works without one");
}

// The model itself and those that may stand in for it, in the order in which to ask them.
std::vector<std::string> Models::to_ask(const std::string& full_name, bool must_be_priced) const {
    std::vector<std::string> names{full_name};
    for (const std::string& fallback : impl_->config.fallback) {
        Result<std::string> name = resolve(fallback);
        if (!name || !check_key(*name)) continue;
        if (must_be_priced && !cost(*name, TokenUsage{})) continue;
        if (std::find(names.begin(), names.end(), *name) == names.end()) names.push_back(*name);
    }
    Clock::time_point now = Clock::now();
    std::stable_partition(names.begin(), names.end(), [this, now](const std::string& name) {
        auto rests = impl_->resting.find(name);
        return rests == impl_->resting.end() || rests->second <= now;
    });
    return names;
}

async::Task<Result<Reply>> Models::complete(const std::string& full_name, Request& request,
                                            const PieceSink& sink, const RetrySink& on_retry) {
    Result<void> key = check_key(full_name);
    if (!key) co_return key.error();
    std::vector<std::string> names = to_ask(full_name, request.must_be_priced);
    const std::int64_t output = request.max_output_tokens;
    const ThoughtLevel level = request.thought_level;
    for (std::size_t i = 0;; ++i) {
        const std::string& name = names[i];
        bool is_last = i + 1 == names.size();
        request.max_output_tokens = output;
        request.thought_level = level;
        Outcome outcome = co_await impl_->attempt(name, request, sink, on_retry, is_last);
        if (outcome.reply) outcome.reply->model = name;
        bool is_end = outcome.reply || is_last || !outcome.may_fall_back;
        if (is_end) co_return std::move(outcome.reply);
        impl_->resting[name] = Clock::now() + rest_after_failure;
        const Error& error = outcome.reply.error();
        Error told = fail(error.code, error.message + "; going on with " + names[i + 1]);
        on_retry(Retry{std::move(told), 1, std::chrono::milliseconds(0), names[i + 1]});
    }
}

async::Task<Outcome> Models::Impl::attempt(const std::string& full_name, Request& request,
                                           const PieceSink& sink, const RetrySink& on_retry,
                                           bool is_last) {
    Name name = split(full_name);
    Result<Provider*> asked_one = provider(*find(name.provider));
    if (!asked_one) co_return Outcome{asked_one.error()};
    co_await learn(full_name);
    request.model = name.model;
    ModelFacts facts = facts_of(config, full_name, told_of(full_name));
    fit(request, facts);
    std::optional<Request> imageless;
    if (facts.is_blind) imageless = without_images(request);
    const Request& sent = imageless ? *imageless : request;
    for (int attempt = 1;; ++attempt) {
        Answer answer = co_await (*asked_one)->stream(sent, sink);
        if (answer.has_reply()) co_return Outcome{std::move(answer.reply())};
        const Failure& failure = answer.failure();
        if (failure.is_of_model && !is_last) {
            std::string who = failure.is_transient ? name.provider + ": " : "";
            co_return Outcome{fail(failure.error.code, who + failure.error.message), true};
        }
        Result<Retry> retry = next_try(name.provider, failure, attempt);
        if (!retry) co_return Outcome{retry.error(), failure.is_transient};
        on_retry(*retry);
        async::Wake wake = co_await async::sleep_for(loop, retry->delay);
        if (wake == async::Wake::stopped) co_return Outcome{cancelled()};
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
