// Modes and configuration options as a client sees them, made from a session's state. Both always
// describe the same modes. Pure.
#pragma once
#include <optional>
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

// [mode, accept_edits, model, thought_level]. `models` are those to choose from; the current one is
// added when it is missing. Without any model there is no model option; thought_level only for
// models that think. accept_edits is a switch (type "boolean") between the modes default and
// accept-edits, for clients that have switches.
Json config_options(const State& state, const std::vector<ModelChoice>& models,
                    bool with_switches = false);

// The mode that the switch accept_edits means when it is set to `on`; nullopt: there is none now.
std::optional<std::string> mode_of_switch(const State& state, bool on);

// {"modes":…, "configOptions":…}
Json session_options(const State& state, const std::vector<ModelChoice>& models,
                     bool with_switches = false);

// The updates that tell of a change: current_mode_update and config_option_update.
Json mode_update(const State& state);
Json options_update(const State& state, const std::vector<ModelChoice>& models,
                    bool with_switches = false);

}  // namespace thole::acp
