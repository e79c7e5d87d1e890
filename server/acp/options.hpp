// Modes and configuration options as a client sees them, made from a session's state. Both always
// describe the same modes. Pure.
#pragma once
#include <string>
#include <vector>

#include "base/json_fwd.hpp"
#include "journal/state.hpp"

namespace thole::acp {

struct ModelChoice {
    std::string name;  // "provider/model"
    std::string title;
    bool thinks = false;  // takes a thought level
    bool operator==(const ModelChoice&) const = default;
};

// {"currentModeId":…, "availableModes":[…]}
Json mode_state(const State& state);

// [mode, model, thought_level]. `models` are those to choose from; the current one is added when it
// is missing. Without any model there is no model option; thought_level only for models that think.
Json config_options(const State& state, const std::vector<ModelChoice>& models);

// {"modes":…, "configOptions":…}
Json session_options(const State& state, const std::vector<ModelChoice>& models);

// The updates that tell of a change: current_mode_update and config_option_update.
Json mode_update(const State& state);
Json options_update(const State& state, const std::vector<ModelChoice>& models);

}  // namespace thole::acp
