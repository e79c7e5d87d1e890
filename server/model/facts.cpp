#include "model/facts.hpp"

#include <algorithm>
#include <array>
#include <numeric>

namespace thole::model {

namespace {

constexpr std::int64_t k = 1000;
constexpr std::int64_t million = 1000 * k;

constexpr std::array known{
    KnownModel{"anthropic", "claude-sonnet-5-5", "Claude Sonnet 5.5", million, 128 * k, true, true,
               2, 10, 0.1, 2.5},
    KnownModel{"anthropic", "claude-opus-5-5", "Claude Opus 5.5", million, 128 * k, true, true, 4,
               20, 0.2, 5},
    KnownModel{"anthropic", "claude-haiku-5-5", "Claude Haiku 5.5", million, 128 * k, true, true,
               0.1, 0.5, 0.01, 0.125, 100 * k, 5, 5},
    KnownModel{"anthropic", "claude-fable-5-1", "Claude Fable 5.1", million, 128 * k, true, true,
               10, 50, 0.25, 12.5},
    KnownModel{"anthropic", "claude-opus-5", "Claude Opus 5", million, 128 * k, true, true, 5, 25,
               0.5, 6.25},
    KnownModel{"anthropic", "claude-sonnet-5", "Claude Sonnet 5", million, 128 * k, true, true, 2,
               10, 0.2, 2.5},
    KnownModel{"anthropic", "claude-fable-5", "Claude Fable 5", million, 128 * k, true, true, 10,
               50, 1, 12.5},
    KnownModel{"anthropic", "claude-opus-4-8", "Claude Opus 4.8", million, 128 * k, true, true, 5,
               25, 0.5, 6.25},
    KnownModel{"anthropic", "claude-opus-4-7", "Claude Opus 4.7", million, 128 * k, true, true, 5,
               25, 0.5, 6.25},
    KnownModel{"anthropic", "claude-opus-4-6", "Claude Opus 4.6", million, 128 * k, true, true, 5,
               25, 0.5, 6.25},
    KnownModel{"anthropic", "claude-sonnet-4-6", "Claude Sonnet 4.6", million, 64 * k, true, true,
               3, 15, 0.3, 3.75},
    KnownModel{"anthropic", "claude-opus-4-5", "Claude Opus 4.5", 200 * k, 64 * k, true, true, 5,
               25, 0.5, 6.25},
    KnownModel{"anthropic", "claude-sonnet-4-5", "Claude Sonnet 4.5", 200 * k, 64 * k, true, true,
               3, 15, 0.3, 3.75},
    KnownModel{"anthropic", "claude-haiku-4-5", "Claude Haiku 4.5", 200 * k, 64 * k, true, true, 1,
               5, 0.1, 1.25},
    KnownModel{"openai", "gpt-6-sol", "GPT-6 Sol", 1050 * k, 128 * k, true, true, 2, 10, 0.2, 2.5,
               272 * k, 2, 1.5},
    KnownModel{"openai", "gpt-6.2-sol", "GPT-6.2 Sol", 1050 * k, 128 * k, true, true, 2, 10, 0.1,
               2.5, 272 * k, 2, 1.5},
    KnownModel{"openai", "gpt-6.1-sol", "GPT-6.1 Sol", 1050 * k, 128 * k, true, true, 2, 10, 0.1,
               2.5, 272 * k, 2, 1.5},
    KnownModel{"openai", "gpt-6-luna", "GPT-6 Luna", 1050 * k, 128 * k, true, true, 0.1, 0.5, 0.01,
               0.125, 272 * k, 2, 1.5},
    KnownModel{"openai", "gpt-5.6-sol", "GPT-5.6 Sol", 1050 * k, 128 * k, true, true, 4, 20, 0.4, 5,
               272 * k, 2, 1.5},
    KnownModel{"openai", "gpt-5.6-terra", "GPT-5.6 Terra", 1050 * k, 128 * k, true, true, 2, 12,
               0.2, 2.5, 272 * k, 2, 1.5},
    KnownModel{"openai", "gpt-5.6-luna", "GPT-5.6 Luna", 1050 * k, 128 * k, true, true, 0.2, 1.2,
               0.02, 0.25, 272 * k, 2, 1.5},
    KnownModel{"openai", "gpt-5.5", "GPT-5.5", 1050 * k, 128 * k, true, true, 5, 30, 0.5, 5,
               272 * k, 2, 1.5},
    KnownModel{"openai", "gpt-5.4", "GPT-5.4", 1050 * k, 128 * k, true, true, 2.5, 15, 0.25, 2.5,
               272 * k, 2, 1.5},
    KnownModel{"openai", "gpt-5.1", "GPT-5.1", 400 * k, 128 * k, true, true, 1.25, 10, 0.125, 1.25},
    KnownModel{"openai", "gpt-5", "GPT-5", 400 * k, 128 * k, true, true, 1.25, 10, 0.125, 1.25},
    KnownModel{"openai", "gpt-5-mini", "GPT-5 mini", 400 * k, 128 * k, true, true, 0.25, 2, 0.025,
               0.25},
    KnownModel{"openai", "gpt-4.1", "GPT-4.1", 1047576, 32768, false, true, 2, 8, 0.5, 2},
    KnownModel{"openai", "gpt-4.1-mini", "GPT-4.1 mini", 1047576, 32768, false, true, 0.4, 1.6, 0.1,
               0.4},
    KnownModel{"openai", "gpt-4o", "GPT-4o", 128 * k, 16384, false, true, 2.5, 10, 1.25, 2.5},
    KnownModel{"openai", "o3", "o3", 200 * k, 100 * k, true, true, 2, 8, 0.5, 2},
    KnownModel{"openai", "o4-mini", "o4-mini", 200 * k, 100 * k, true, true, 1.1, 4.4, 0.275, 1.1},
    KnownModel{"gemini", "gemini-4-hydrogen", "Gemini 4 Hydrogen", 1048576, 65536, true, true, 1.5,
               7.5, 0.075, 1.5},
    KnownModel{"gemini", "gemini-4-neon", "Gemini 4 Neon", 1048576, 65536, true, true, 3, 15, 0.15,
               3},
    KnownModel{"gemini", "gemini-3.5-flash", "Gemini 3.5 Flash", 1048576, 65536, true, true, 1.5, 9,
               0.15, 1.5},
    KnownModel{"gemini", "gemini-3.1-pro-preview", "Gemini 3.1 Pro", 1048576, 65536, true, true, 2,
               12, 0.2, 2, 200 * k, 2, 1.5},
    KnownModel{"gemini", "gemini-3-flash-preview", "Gemini 3 Flash", 1048576, 65536, true, true,
               0.5, 3, 0.05, 0.5},
    KnownModel{"gemini", "gemini-2.5-pro", "Gemini 2.5 Pro", 1048576, 65536, true, true, 1.25, 10,
               0.125, 1.25, 200 * k, 2, 1.5},
    KnownModel{"gemini", "gemini-2.5-flash", "Gemini 2.5 Flash", 1048576, 65536, true, true, 0.3,
               2.5, 0.03, 0.3},
    KnownModel{"bedrock", "global.anthropic.claude-sonnet-5-5", "Claude Sonnet 5.5 (Bedrock)",
               million, 128 * k, true, true, 2, 10, 0.1, 2.5},
    KnownModel{"bedrock", "global.anthropic.claude-opus-5-5", "Claude Opus 5.5 (Bedrock)", million,
               128 * k, true, true, 4, 20, 0.2, 5},
    KnownModel{"openrouter", "anthropic/claude-sonnet-5.5", "Claude Sonnet 5.5 (OpenRouter)",
               million, 128 * k, true, true, 2, 10, 0.1, 2.5},
    KnownModel{"openrouter", "anthropic/claude-opus-5.5", "Claude Opus 5.5 (OpenRouter)", million,
               128 * k, true, true, 4, 20, 0.2, 5},
    KnownModel{"openrouter", "openai/gpt-6-sol", "GPT-6 Sol (OpenRouter)", 1050 * k, 128 * k, true,
               true, 2, 10, 0.2, 2.5, 272 * k, 2, 1.5},
    KnownModel{"demo", "demo", "Demo (built in, no network)", 128 * k, 8 * k, false, false, 0, 0, 0,
               0},
};

constexpr std::array aliases{
    Alias{"sonnet", "anthropic/claude-sonnet-5-5"},
    Alias{"opus", "anthropic/claude-opus-5-5"},
    Alias{"haiku", "anthropic/claude-haiku-5-5"},
    Alias{"fable", "anthropic/claude-fable-5-1"},
    Alias{"claude", "anthropic/claude-sonnet-5-5"},
    Alias{"gpt", "openai/gpt-6-sol"},
    Alias{"gpt-mini", "openai/gpt-6-luna"},
    Alias{"gemini", "gemini/gemini-4-hydrogen"},
    Alias{"demo", "demo/demo"},
};

// Without a date ("-20251101", "-2025-11-01") or "-latest" at the end.
std::string_view without_date(std::string_view model) {
    if (model.ends_with("-latest")) return model.substr(0, model.size() - 7);
    std::size_t end = model.size();
    int digits = 0;
    while (end > 0 && (std::isdigit(static_cast<unsigned char>(model[end - 1])) != 0 ||
                       (model[end - 1] == '-' && digits < 8))) {
        if (model[--end] != '-') ++digits;
        if (digits == 8) break;
    }
    bool is_date = digits == 8 && end > 0 && model[end - 1] == '-';
    return is_date ? model.substr(0, end - 1) : model;
}

bool is_same(std::string_view a, std::string_view b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](char x, char y) { return (x == '.' ? '-' : x) == (y == '.' ? '-' : y); });
}

