#include "agent/agent.hpp"

#include <set>

#include "agent/answer_stream.hpp"
#include "agent/compaction.hpp"
#include "agent/mcp_tools.hpp"
#include "agent/requests.hpp"
#include "tools/jobs.hpp"
#include "tools/seen_files.hpp"
#include "tools/standard.hpp"

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

TurnEnd ended(std::string stop_reason) {
    return {std::move(stop_reason), {}};
}
TurnEnd failed(Error error) {
    if (error.code == Code::cancelled) return ended("cancelled");
    if (error.code == Code::refused) return ended("refusal");
    if (error.code == Code::limit) return {"limit", std::move(error)};
    return {"error", std::move(error)};
}

// Providers take 64 characters.
constexpr std::size_t longest_call_id = 40;

constexpr const char* at_work = "the agent is at work: wait for the end of its turn, or cancel it";

ToolSet all_tools(const SkillShelf& skills) {
    ToolSet tools = standard_tools();
    tools.add(skill_tool(skills));
    return tools;
}

class AtWork {
public:
    explicit AtWork(bool& flag) : flag_(flag) { flag_ = true; }
    ~AtWork() { flag_ = false; }
    AtWork(const AtWork&) = delete;
    AtWork& operator=(const AtWork&) = delete;

private:
    bool& flag_;
};

}  // namespace

struct Agent::Impl final : ToolHost {
    explicit Impl(Parts parts)
        : loop(parts.loop),
          conversation(parts.conversation),
          limits(parts.limits),
          budget(std::move(parts.budget)),
          roots(std::move(parts.roots)),
          jobs(parts.loop),
          tools(all_tools(parts.skills)),
          context{parts.loop,     roots, parts.files, parts.http,
                  *this,          jobs,  seen,        std::move(parts.environment),
                  parts.terminals},
          foreign(parts.servers, [skills = parts.skills] { return all_tools(skills); }),
          calls(tools, context, conversation, {parts.configured, parts.profiles, parts.hooks}),
          profiles(parts.profiles),
          requests(parts.models, conversation, tools, context,
                   {parts.profiles, *budget, parts.skills.current}),
          compaction(requests, parts.context, parts.hooks) {}

    async::Task<TurnEnd> run_turn();
    async::Task<TurnEnd> continue_turn();
    async::Task<Result<void>> compact();
    async::Task<TurnEnd> go_on();
    async::Task<TurnEnd> round_trip();
    bool hands_in_plan(const TurnEnd& end);
    async::Task<void> gather_tools();
    async::Task<Result<Reply>> ask_model(AnswerStream& answer);
    async::Task<Result<Reply>> ask_once(AnswerStream& answer, model::Request& request);
    static Error given_up(AnswerStream& answer, Error error);
    TurnEnd stop_at(std::string limit, std::int64_t value, std::string stop_reason);
    async::Task<TurnEnd> run_calls(const Reply& reply, std::string message_id);
    void make_ids_unique(std::vector<model::ToolCall>& asked, const std::string& message_id);

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
    Result<std::string> write_plan(std::string content) override {
        return conversation.write_plan(std::move(content));
    }
    Result<std::string> read_plan() override { return conversation.read_plan(); }
    Result<void> submit_plan() override { return conversation.submit_plan(); }
    Subagents& subagents() override { return conversation.subagents(); }
    void refused(EffectRefused effect) override { conversation.emit(std::move(effect)); }

    async::Loop& loop;
    Conversation& conversation;
    Limits limits;
    std::shared_ptr<Budget> budget;
    Roots roots;
    Jobs jobs;
    SeenFiles seen;
    ToolSet tools;
    ToolContext context;
    McpTools foreign;
    CallRunner calls;
    const Profiles& profiles;
    Requests requests;
    Compaction compaction;
    bool is_at_work = false;  // a turn or a compaction runs
    std::int64_t round_trips = 0;
    std::int64_t plan_before_turn = 0;  // its revision
    std::set<std::string> known_calls;  // ids
};

Agent::Agent(Parts parts) : impl_(std::make_unique<Impl>(std::move(parts))) {}
Agent::~Agent() = default;
async::Task<TurnEnd> Agent::run_turn() {
    return impl_->run_turn();
}
async::Task<TurnEnd> Agent::continue_turn() {
    return impl_->continue_turn();
}
async::Task<Result<void>> Agent::compact() {
    return impl_->compact();
}
async::Task<void> Agent::close() {
    return impl_->jobs.close();
}

async::Task<TurnEnd> Agent::Impl::run_turn() {
    if (is_at_work) co_return failed(fail(Code::busy, at_work));
    AtWork now(is_at_work);
    TurnEnd end = co_await go_on();
    co_return end;
}

async::Task<TurnEnd> Agent::Impl::continue_turn() {
    if (is_at_work) co_return failed(fail(Code::busy, at_work));
    AtWork now(is_at_work);
    co_await gather_tools();
    std::vector<ToolCallStarted> open = conversation.state().open_calls;
    Result<void> done = co_await calls.resume(std::move(open));
    if (!done) co_return failed(done.error());
    TurnEnd end = co_await go_on();
    co_return end;
}

async::Task<Result<void>> Agent::Impl::compact() {
    if (is_at_work) co_return fail(Code::busy, at_work);
    if (std::optional<LimitReached> limit = budget->reached()) {
        co_return fail(Code::limit, "not summarised: the limit " + limit->limit + " is reached");
    }
    AtWork now(is_at_work);
    Result<void> done = co_await compaction.by_hand();
    co_return done;
}

