#include "model/provider.hpp"

#include <array>

namespace thole::model {

namespace {
constexpr std::array<std::string_view, 4> level_names{"off", "low", "medium", "high"};
}

std::string_view thought_level_name(ThoughtLevel level) {
    return level_names[static_cast<std::size_t>(level)];
}

std::optional<ThoughtLevel> parse_thought_level(std::string_view name) {
    for (std::size_t i = 0; i < level_names.size(); ++i) {
        if (level_names[i] == name) return static_cast<ThoughtLevel>(i);
    }
    return std::nullopt;
}

}  // namespace thole::model
