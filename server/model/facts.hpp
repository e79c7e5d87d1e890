// The built-in table of models: names, sizes, prices, aliases. Facts of November 2026 from the
// providers' own pages; a model that is not here works too, with cautious facts. Pure.
#pragma once
#include <optional>
#include <span>
#include <string_view>

#include "model/models.hpp"

namespace thole::model {

struct KnownModel {
    std::string_view provider, name, title;
    std::int64_t context_size, max_output_tokens;
    bool thinks, sees_images;
    double input, output, cached_read, cached_write;  // USD per million tokens
    // Prompts of more than `long_prompt` tokens cost this many times as much; 0: never.
    std::int64_t long_prompt = 0;
    double long_input = 1, long_output = 1;
};

// In the order in which pickers show them; a provider's first is its default.
std::span<const KnownModel> known_models();

// The row of `provider`/`model`; a date at the end of `model` does not matter. For other providers
// (gateways) the row of the model itself: "anthropic/claude-opus-5.5" and "claude-opus-5-5" alike.
const KnownModel* find_known(std::string_view provider, std::string_view model);

// What is known of a model: the table, above it what its provider has told (null: nothing), above
// that the settings. Unknown models get cautious facts.
ModelFacts facts_of(const ModelsConfig& config, const std::string& full_name,
                    const ModelFacts* told);

struct Alias {
    std::string_view alias, name;
};
std::span<const Alias> builtin_aliases();

// The candidate closest to `name`, if it is close enough to be a slip of the keyboard.
std::optional<std::string> nearest(std::string_view name,
                                   const std::vector<std::string>& candidates);

}  // namespace thole::model
