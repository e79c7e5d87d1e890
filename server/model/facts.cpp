#include "model/facts.hpp"

#include <algorithm>
#include <array>
#include <numeric>

namespace thole::model {

namespace {

constexpr std::int64_t k = 1000;
constexpr std::int64_t million = 1000 * k;

// `thinks` of OpenAI's newer models is false because Chat Completions does not let them think when
// a request has tools.
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
    KnownModel{"openai", "gpt-6-sol", "GPT-6 Sol", 1050 * k, 128 * k, false, true, 2, 10, 0.2, 2.5,
               272 * k, 2, 1.5},
    KnownModel{"openai", "gpt-6-luna", "GPT-6 Luna", 1050 * k, 128 * k, false, true, 0.1, 0.5, 0.01,
               0.125, 272 * k, 2, 1.5},
    KnownModel{"openai", "gpt-5.6-sol", "GPT-5.6 Sol", 1050 * k, 128 * k, false, true, 4, 20, 0.4,
               5, 272 * k, 2, 1.5},
    KnownModel{"openai", "gpt-5.6-terra", "GPT-5.6 Terra", 1050 * k, 128 * k, false, true, 2, 12,
               0.2, 2.5, 272 * k, 2, 1.5},
    KnownModel{"openai", "gpt-5.6-luna", "GPT-5.6 Luna", 1050 * k, 128 * k, false, true, 0.2, 1.2,
               0.02, 0.25, 272 * k, 2, 1.5},
    KnownModel{"openai", "gpt-5.5", "GPT-5.5", 1050 * k, 128 * k, false, true, 5, 30, 0.5, 5,
               272 * k, 2, 1.5},
    KnownModel{"openai", "gpt-5.4", "GPT-5.4", 1050 * k, 128 * k, false, true, 2.5, 15, 0.25, 2.5,
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
    Alias{"sonnet", "anthropic/claude-sonnet-5-5"}, Alias{"opus", "anthropic/claude-opus-5-5"},
    Alias{"haiku", "anthropic/claude-haiku-5-5"},   Alias{"fable", "anthropic/claude-fable-5-1"},
    Alias{"claude", "anthropic/claude-sonnet-5-5"}, Alias{"gpt", "openai/gpt-6-sol"},
    Alias{"gpt-mini", "openai/gpt-6-luna"},         Alias{"demo", "demo/demo"},
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
    std::size_t slash = name.rfind('/');
    if (slash != std::string_view::npos) name.remove_prefix(slash + 1);
    for (std::string_view maker : {"anthropic", "openai"}) {
        if (const KnownModel* row = find_row(maker, name)) return row;
    }
    return nullptr;
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
