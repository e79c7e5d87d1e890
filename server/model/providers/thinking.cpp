#include "model/providers/thinking.hpp"

#include <algorithm>
#include <charconv>

#include "base/json.hpp"
#include "model/providers/history.hpp"

namespace thole::model {

namespace {

// The generation in a model's name, times ten: claude-opus-4-5-20251101 → 45, claude-sonnet-5 → 50.
// 0 when there is none.
int generation(std::string_view model) {
    int found[2] = {0, 0};
    int count = 0;
    while (!model.empty() && count < 2) {
        std::string_view part = model.substr(0, model.find('-'));
        model.remove_prefix(std::min(model.size(), part.size() + 1));
        int number = 0;
        auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), number);
        bool is_number = error == std::errc{} && end == part.data() + part.size() && number < 100;
        if (is_number) found[count++] = number;
        if (!is_number && count > 0) break;
    }
    return found[0] * 10 + found[1];
}

bool is_claude(std::string_view model) {
    return model.find("claude") != std::string_view::npos;
}

bool thinks_adaptively(std::string_view model) {
    bool is_mythos = model.find("mythos") != std::string_view::npos;
    return is_claude(model) && (generation(model) >= 46 || is_mythos);
}

bool thinks_by_budget(std::string_view model) {
    return !is_claude(model) || generation(model) >= 37;
}

void set_budget(Json& body, ThoughtLevel level) {
    constexpr std::int64_t least = 1024;
    std::int64_t wanted = level == ThoughtLevel::low      ? 4096
                          : level == ThoughtLevel::medium ? 10000
                                                          : 24000;
    std::int64_t budget = std::min(wanted, body["max_tokens"].get<std::int64_t>() - least);
    if (budget < least) return;
    body["thinking"] = {{"type", "enabled"}, {"budget_tokens", budget}};
}

void set_adaptive(Json& body, std::string_view effort) {
    body["thinking"] = {{"type", "adaptive"}, {"display", "summarized"}};
    body["output_config"] = {{"effort", effort}};
}

void set_off(Json& body, std::string_view model) {
    int which = generation(model);
    bool is_sonnet = model.find("sonnet") != std::string_view::npos;
    bool is_opus = model.find("opus") != std::string_view::npos;
    if (which < 50) return;
    if (which == 50 && (is_sonnet || is_opus)) {
        body["thinking"] = {{"type", "disabled"}};
    } else if (which == 55 && is_sonnet) {
        body["thinking"] = {{"type", "between_tools"}};
    } else {
        set_adaptive(body, "low");
    }
}

bool has_claude_thought(const Message& message) {
    return std::any_of(message.blocks.begin(), message.blocks.end(), [](const Block& block) {
        const auto* thought = std::get_if<Thought>(&block);
        return thought != nullptr && is_claude_thought(*thought);
    });
}

}  // namespace

ThoughtLevel level_of(const Request& request) {
    std::size_t round = tool_round_start(request.messages);
    bool goes_on = round < request.messages.size();
    bool is_strict = is_claude(request.model) && !thinks_adaptively(request.model);
    if (!goes_on || !is_strict) return request.thought_level;
    const Message& first = request.messages[round];
    bool is_begun = has_claude_thought(first) || first.role == Message::Role::user;
    return is_begun ? request.thought_level : ThoughtLevel::off;
}

void set_thinking(Json& body, std::string_view model, ThoughtLevel level) {
    if (level == ThoughtLevel::off) {
        if (is_claude(model)) set_off(body, model);
    } else if (thinks_adaptively(model)) {
        set_adaptive(body, thought_level_name(level));
    } else if (thinks_by_budget(model)) {
        set_budget(body, level);
    }
}

}  // namespace thole::model