const KnownModel* find_row(std::string_view provider, std::string_view model) {
    for (const KnownModel& row : known) {
        if (row.provider == provider && is_same(row.name, model)) return &row;
    }
    return nullptr;
}

constexpr std::int64_t cautious_context = 128000;

void take_row(ModelFacts& facts, const KnownModel& row, const std::string& provider) {
    facts.title = row.title;
    facts.context_size = row.context_size;
    facts.max_output_tokens = row.max_output_tokens;
    facts.thinks = row.thinks;
    facts.sees_images = row.sees_images;
    if (row.provider != provider && provider != "openrouter") return;
    facts.input_price = row.input;
    facts.output_price = row.output;
    facts.cached_read_price = row.cached_read;
    facts.cached_write_price = row.cached_write;
}

// 0 and negative: nothing was said.
void take_number(std::int64_t& fact, std::int64_t said) {
    if (said > 0) fact = said;
}
void take_price(double& fact, double said) {
    if (said >= 0) fact = said;
}

// Of both.
template <class T>
void take_numbers(ModelFacts& facts, const T& said) {
    if (!said.title.empty()) facts.title = said.title;
    take_number(facts.context_size, said.context_size);
    take_number(facts.max_output_tokens, said.max_output_tokens);
    take_price(facts.input_price, said.input_price);
    take_price(facts.output_price, said.output_price);
    take_price(facts.cached_read_price, said.cached_read_price);
    take_price(facts.cached_write_price, said.cached_write_price);
}

