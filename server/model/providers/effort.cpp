#include "model/providers/effort.hpp"

#include <cctype>
#include <charconv>

namespace thole::model {

namespace {

// "gpt-5.6-sol" → 5.6; 0 for others.
double gpt_generation(std::string_view model) {
    if (!model.starts_with("gpt-")) return 0;
    model.remove_prefix(4);
    double generation = 0;
    std::from_chars(model.data(), model.data() + model.size(), generation,
                    std::chars_format::fixed);
    return generation;
}

bool contains(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}

// o1, o3, o4-mini
bool is_o_series(std::string_view model) {
    return model.size() >= 2 && model[0] == 'o' &&
           std::isdigit(static_cast<unsigned char>(model[1])) != 0;
}

// GPT-6 Astra and all from GPT-6.1 on think in any case.
bool is_always_thinking(std::string_view model) {
    return gpt_generation(model) > 6 || model.starts_with("gpt-6-astra") ||
           contains(model, "codex") || is_o_series(model);
}

}  // namespace

bool is_reasoning_model(std::string_view model) {
    bool is_chat = contains(model, "-chat");
    bool is_open = model.starts_with("gpt-oss");
    return (gpt_generation(model) >= 5 && !is_chat) || is_open || is_o_series(model) ||
           model.starts_with("codex-");
}

std::string_view effort_of(std::string_view model, ThoughtLevel level) {
    if (level != ThoughtLevel::off) return thought_level_name(level);
    bool has_one_level = contains(model, "-pro");
    if (!is_reasoning_model(model) || has_one_level) return "";
    if (is_always_thinking(model) || model.starts_with("gpt-oss")) return "low";
    return gpt_generation(model) >= 5.1 ? "none" : "minimal";
}

std::string_view chat_effort_of(const Request& request) {
    bool refuses_both = gpt_generation(request.model) >= 5.2 && !is_always_thinking(request.model);
    if (refuses_both && !request.tools.empty()) return "none";
    bool is_off = request.thought_level == ThoughtLevel::off;
    return is_off ? std::string_view() : thought_level_name(request.thought_level);
}

}  // namespace thole::model
