// What became of a headless run: a fold over the events of its session, the exit code that follows,
// and the JSON document of --json. Pure.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "base/json_fwd.hpp"
#include "journal/state.hpp"
#include "session/agent_tree.hpp"

namespace thole::cli {

struct DeniedCall {
    std::string call_id, tool, title, reason;
    bool operator==(const DeniedCall&) const = default;
};

// A sub-agent that was started in the run. Its figures include those below it.
struct RunAgent {
    std::string id, parent_id, task;
    std::string status = "running", branch{}, result = "none";
    std::vector<std::string> changed_files{};  // relative to its tree
    std::int64_t tokens = 0, tool_calls = 0;
    double cost_usd = 0;
    bool operator==(const RunAgent&) const = default;
};

struct RunReport {
    std::string session_id, model, mode;
    std::string status = "failed";  // completed cancelled failed
    std::string prompt_id;          // message id of the prompt that is waited for
    std::string stop_reason;        // "" until the prompt has ended
    std::string answer, answer_id;  // the last answer
    std::string limit;              // that was reached
    std::string error_code, error;
    std::vector<DeniedCall> denied;
    std::vector<std::string> changed_files;  // absolute, in order of first change
    std::int64_t tool_calls = 0;
    Usage usage;                   // of this run
    std::vector<RunAgent> agents;  // parents before children
    std::vector<ToolCallStarted> open_calls;
    std::map<std::string, std::string> refusals;  // call id → why
    PlanUpdated plan;                             // as it stood at the end; revision 0: none
    std::string plan_status, decision;            // decision: of the last review in this run

    void take(const Event& event);
    bool has_ended() const { return !stop_reason.empty(); }
    bool is_good() const { return stop_reason == "end_turn"; }
    void fail(const Error& failure);
    void note_plan(const State& state);
    // Those below the sub-agents of this run, which the session's own events do not tell of.
    void note_tree(const std::vector<AgentNode>& nodes);
    int exit_code() const;
    Json to_json() const;
};

// The report of a run that could not begin.
RunReport report_of_failure(const Error& error);

}  // namespace thole::cli