void take_told(ModelFacts& facts, const ModelFacts& told) {
    take_numbers(facts, told);
    facts.thinks = facts.thinks || told.thinks;
    facts.sees_images = facts.sees_images || told.sees_images;
    facts.is_blind = told.is_blind && !facts.sees_images;
}

void take_settings(ModelFacts& facts, const ModelSettings& settings) {
    take_numbers(facts, settings);
    facts.thinks = settings.thinks.value_or(facts.thinks);
    facts.sees_images = settings.sees_images.value_or(facts.sees_images);
    if (settings.sees_images) facts.is_blind = !facts.sees_images;
}

// Who names no price for what is cached takes the usual one.
void fill_prices(ModelFacts& facts) {
    if (facts.input_price < 0) return;
    for (double* price : {&facts.cached_read_price, &facts.cached_write_price}) {
        if (*price < 0) *price = facts.input_price;
    }
}

// "us.anthropic.claude-sonnet-4-5-20250929-v1:0" → "claude-sonnet-4-5-20250929": names at Bedrock.
std::string_view without_region(std::string_view model) {
    std::size_t maker = model.find("anthropic.");
    if (maker == std::string_view::npos) return model;
    model.remove_prefix(maker + 10);
    std::size_t version = model.rfind("-v");
    bool has_version = version != std::string_view::npos && model.ends_with(":0");
    return has_version ? model.substr(0, version) : model;
}

std::size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            std::size_t change = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
            diagonal = row[j];
            row[j] = std::min({change, row[j] + 1, row[j - 1] + 1});
        }
    }
    return row[b.size()];
}

}  // namespace

std::span<const KnownModel> known_models() {
    return known;
}

std::span<const Alias> builtin_aliases() {
    return aliases;
}

const KnownModel* find_known(std::string_view provider, std::string_view model) {
    std::string_view name = without_date(model);
    if (const KnownModel* row = find_row(provider, name)) return row;
    name = without_date(without_region(model));
    std::size_t slash = name.rfind('/');
    if (slash != std::string_view::npos) name.remove_prefix(slash + 1);
    for (std::string_view maker : {"anthropic", "openai", "gemini"}) {
        if (const KnownModel* row = find_row(maker, name)) return row;
    }
    return nullptr;
}

ModelFacts facts_of(const ModelsConfig& config, const std::string& full_name,
                    const ModelFacts* told) {
    std::size_t slash = std::min(full_name.find('/'), full_name.size());
    std::string provider = full_name.substr(0, slash);
    ModelFacts facts;
    facts.name = full_name;
    facts.title = full_name.substr(std::min(slash + 1, full_name.size()));
    facts.context_size = cautious_context;
    bool is_free = provider == "ollama" || provider == "llamacpp";
    if (is_free) {
        facts.input_price = facts.output_price = 0;
        facts.cached_read_price = facts.cached_write_price = 0;
    } else if (const KnownModel* row = find_known(provider, facts.title)) {
        take_row(facts, *row, provider);
    }
    if (told != nullptr) take_told(facts, *told);
    auto settings = config.models.find(full_name);
    if (settings != config.models.end()) take_settings(facts, settings->second);
    fill_prices(facts);
    return facts;
}

std::optional<std::string> nearest(std::string_view name,
                                   const std::vector<std::string>& candidates) {
    std::optional<std::string> best;
    std::size_t limit = std::max<std::size_t>(1, name.size() / 3);
    for (const std::string& candidate : candidates) {
        std::size_t far = distance(name, candidate);
        if (far > limit || (best && far == limit)) continue;
        limit = far;
        best = candidate;
    }
    return best;
}

}  // namespace thole::model
