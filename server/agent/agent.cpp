#include "agent/agent.hpp"

#include "agent/answer_stream.hpp"
#include "agent/context.hpp"
#include "agent/instructions.hpp"
#include "base/json.hpp"
#include "tools/jobs.hpp"
#include "tools/seen_files.hpp"
#include "workspace/git_head.hpp"

namespace thole {
namespace {

using model::Reply;

std::vector<model::ToolCall> calls_of(const Reply& reply) {
    std::vector<model::ToolCall> calls;
    for (const model::Block& block : reply.blocks) {
        if (const auto* call = std::get_if<model::ToolCall>(&block)) calls.push_back(*call);
    }
    return calls;
}

std::vector<model::ToolSpec> specs_of(const ToolSet& tools) {
    std::vector<model::ToolSpec> specs;
    for (const ToolFacts* facts : tools.facts()) {
        auto schema = std::make_shared<const Json>(*facts->schema);
        specs.push_back({facts->name, facts->description, std::move(schema)});
    }
    return specs;
}

TurnEnd ended(std::string stop_reason) {
    return {std::move(stop_reason), {}};
}
TurnEnd failed(Error error) {
    if (error.code == Code::cancelled) return ended("cancelled");
    if (error.code == Code::refused) return ended("refusal");
    return {"error", std::move(error)};
}

}  // namespace

struct Agent::Impl final : ToolHost {
    explicit Impl(Parts parts)
        : loop(parts.loop),
          models(parts.models),
          conversation(parts.conversation),
          limits(parts.limits),
          roots(std::move(parts.roots)),
          jobs(parts.loop),
          tools(standard_tools()),
          context{parts.loop, roots, parts.files, parts.http,
                  *this,      jobs,  seen,        std::move(parts.environment)},
          calls(tools, context, conversation, parts.configured),
          specs(specs_of(tools)) {}

    async::Task<TurnEnd> run_turn();
    async::Task<Result<Reply>> ask_model(AnswerStream& answer);
    std::optional<TurnEnd> reached_limit();
    TurnEnd stop_at(std::string limit, std::int64_t value, std::string stop_reason);
    void fit_to_run(std::vector<model::ToolCall>& asked);
    void report_cost(const Reply& reply, const std::string& model);
    std::string system() const;
    async::Task<TurnEnd> run_calls(const Reply& reply, std::string message_id);

    void show_output(const std::string& call_id, std::string_view text) override {
        conversation.stream(ToolOutputChunk{call_id, std::string(text)});
    }
    Result<std::string> store_blob(std::string_view content) override {
        return conversation.store_blob(content);
    }
    const std::vector<TaskItem>& tasks() const override { return conversation.state().tasks; }
    void replace_tasks(std::vector<TaskItem> list) override {
        conversation.emit(TodosUpdated{std::move(list)});
    }
    async::Task<Result<JsonValue>> ask(QuestionRequested question) override {
        return conversation.ask_question(std::move(question));
    }
    std::string timestamp() const override { return conversation.timestamp(); }