async::Task<TurnEnd> Agent::Impl::go_on() {
    compaction.begin_turn();
    plan_before_turn = conversation.state().plan.revision;
    for (std::int64_t turn = 0; turn < limits.max_turns_per_run; ++turn) {
        Result<PlanStanding> plan = co_await conversation.settle_plan();
        if (!plan) co_return failed(plan.error());
        if (*plan != PlanStanding::clear) co_return ended("end_turn");
        if (auto limit = budget->reached()) co_return stop_at(limit->limit, limit->value, "limit");
        TurnEnd end = co_await round_trip();
        if (hands_in_plan(end)) continue;
        bool has_news = false;
        if (end.stop_reason == "end_turn") has_news = co_await conversation.await_background();
        if (has_news) continue;
        if (!end.stop_reason.empty()) co_return end;
        if (++round_trips % limits.checkpoint_interval != 0) continue;
        conversation.emit(Checkpoint{round_trips});
        conversation.checkpoint();
    }
    co_return stop_at("max_turns_per_run", limits.max_turns_per_run, "max_turn_requests");
}

async::Task<TurnEnd> Agent::Impl::round_trip() {
    AnswerStream answer(conversation);
    Result<Reply> reply = co_await ask_model(answer);
    if (!reply) co_return failed(reply.error());
    TurnEnd end = co_await run_calls(*reply, answer.message_id());
    co_return end;
}

// A model that writes a plan and stops without a word for exit_plan_mode means that one.
bool Agent::Impl::hands_in_plan(const TurnEnd& end) {
    const State& state = conversation.state();
    bool is_left = end.stop_reason == "end_turn" && state.mode == "plan" &&
                   state.plan_status == "drafting" && state.plan.revision > plan_before_turn;
    if (!is_left) return false;
    plan_before_turn = state.plan.revision;
    return conversation.submit_plan().has_value();
}

// Not for an agent that has none of them.
async::Task<void> Agent::Impl::gather_tools() {
    if (!has_foreign_tools(profiles, conversation.state())) co_return;
    bool has_changed = co_await foreign.refresh(tools);
    if (has_changed) requests.look_at_tools();
}

async::Task<Result<Reply>> Agent::Impl::ask_model(AnswerStream& answer) {
    co_await gather_tools();
    model::Request request = requests.next();
    std::size_t weight = weight_of(request);
    Result<bool> is_shorter = co_await compaction.before_request(weight);
    if (!is_shorter) co_return given_up(answer, is_shorter.error());
    if (*is_shorter) request = requests.next();
    Result<Reply> reply = co_await ask_once(answer, request);
    while (!reply && reply.error().code == Code::too_large && compaction.is_automatic()) {
        answer.discard(reply.error(), true);
        Result<void> room = co_await compaction.after_overflow(reply.error());
        if (!room) co_return given_up(answer, room.error());
        request = requests.next();
        reply = co_await ask_once(answer, request);
    }
    if (!reply) co_return given_up(answer, reply.error());
    co_return reply;
}

async::Task<Result<Reply>> Agent::Impl::ask_once(AnswerStream& answer, model::Request& request) {
    model::PieceSink on_piece = [&answer](const model::Piece& piece) { answer.take(piece); };
    model::RetrySink on_retry = [&answer](const model::Retry& retry) {
        answer.discard(retry.error, true);
    };
    Result<Reply> reply = co_await requests.ask(request, on_piece, on_retry);
    if (!reply) co_return reply;
    answer.finish(*reply);
    requests.account(*reply);
    compaction.measured(reply->usage.input);
    co_return reply;
}

Error Agent::Impl::given_up(AnswerStream& answer, Error error) {
    if (error.code == Code::cancelled) {
        answer.break_off();
    } else {
        answer.discard(error, false);
    }
    return error;
}

// Some servers count the calls of each answer from one, and a session has each id once. The id of
// the message comes once in a session.
void Agent::Impl::make_ids_unique(std::vector<model::ToolCall>& asked,
                                  const std::string& message_id) {
    if (known_calls.empty()) {
        for (const ContextItem& item : conversation.state().context)
            known_calls.insert(item.call_id);
    }
    for (std::size_t i = 0; i < asked.size(); ++i) {
        std::string& id = asked[i].id;
        if (known_calls.contains(id)) {
            id = id.substr(0, longest_call_id) + "_" + message_id + "_" + std::to_string(i);
        }
        known_calls.insert(id);
    }
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
    auto room = budget->take_calls(static_cast<std::int64_t>(wanted));
    asked.resize(static_cast<std::size_t>(room));
    bool is_cut = asked.size() < wanted;
    make_ids_unique(asked, message_id);
    Result<void> done = co_await calls.run(std::move(asked), std::move(message_id));
    if (!done) co_return failed(done.error());
    if (is_cut) co_return stop_at("max_tool_calls", budget->max_tool_calls(), "limit");
    co_return TurnEnd{};
}

TurnEnd Agent::Impl::stop_at(std::string limit, std::int64_t value, std::string stop_reason) {
    conversation.emit(LimitReached{std::move(limit), value});
    return ended(std::move(stop_reason));
}

}  // namespace thole
