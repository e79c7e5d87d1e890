#include "acp/dialog_texts.hpp"

#include <algorithm>

#include "base/json.hpp"
#include "base/text.hpp"

namespace thole::acp {

namespace {

Json option(const char* id, const std::string& name) {
    return Json{{"optionId", id}, {"name", name}, {"kind", id}};
}

JsonValue selection(const char* kind, const std::string& text) {
    return JsonValue(Json{{"kind", kind}, {"text", text}});
}

}  // namespace

Json permission_params(const std::string& session_id, const ApprovalRequested& request,
                       Json tool_call) {
    Json options = Json::array({option("allow_once", "Allow once")});
    if (!request.always_rules.empty()) {
        std::string name = request.always_says.empty() ? "Allow always" : request.always_says;
        options.push_back(option("allow_always", one_line(name, 200)));
    }
    options.push_back(option("reject_once", "Reject"));
    Json about{{"why", request.why}, {"alwaysRules", request.always_rules}};
    if (!request.closest_rule.empty()) about["closestRule"] = request.closest_rule;
    return Json{{"sessionId", session_id},
                {"toolCall", std::move(tool_call)},
                {"options", std::move(options)},
                {"_meta", {{"thole", std::move(about)}}}};
}

Command permission_command(const std::string& call_id, bool offers_always,
                           const Result<Json>& answer) {
    if (!answer) {
        return Deny{call_id, "the client could not ask: " + one_line(answer.error().message, 200)};
    }
    const Json& outcome = member(*answer, "outcome");
    std::string kind = text_member(outcome, "outcome");
    if (kind == "cancelled") return Cancel{};
    std::string chosen = kind == "selected" ? text_member(outcome, "optionId") : std::string();
    if (chosen == "allow_once") return Approve{call_id, false};
    if (chosen == "allow_always" && offers_always) return Approve{call_id, true};
    if (chosen == "reject_once") {
        const Json& about = member(member(outcome, "_meta"), "thole");
        return Deny{call_id, text_member(about, "reason")};
    }
    return Deny{call_id, "the client gave an answer that was not offered"};
}

Json question_params(const std::string& session_id, const QuestionRequested& question) {
    Json properties = Json::object();
    Json required = Json::array();
    if (question.options.empty()) {
        properties["answer"] = {{"type", "string"}, {"title", "Answer"}, {"minLength", 1}};
        required.push_back("answer");
    } else {
        Json choices = Json::array();
        for (const std::string& choice : question.options) {
            choices.push_back({{"const", choice}, {"title", choice}});
        }
        properties["choice"] = {{"type", "string"}, {"title", "Answer"}, {"oneOf", choices}};
        properties["answer"] = {{"type", "string"}, {"title", "Something else"}};
    }
    Json schema{{"type", "object"}, {"properties", std::move(properties)}};
    if (!required.empty()) schema["required"] = std::move(required);
    Json params{{"sessionId", session_id},
                {"mode", "form"},
                {"message", question.question},
                {"requestedSchema", std::move(schema)}};
    if (!question.call_id.empty()) params["toolCallId"] = question.call_id;
    return params;
}

AnswerQuestion question_command(const QuestionRequested& question, const Result<Json>& answer) {
    AnswerQuestion cancelled{question.question_id,
                             selection("cancelled", "The user did not answer.")};
    if (!answer || text_member(*answer, "action") != "accept") return cancelled;
    const Json& content = member(*answer, "content");
    std::string own = text_member(content, "answer");
    if (!trim(own).empty()) return {question.question_id, selection("custom", own)};
    std::string choice = text_member(content, "choice");
    const auto& options = question.options;
    bool was_offered = std::find(options.begin(), options.end(), choice) != options.end();
    if (!was_offered) return cancelled;
    return {question.question_id, selection("option", choice)};
}

AnswerQuestion unaskable(const QuestionRequested& question) {
    return {question.question_id,
            selection("cancelled",
                      "This editor cannot show questions. Put the question into your answer and "
                      "end the turn; the user will answer with the next message.")};
}

}  // namespace thole::acp