    async::Loop& loop;
    model::Models& models;
    Conversation& conversation;
    Limits limits;
    Roots roots;
    Jobs jobs;
    SeenFiles seen;
    ToolSet tools;
    ToolContext context;
    CallRunner calls;
    std::vector<model::ToolSpec> specs;
    std::int64_t calls_of_run = 0;
    std::int64_t round_trips = 0;
};

Agent::Agent(Parts parts) : impl_(std::make_unique<Impl>(std::move(parts))) {}
Agent::~Agent() = default;
async::Task<TurnEnd> Agent::run_turn() {
    return impl_->run_turn();
}
async::Task<TurnEnd> Agent::continue_turn() {
    return impl_->run_turn();
}
async::Task<Result<void>> Agent::compact() {
    co_return fail(Code::internal, "compaction is not wired");
}
async::Task<void> Agent::close() {
    return impl_->jobs.close();
}

async::Task<TurnEnd> Agent::Impl::run_turn() {
    for (std::int64_t turn = 0; turn < limits.max_turns_per_run; ++turn) {
        if (std::optional<TurnEnd> limit = reached_limit()) co_return *limit;
        AnswerStream answer(conversation);
        Result<Reply> reply = co_await ask_model(answer);
        if (!reply) co_return failed(reply.error());
        TurnEnd end = co_await run_calls(*reply, answer.message_id());
        if (!end.stop_reason.empty()) co_return end;
        if (++round_trips % limits.checkpoint_interval != 0) continue;
        conversation.emit(Checkpoint{round_trips});
        conversation.checkpoint();
    }
    co_return stop_at("max_turns_per_run", limits.max_turns_per_run, "max_turn_requests");
}

async::Task<Result<Reply>> Agent::Impl::ask_model(AnswerStream& answer) {
    std::string model = conversation.state().model;
    model::Request request;
    request.system = system();
    request.messages = build_messages(conversation.state());
    request.tools = specs;
    request.max_output_tokens = models.facts(model).max_output_tokens;
    std::string level = conversation.state().thought_level;
    request.thought_level = model::parse_thought_level(level).value_or(model::ThoughtLevel::off);
    model::PieceSink on_piece = [&answer](const model::Piece& piece) { answer.take(piece); };
    model::RetrySink on_retry = [&answer](const model::Retry& retry) {
        answer.discard(retry.error, true);
    };
    Result<Reply> reply = co_await models.complete(model, request, on_piece, on_retry);
    if (reply) {
        answer.finish(*reply, model);
        report_cost(*reply, model);
    } else if (reply.error().code == Code::cancelled) {
        answer.break_off();
    } else {
        answer.discard(reply.error(), false);
    }
    co_return reply;
}

// An empty stop_reason: the model wants to see the results.
async::Task<TurnEnd> Agent::Impl::run_calls(const Reply& reply, std::string message_id) {
    std::vector<model::ToolCall> asked = calls_of(reply);
    if (asked.empty()) {
        if (reply.stop == model::StopReason::max_tokens) co_return ended("max_tokens");
        if (reply.stop == model::StopReason::refusal) co_return ended("refusal");
        co_return ended("end_turn");
    }
    if (static_cast<std::int64_t>(asked.size()) > limits.max_tool_calls_per_turn) {
        co_return stop_at("max_tool_calls_per_turn", limits.max_tool_calls_per_turn, "limit");
    }
    std::size_t wanted = asked.size();
    fit_to_run(asked);
    bool is_cut = asked.size() < wanted;
    Result<void> done = co_await calls.run(std::move(asked), std::move(message_id));
    if (!done) co_return failed(done.error());
    if (is_cut) co_return stop_at("max_tool_calls", limits.max_tool_calls, "limit");
    co_return TurnEnd{};
}

// Leaves as many calls as `--max-tool-calls` still has room for.
void Agent::Impl::fit_to_run(std::vector<model::ToolCall>& asked) {
    if (limits.max_tool_calls > 0) {
        auto room = static_cast<std::size_t>(limits.max_tool_calls - calls_of_run);
        if (asked.size() > room) asked.resize(room);
    }
    calls_of_run += static_cast<std::int64_t>(asked.size());
}

std::optional<TurnEnd> Agent::Impl::reached_limit() {
    const Usage& usage = conversation.state().usage;
    std::int64_t tokens = usage.input_tokens + usage.output_tokens;
    if (limits.max_tokens_total > 0 && tokens >= limits.max_tokens_total) {
        return stop_at("max_tokens_total", limits.max_tokens_total, "limit");
    }
    if (limits.max_cost > 0 && usage.cost_usd >= limits.max_cost) {
        return stop_at("max_cost", static_cast<std::int64_t>(usage.cost_usd * 100), "limit");
    }
    return std::nullopt;
}

TurnEnd Agent::Impl::stop_at(std::string limit, std::int64_t value, std::string stop_reason) {
    conversation.emit(LimitReached{std::move(limit), value});
    return ended(std::move(stop_reason));
}

void Agent::Impl::report_cost(const Reply& reply, const std::string& model) {
    CostUpdated cost;
    cost.model = model;
    cost.input_tokens = reply.usage.input;
    cost.output_tokens = reply.usage.output;
    cost.cached_read_tokens = reply.usage.cached_read;
    cost.cached_write_tokens = reply.usage.cached_write;
    cost.thought_tokens = reply.usage.thought;
    std::optional<double> price = models.cost(model, reply.usage);
    cost.price_known = price.has_value();
    cost.cost_usd = price.value_or(0);
    cost.context_used = reply.usage.input + reply.usage.output;
    cost.context_size = models.facts(model).context_size;
    conversation.emit(std::move(cost));
}

std::string Agent::Impl::system() const {
    const State& state = conversation.state();
    Surroundings surroundings;
    surroundings.workspace = state.workspace;
    surroundings.cwd = state.cwd;
    surroundings.branch = current_branch(state.cwd);
    surroundings.date = conversation.timestamp().substr(0, 10);
    surroundings.platform = platform_name();
    surroundings.mode = state.mode;
    return system_prompt(surroundings);
}

}  // namespace thole
