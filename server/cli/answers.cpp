#include "cli/answers.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/json.hpp"
#include "base/text.hpp"
#include "journal/plan.hpp"

namespace thole::cli {
namespace {

template <std::size_t N>
bool is_one_of(const std::string& word, const std::array<std::string_view, N>& words) {
    return std::find(words.begin(), words.end(), word) != words.end();
}

std::optional<Command> approval(const ApprovalRequested& asked, std::string_view typed) {
    static constexpr std::array<std::string_view, 4> yes = {"y", "yes", "ok", "allow"};
    static constexpr std::array<std::string_view, 3> session = {"s", "session", "always"};
    static constexpr std::array<std::string_view, 3> no = {"n", "no", "deny"};
    std::string word = to_lower_ascii(typed);
    if (is_one_of(word, yes)) return Approve{asked.call_id, false};
    if (is_one_of(word, session) && !asked.always_rules.empty()) {
        return Approve{asked.call_id, true};
    }
    if (is_one_of(word, session)) return std::nullopt;  // not offered
    if (is_one_of(word, no)) return Deny{asked.call_id, {}};
    return Deny{asked.call_id, std::string(typed)};
}

std::optional<Command> answer(const QuestionRequested& asked, std::string_view typed) {
    std::size_t number = 0;
    auto [end, error] = std::from_chars(typed.data(), typed.data() + typed.size(), number);
    bool is_number = error == std::errc() && end == typed.data() + typed.size();
    bool is_option = is_number && number >= 1 && number <= asked.options.size();
    std::string text(typed);
    if (is_option) text = asked.options[number - 1];
    auto named = std::find(asked.options.begin(), asked.options.end(), text);
    const char* kind = named != asked.options.end() ? "option" : "custom";
    return AnswerQuestion{asked.question_id, JsonValue(Json{{"kind", kind}, {"text", text}})};
}

std::string approval_wording(const State& state, bool names_it) {
    const ApprovalRequested& asked = state.pending_approvals.front();
    std::string text = "Allow? ";
    if (names_it || state.pending_approvals.size() > 1) {
        std::string title = asked.tool;
        for (const ToolCallStarted& call : state.open_calls) {
            if (call.call_id == asked.call_id && !call.title.empty()) title = call.title;
        }
        text = "Allow " + one_line(title, 60) + "? ";
    }
    text += "[y] once, ";
    std::string covers = one_line(asked.always_says, 120);
    if (!asked.always_rules.empty()) {
        text += "[s] for this session" + (covers.empty() ? "" : " (" + covers + ")") + ", ";
    }
    return text + "[n] no, or type why not";
}

}  // namespace

Asked asked_of(const State& state) {
    if (!state.pending_approvals.empty()) {
        return {Asked::Kind::approval, state.pending_approvals.front().call_id};
    }
    if (!state.pending_questions.empty()) {
        return {Asked::Kind::question, state.pending_questions.front().question_id};
    }
    if (state.plan_status == "in_review") {
        return {Asked::Kind::review, std::to_string(state.plan.revision)};
    }
    return {};
}

std::string wording_of(const Asked& asked, const State& state) {
    switch (asked.kind) {
        case Asked::Kind::approval:
            return approval_wording(state, !asked.session_id.empty());
        case Asked::Kind::question:
            return state.pending_questions.front().options.empty()
                       ? "Your answer"
                       : "A number, or an answer in your own words";
        case Asked::Kind::review:
            return std::string(review_prompt());
        case Asked::Kind::nothing:
            break;
    }
    return {};
}

std::optional<Command> answer_to(const Asked& asked, const State& state, std::string_view typed) {
    typed = trim(typed);
    if (typed.empty()) return std::nullopt;
    switch (asked.kind) {
        case Asked::Kind::approval:
            return approval(state.pending_approvals.front(), typed);
        case Asked::Kind::question:
            return answer(state.pending_questions.front(), typed);
        case Asked::Kind::review:
            return review_in_words(typed);
        case Asked::Kind::nothing:
            break;
    }
    return std::nullopt;
}

}  // namespace thole::cli
