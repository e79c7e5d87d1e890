#include "base/json.hpp"
#include "base/text.hpp"
#include "tools/facts.hpp"
#include "tools/standard.hpp"

namespace thole {

namespace {

constexpr std::string_view properties = R"json({
  "question": {"type": "string"},
  "options": {"type": "array", "items": {"type": "string"}, "maxItems": 10,
              "description": "answers to choose from, when it is a choice"}
})json";

Result<QuestionRequested> read_question(const Json& input) {
    Fields fields(input, "ask_user");
    fields.only({"question", "options"});
    QuestionRequested question;
    question.question = std::string(trim(fields.text("question")));
    question.options = fields.optional_texts("options");
    if (fields.ok() && question.question.empty()) {
        fields.fail_at("question", "must not be empty");
    }
    if (question.options.size() > 10) fields.fail_at("options", "at most 10 can be offered");
    for (const std::string& option : question.options) {
        if (trim(option).empty()) fields.fail_at("options", "an option must not be empty");
    }
    if (Result<void> read = fields.finish(); !read) return read.error();
    return question;
}

ToolOutcome unanswered(const Error& error) {
    if (error.code == Code::cancelled) return failed_outcome("cancelled");
    if (error.code != Code::denied) return failed_outcome(error.message);
    return failed_outcome(
        "Nobody can be asked in this session. Decide yourself and say what you assumed, or stop "
        "and say what you would need to know.");
}

ToolOutcome answered(const Json& selection) {
    const std::string kind = text_member(selection, "kind");
    const std::string text = text_member(selection, "text");
    if (kind == "cancelled") {
        // A front end that cannot ask says what to do instead.
        return failed_outcome(text.empty() ? "The user did not answer the question. Go on without "
                                             "the answer, or stop and say what depends on it."
                                           : text);
    }
    ToolOutcome outcome;
    outcome.output = (kind == "option" ? "The user chose: " : "The user answered: ") + text;
    return outcome;
}

class AskUser final : public Tool {
public:
    const ToolFacts& facts() const override { return facts_; }

    async::Task<Result<Prepared>> prepare(ToolContext&, JsonValue input) override {
        Result<QuestionRequested> question = read_question(*input);
        if (!question) co_return question.error();
        Prepared prepared;
        prepared.title = title_of(question->question);
        prepared.input = std::move(input);
        co_return std::move(prepared);
    }

    async::Task<ToolOutcome> run(ToolContext& context, const Prepared& prepared) override {
        Result<QuestionRequested> question = read_question(*prepared.input);
        if (!question) co_return failed_outcome(question.error().message);
        question->call_id = prepared.call_id;
        question->question_id = prepared.call_id;
        QuestionRequested asked = std::move(*question);
        Result<JsonValue> selection = co_await context.host.ask(std::move(asked));
        if (!selection) co_return unanswered(selection.error());
        co_return answered(**selection);
    }

private:
    ToolFacts facts_ = tool_facts("ask_user", Effect::read, "other", properties, {"question"});
};

}  // namespace

std::unique_ptr<Tool> ask_user_tool() {
    return std::make_unique<AskUser>();
}

}  // namespace thole
