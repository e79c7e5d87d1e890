#include "agent/requests.hpp"

#include <algorithm>

#include "agent/context.hpp"
#include "agent/instructions.hpp"
#include "base/json.hpp"
#include "workspace/git_head.hpp"

namespace thole {
namespace {

constexpr std::int64_t shortest_answer = 4096;  // tokens

std::vector<model::ToolSpec> specs_of(const ToolSet& tools) {
    std::vector<model::ToolSpec> specs;
    for (const ToolFacts* facts : tools.facts()) {
        auto schema = std::make_shared<const Json>(*facts->schema);
        std::size_t size = weight_of(*schema);
        specs.push_back({facts->name, facts->description, std::move(schema), size});
    }
    return specs;
}

}  // namespace

Requests::Requests(model::Models& models, Conversation& conversation, const ToolSet& tools,
                   const ToolContext& context, Terms terms)
    : models_(models),
      conversation_(conversation),
      terms_(terms),
      tools_(tools),
      context_(context),
      specs_(specs_of(tools)) {}

void Requests::look_at_tools() {
    specs_ = specs_of(tools_);
}

Result<std::string> Requests::model() const {
    if (!state().turn_model.empty()) return models_.resolve(state().turn_model);
    const Profile* working = profile(state());
    if (!working || working->model.empty()) return state().model;
    Result<std::string> resolved = models_.resolve(working->model);
    if (resolved) return resolved;
    return fail(resolved.error().code, "the model of agent '" + working->name + "' (" +
                                           working->source + "): " + resolved.error().message);
}

model::Request Requests::next(const State& state) const {
    model::Request request;
    request.system = system(state);
    request.messages = build_messages(state);
    for (const model::ToolSpec& tool : specs_) {
        bool is_its = has_tool(terms_.profiles, state, tool.name);
        if (is_its && tools_.find(tool.name)->is_usable(context_)) request.tools.push_back(tool);
    }
    request.max_output_tokens = max_output_tokens();
    request.thought_level =
        model::parse_thought_level(state.thought_level).value_or(model::ThoughtLevel::off);
    return request;
}

async::Task<Result<model::Reply>> Requests::ask(model::Request& request,
                                                const model::PieceSink& sink,
                                                const model::RetrySink& on_retry) {
    Result<std::string> model = this->model();
    if (!model) co_return model.error();
    asked_ = *model;
    asked_weight_ = weight_of(request);
    request.must_be_priced = terms_.budget.limits_cost();
    if (request.must_be_priced) co_await models_.learn(asked_);
    if (request.must_be_priced && !models_.cost(asked_, model::TokenUsage{})) {
        co_return fail(Code::limit, "the price of " + asked_ +
                                        " is not known, so that a limit of cost cannot be held; "
                                        "choose another model, or go without --max-cost");
    }
    leave_room(request);
    std::int64_t expected = tokens(asked_weight_);
    terms_.budget.reserve(expected);
    Result<model::Reply> reply = co_await models_.complete(asked_, request, sink, on_retry);
    terms_.budget.release(expected);
    if (reply && !reply->model.empty()) asked_ = reply->model;
    co_return reply;
}

// Providers refuse a request whose longest answer would not fit beside it.
void Requests::leave_room(model::Request& request) {
    std::int64_t size = context_size();
    std::int64_t room = size - tokens(asked_weight_) * 105 / 100;
    if (size == 0 || room >= request.max_output_tokens) return;
    request.max_output_tokens = std::max(room, std::min(size, shortest_answer));
}

void Requests::account(const model::Reply& reply) {
    gauge_.measure(asked_weight_, reply.usage.input);
    report(reply, reply.usage.input + reply.usage.output);
}

void Requests::account_aside(const model::Reply& reply) {
    report(reply, state().usage.context_used);
}

void Requests::report(const model::Reply& reply, std::int64_t context_used) {
    CostUpdated cost;
    cost.model = asked_;
    cost.input_tokens = reply.usage.input;
    cost.output_tokens = reply.usage.output;
    cost.cached_read_tokens = reply.usage.cached_read;
    cost.cached_write_tokens = reply.usage.cached_write;
    cost.thought_tokens = reply.usage.thought;
    std::optional<double> price = models_.cost(cost.model, reply.usage);
    cost.price_known = price.has_value();
    cost.cost_usd = price.value_or(0);
    cost.context_used = context_used;
    cost.context_size = models_.facts(asked_).context_size;
    terms_.budget.spend(cost.input_tokens + cost.output_tokens, cost.cost_usd);
    conversation_.emit(std::move(cost));
}

std::int64_t Requests::tokens(std::size_t weight) {
    calibrate();
    return gauge_.tokens(weight);
}

std::size_t Requests::weight(std::int64_t tokens) {
    calibrate();
    return gauge_.weight(tokens);
}

// In a process that has not yet asked: what the last request has measured was the conversation up
// to the model's last answer.
void Requests::calibrate() {
    if (gauge_.is_calibrated() || state().usage.context_used <= 0) return;
    model::Request before = next();
    bool has_news =
        !before.messages.empty() && before.messages.back().role == model::Message::Role::user;
    if (has_news) before.messages.pop_back();
    gauge_.measure(weight_of(before), state().usage.context_used);
}

std::int64_t Requests::context_size() const {
    return models_.facts(model().value_or(state().model)).context_size;
}

std::int64_t Requests::max_output_tokens() const {
    return models_.facts(model().value_or(state().model)).max_output_tokens;
}

std::string Requests::system(const State& state) const {
    Surroundings surroundings;
    surroundings.workspace = state.workspace;
    surroundings.cwd = state.cwd;
    surroundings.branch = current_branch(state.cwd);
    surroundings.date = conversation_.timestamp().substr(0, 10);
    surroundings.platform = platform_name();
    surroundings.mode = state.mode;
    if (const Profile* working = profile(state)) surroundings.instruction = working->instruction;
    if (!state.parent_session_id.empty()) surroundings.inherited = state.inherited_summary;
    surroundings.is_subagent = !state.parent_session_id.empty();
    surroundings.worktree = state.worktree_path;
    SkillList skills = this->skills();
    bool reads_skills = skills && has_tool(terms_.profiles, state, skill_tool_name);
    if (reads_skills) surroundings.skills = skill_index(*skills);
    return system_prompt(surroundings);
}

}  // namespace thole
