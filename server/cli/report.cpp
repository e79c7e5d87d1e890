#include "cli/report.hpp"

#include <algorithm>

#include "base/code.hpp"
#include "base/json.hpp"
#include "cli/exit_code.hpp"

namespace thole::cli {
namespace {

void start(RunReport& report, const ToolCallStarted& call) {
    ++report.tool_calls;
    report.open_calls.push_back(call);
}

void complete(RunReport& report, const ToolCallCompleted& done) {
    auto call =
        std::find_if(report.open_calls.begin(), report.open_calls.end(),
                     [&](const ToolCallStarted& one) { return one.call_id == done.call_id; });
    ToolCallStarted started;
    if (call != report.open_calls.end()) {
        started = *call;
        report.open_calls.erase(call);
    }
    if (done.status == "denied") {
        report.denied.push_back(
            {done.call_id, started.tool, started.title, report.refusals[done.call_id]});
    }
    if (done.status != "completed") return;
    const std::vector<FileDiff>& diffs = done.diffs.empty() ? started.diffs : done.diffs;
    for (const FileDiff& diff : diffs) {
        auto& files = report.changed_files;
        if (std::find(files.begin(), files.end(), diff.path) == files.end()) {
            files.push_back(diff.path);
        }
    }
}

void add_cost(RunReport& report, const CostUpdated& cost) {
    Usage& usage = report.usage;
    ++usage.model_requests;
    usage.input_tokens += cost.input_tokens;
    usage.output_tokens += cost.output_tokens;
    usage.cached_read_tokens += cost.cached_read_tokens;
    usage.cached_write_tokens += cost.cached_write_tokens;
    usage.thought_tokens += cost.thought_tokens;
    usage.cost_usd += cost.cost_usd;
    usage.price_known = usage.price_known && cost.price_known;
}

void end_prompt(RunReport& report, const BusyStateChanged& change) {
    if (change.busy || change.message_id != report.prompt_id) return;
    report.stop_reason = change.stop_reason.empty() ? "end_turn" : change.stop_reason;
    report.error_code = change.error_code;
    report.error = change.error;
}

void add_text(RunReport& report, const TokensStreamed& tokens) {
    if (report.answer_id != tokens.message_id) report.answer.clear();
    report.answer_id = tokens.message_id;
    report.answer += tokens.text;
}

RunAgent* find_agent(RunReport& report, const std::string& id) {
    for (RunAgent& agent : report.agents) {
        if (agent.id == id) return &agent;
    }
    return nullptr;
}

void begin_agent(RunReport& report, const ChildSessionSpawned& spawned) {
    RunAgent agent;
    agent.id = spawned.child_session_id;
    agent.parent_id = report.session_id;
    agent.task = spawned.task;
    report.agents.push_back(std::move(agent));
}

void end_agent(RunAgent& agent, const ChildSessionCompleted& done) {
    agent.status = done.status;
    agent.branch = done.branch;
    agent.changed_files = done.changed_files;
    agent.tokens = done.tokens;
    agent.tool_calls = done.tool_calls;
    agent.cost_usd = done.cost_usd;
    if (!done.changed_files.empty()) agent.result = "changes";
}

// False: the event is none of a sub-agent.
bool take_agent(RunReport& report, const Event& event) {
    if (const auto* spawned = std::get_if<ChildSessionSpawned>(&event)) {
        begin_agent(report, *spawned);
    } else if (const auto* done = std::get_if<ChildSessionCompleted>(&event)) {
        if (RunAgent* agent = find_agent(report, done->child_session_id)) end_agent(*agent, *done);
    } else if (const auto* merged = std::get_if<WorktreeMerged>(&event)) {
        RunAgent* agent = find_agent(report, merged->child_session_id);
        bool is_done = agent && merged->result != "refused";
        if (is_done) agent->result = merged->result == "changes" ? "merged" : merged->result;
    } else {
        return false;
    }
    return true;
}

Json agent_to_json(const RunAgent& agent) {
    return {{"id", agent.id},
            {"parent_id", agent.parent_id},
            {"task", agent.task},
            {"status", agent.status},
            {"result", agent.result},
            {"branch", agent.branch},
            {"changed_files", agent.changed_files},
            {"tokens", agent.tokens},
            {"cost_usd", agent.cost_usd},
            {"tool_calls", agent.tool_calls}};
}

// Of the session and all below it.
Json tree_usage_to_json(const RunReport& report) {
    std::int64_t tokens = report.usage.input_tokens + report.usage.output_tokens;
    std::int64_t calls = report.tool_calls;
    double cost = report.usage.cost_usd;
    for (const RunAgent& agent : report.agents) {
        if (agent.parent_id != report.session_id) continue;  // counted above it
        tokens += agent.tokens;
        calls += agent.tool_calls;
        cost += agent.cost_usd;
    }
    return {{"tokens", tokens},
            {"tool_calls", calls},
            {"cost_usd", cost},
            {"agents", report.agents.size()}};
}

Json usage_to_json(const Usage& usage) {
    return {{"input_tokens", usage.input_tokens},
            {"output_tokens", usage.output_tokens},
            {"cached_read_tokens", usage.cached_read_tokens},
            {"cached_write_tokens", usage.cached_write_tokens},
            {"thought_tokens", usage.thought_tokens},
            {"model_requests", usage.model_requests}};
}

}  // namespace

void RunReport::take(const Event& event) {
    if (take_agent(*this, event)) return;
    if (const auto* started = std::get_if<SessionStarted>(&event)) {
        session_id = started->session_id;
        model = started->model;
        mode = started->mode;
    } else if (const auto* tokens = std::get_if<TokensStreamed>(&event)) {
        add_text(*this, *tokens);
    } else if (const auto* call = std::get_if<ToolCallStarted>(&event)) {
        start(*this, *call);
    } else if (const auto* done = std::get_if<ToolCallCompleted>(&event)) {
        complete(*this, *done);
    } else if (const auto* resolved = std::get_if<ApprovalResolved>(&event)) {
        if (resolved->decision == "deny") refusals[resolved->call_id] = resolved->reason;
    } else if (const auto* cost = std::get_if<CostUpdated>(&event)) {
        add_cost(*this, *cost);
    } else if (const auto* reached = std::get_if<LimitReached>(&event)) {
        limit = reached->limit;
    } else if (const auto* failed = std::get_if<ErrorReported>(&event)) {
        if (failed->discarded_message_id == answer_id) answer.clear();
    } else if (const auto* chosen = std::get_if<ModelChanged>(&event)) {
        model = chosen->model;
    } else if (const auto* changed = std::get_if<ModeChanged>(&event)) {
        mode = changed->mode;
    } else if (const auto* reviewed = std::get_if<PlanReviewed>(&event)) {
        decision = reviewed->decision;
    } else if (const auto* busy = std::get_if<BusyStateChanged>(&event)) {
        end_prompt(*this, *busy);
    } else if (const auto* ended = std::get_if<SessionEnded>(&event)) {
        status = ended->reason;
    }
}

int RunReport::exit_code() const {
    if (stop_reason == "error" || stop_reason.empty()) {
        std::optional<Code> code = parse_code(error_code);
        // A model that the provider does not know is a setting to mend, not a missing session.
        if (code == Code::not_found && !session_id.empty()) return exit_configuration;
        return code ? cli::exit_code(*code) : exit_internal;
    }
    if (stop_reason == "cancelled") return limit.empty() ? exit_cancelled : exit_limit;
    if (stop_reason == "refusal") return exit_refused;
    if (stop_reason != "end_turn") return exit_limit;
    if (decision == "rejected") return exit_plan_rejected;
    if (plan_status == "in_review") return exit_unapproved;
    return denied.empty() ? exit_done : exit_unapproved;
}

Json RunReport::to_json() const {
    Json document = {{"schema_version", 1},
                     {"session_id", session_id},
                     {"status", status},
                     {"exit_code", exit_code()},
                     {"stop_reason", stop_reason},
                     {"answer", answer},
                     {"model", model},
                     {"mode", mode},
                     {"tool_calls", tool_calls},
                     {"usage", usage_to_json(usage)},
                     {"tree_usage", tree_usage_to_json(*this)},
                     {"agents", Json::array()},
                     {"changed_files", changed_files},
                     {"denied", Json::array()}};
    for (const DeniedCall& one : denied) {
        document["denied"].push_back(
            {{"tool", one.tool}, {"title", one.title}, {"reason", one.reason}});
    }
    for (const RunAgent& agent : agents) document["agents"].push_back(agent_to_json(agent));
    bool has_price = usage.price_known && usage.model_requests > 0;
    document["cost"] = nullptr;
    if (has_price) document["cost"] = {{"amount", usage.cost_usd}, {"currency", "USD"}};
    if (plan.revision > 0) {
        document["plan"] = {{"status", plan_status},
                            {"revision", plan.revision},
                            {"sha256", plan.sha256},
                            {"path", plan.path},
                            {"content", plan.content}};
    }
    if (!limit.empty()) document["limit"] = limit;
    if (!error.empty()) document["error"] = {{"code", error_code}, {"message", error}};
    return document;
}

void RunReport::fail(const Error& failure) {
    error_code = code_name(failure.code);
    error = failure.message;
    stop_reason = failure.code == Code::cancelled ? "cancelled" : "error";
}

void RunReport::note_plan(const State& state) {
    plan = state.plan;
    plan_status = state.plan_status;
}

void RunReport::note_tree(const std::vector<AgentNode>& nodes) {
    for (const AgentNode& node : nodes) {
        const std::string& id = node.child.spawned.child_session_id;
        bool is_new = !find_agent(*this, id) && find_agent(*this, node.parent_id);
        if (!is_new) continue;
        RunAgent agent;
        agent.id = id;
        agent.parent_id = node.parent_id;
        agent.task = node.child.spawned.task;
        agent.status = node.child.status;
        agent.branch = node.child.completed.branch;
        agent.result = node.child.result;
        agent.changed_files = node.child.completed.changed_files;
        agent.tokens = node.tokens;
        agent.tool_calls = node.tool_calls;
        agent.cost_usd = node.cost_usd;
        agents.push_back(std::move(agent));
    }
}

RunReport report_of_failure(const Error& error) {
    RunReport report;
    report.fail(error);
    return report;
}

}  // namespace thole::cli
