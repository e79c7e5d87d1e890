#include "acp/options.hpp"

#include <algorithm>

#include "base/json.hpp"
#include "policy/modes.hpp"

namespace thole::acp {

namespace {

std::string mode_title(Mode mode) {
    switch (mode) {
        case Mode::default_:
            return "Ask";
        case Mode::accept_edits:
            return "Accept edits";
        case Mode::plan:
            return "Plan";
        case Mode::dont_ask:
            return "Don't ask";
        case Mode::bypass_permissions:
            return "Bypass permissions";
    }
    return {};
}

Json modes_with(const char* id_key) {
    Json modes = Json::array();
    for (Mode mode : all_modes) {
        modes.push_back({{id_key, std::string(mode_name(mode))},
                         {"name", mode_title(mode)},
                         {"description", std::string(mode_description(mode))}});
    }
    return modes;
}

struct Select {
    const char* id;
    const char* name;
    const char* category;
    const char* description;
};

Json select_option(const Select& select, const std::string& current, Json options) {
    return Json{{"id", select.id},
                {"name", select.name},
                {"description", select.description},
                {"category", select.category},
                {"type", "select"},
                {"currentValue", current},
                {"options", std::move(options)}};
}

Json model_options(const State& state, const std::vector<ModelChoice>& models) {
    Json options = Json::array();
    for (const ModelChoice& model : models) {
        options.push_back({{"value", model.name}, {"name", model.title}});
    }
    auto is_current = [&](const ModelChoice& model) { return model.name == state.model; };
    if (std::none_of(models.begin(), models.end(), is_current)) {
        options.push_back({{"value", state.model}, {"name", state.model}});
    }
    return options;
}

bool current_model_thinks(const State& state, const std::vector<ModelChoice>& models) {
    return std::any_of(models.begin(), models.end(), [&](const ModelChoice& model) {
        return model.name == state.model && model.thinks;
    });
}

Json thought_levels() {
    return Json::array({{{"value", "off"}, {"name", "Off"}},
                        {{"value", "low"}, {"name", "Low"}},
                        {{"value", "medium"}, {"name", "Medium"}},
                        {{"value", "high"}, {"name", "High"}}});
}

bool has_switch(const State& state) {
    return state.mode == "default" || state.mode == "accept-edits";
}

Json edits_switch(const State& state) {
    return Json{{"id", "accept_edits"},
                {"name", "Accept edits"},
                {"description", "Edit files of the workspace without asking"},
                {"category", "mode"},
                {"type", "boolean"},
                {"currentValue", state.mode == "accept-edits"}};
}

}  // namespace

std::optional<std::string> mode_of_switch(const State& state, bool on) {
    if (!has_switch(state)) return std::nullopt;
    return on ? "accept-edits" : "default";
}

Json mode_state(const State& state) {
    return Json{{"currentModeId", state.mode}, {"availableModes", modes_with("id")}};
}

Json config_options(const State& state, const std::vector<ModelChoice>& models,
                    bool with_switches) {
    static constexpr Select mode{"mode", "Mode", "mode", "What the agent may do without asking"};
    static constexpr Select model{"model", "Model", "model", "The model that answers"};
    static constexpr Select level{"thought_level", "Thinking", "thought_level",
                                  "How much the model thinks before it answers"};
    Json options = Json::array();
    options.push_back(select_option(mode, state.mode, modes_with("value")));
    if (with_switches && has_switch(state)) options.push_back(edits_switch(state));
    if (state.model.empty()) return options;
    options.push_back(select_option(model, state.model, model_options(state, models)));
    if (!current_model_thinks(state, models)) return options;
    std::string current = state.thought_level.empty() ? "off" : state.thought_level;
    options.push_back(select_option(level, current, thought_levels()));
    return options;
}

Json session_options(const State& state, const std::vector<ModelChoice>& models,
                     bool with_switches) {
    return Json{{"modes", mode_state(state)},
                {"configOptions", config_options(state, models, with_switches)}};
}

Json mode_update(const State& state) {
    return Json{{"sessionUpdate", "current_mode_update"}, {"currentModeId", state.mode}};
}

Json options_update(const State& state, const std::vector<ModelChoice>& models,
                    bool with_switches) {
    return Json{{"sessionUpdate", "config_option_update"},
                {"configOptions", config_options(state, models, with_switches)}};
}

}  // namespace thole::acp
