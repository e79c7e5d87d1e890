// The three tools of the session's plan. None of them touches anything but the plan, so that all
// may run while planning; what becomes of a plan is the host's business.
#include "tools/facts.hpp"
#include "tools/standard.hpp"

namespace thole {

namespace {

ToolOutcome told(Result<std::string> text) {
    if (!text) return failed_outcome(text.error().message);
    ToolOutcome outcome;
    outcome.output = std::move(*text);
    return outcome;
}

class WriteSessionPlan final : public Tool {
public:
    const ToolFacts& facts() const override { return facts_; }

    async::Task<Result<Prepared>> prepare(ToolContext&, JsonValue input) override {
        Fields fields(*input, facts_.name);
        fields.only({"content"});
        fields.text("content");
        if (Result<void> read = fields.finish(); !read) co_return read.error();
        Prepared prepared;
        prepared.title = "Write the plan";
        prepared.input = std::move(input);
        co_return std::move(prepared);
    }

    async::Task<ToolOutcome> run(ToolContext& context, const Prepared& prepared) override {
        Fields fields(*prepared.input, facts_.name);
        co_return told(context.host.write_plan(fields.text("content")));
    }

private:
    ToolFacts facts_ = tool_facts(
        "write_session_plan", Effect::read, "think",
        R"json({"content": {"type": "string", "description": "the whole plan, in Markdown"}})json",
        {"content"});
};

// A tool without input.
Result<Prepared> prepared_plainly(const ToolFacts& facts, JsonValue input, std::string title) {
    Fields fields(*input, facts.name);
    fields.only({});
    if (Result<void> read = fields.finish(); !read) return read.error();
    Prepared prepared;
    prepared.title = std::move(title);
    prepared.input = std::move(input);
    return prepared;
}

class ReadSessionPlan final : public Tool {
public:
    const ToolFacts& facts() const override { return facts_; }

    async::Task<Result<Prepared>> prepare(ToolContext&, JsonValue input) override {
        co_return prepared_plainly(facts_, std::move(input), "Read the plan");
    }

    async::Task<ToolOutcome> run(ToolContext& context, const Prepared&) override {
        Result<std::string> plan = context.host.read_plan();
        if (!plan) co_return failed_outcome(plan.error().message);
        co_return long_outcome(context.host, std::move(*plan), "");
    }

private:
    ToolFacts facts_ = tool_facts("read_session_plan", Effect::read, "read", "{}", {});
};

class ExitPlanMode final : public Tool {
public:
    const ToolFacts& facts() const override { return facts_; }

    async::Task<Result<Prepared>> prepare(ToolContext&, JsonValue input) override {
        co_return prepared_plainly(facts_, std::move(input), "Hand in the plan for review");
    }

    async::Task<ToolOutcome> run(ToolContext& context, const Prepared&) override {
        Result<void> submitted = context.host.submit_plan();
        if (!submitted) co_return failed_outcome(submitted.error().message);
        ToolOutcome outcome;
        outcome.output = "Plan ready for review.";
        co_return std::move(outcome);
    }

private:
    ToolFacts facts_ = tool_facts("exit_plan_mode", Effect::read, "think", "{}", {});
};

}  // namespace

std::unique_ptr<Tool> write_session_plan_tool() {
    return std::make_unique<WriteSessionPlan>();
}

std::unique_ptr<Tool> read_session_plan_tool() {
    return std::make_unique<ReadSessionPlan>();
}

std::unique_ptr<Tool> exit_plan_mode_tool() {
    return std::make_unique<ExitPlanMode>();
}

}  // namespace thole
