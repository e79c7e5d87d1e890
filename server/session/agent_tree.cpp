#include "session/agent_tree.hpp"

#include "base/json.hpp"
#include "journal/catalog.hpp"

namespace thole {
namespace {

constexpr int deepest = 16;

void add_below(std::vector<AgentNode>& nodes, const SessionFiles& files, int depth) {
    Result<Seen> seen = inspect_session(files);
    if (!seen || depth == deepest) return;
    for (const Child& child : seen->state.children) {
        const std::string& id = child.spawned.child_session_id;
        SessionFiles below{files.directory, id};
        Result<Seen> its = inspect_session(below);
        nodes.push_back(agent_node(seen->state, child, its ? &its->state : nullptr));
        bool has_tree = child.ended_at.empty() || child.result == "changes";
        if (its && has_tree) nodes.back().worktree = its->state.worktree_path;
        bool is_alone = its && !its->is_alive;
        nodes.back().is_interrupted = child.ended_at.empty() && (is_alone || !seen->is_alive);
        add_below(nodes, below, depth + 1);
    }
}

void set_unless_empty(Json& json, const char* key, const std::string& value) {
    if (!value.empty()) json[key] = value;
}

}  // namespace

AgentNode agent_node(const State& parent, const Child& child, const State* live) {
    AgentNode node;
    node.parent_id = parent.id;
    node.child = child;
    node.tokens = child.completed.tokens;
    node.tool_calls = child.completed.tool_calls;
    node.cost_usd = child.completed.cost_usd;
    bool is_at_work = child.ended_at.empty();
    if (!live || !is_at_work) return node;
    node.worktree = live->worktree_path;
    node.pending_approvals = static_cast<std::int64_t>(live->pending_approvals.size());
    node.tokens = live->usage.input_tokens + live->usage.output_tokens;
    node.tool_calls = live->usage.tool_calls;
    node.cost_usd = live->usage.cost_usd;
    if (node.child.completed.branch.empty()) node.child.completed.branch = live->branch;
    return node;
}

std::vector<AgentNode> agent_tree(const SessionFiles& files) {
    std::vector<AgentNode> nodes;
    add_below(nodes, files, 0);
    return nodes;
}

int depth_in_tree(const State& state, const std::string& directory) {
    int depth = 0;
    std::string parent = state.parent_session_id;
    while (!parent.empty() && depth < deepest) {
        ++depth;
        Result<Seen> seen = inspect_session({directory, parent});
        parent = seen ? seen->state.parent_session_id : "";
    }
    return depth;
}

Json agent_node_to_json(const AgentNode& node) {
    const Child& child = node.child;
    const ChildSessionCompleted& done = child.completed;
    Json json{{"agentId", child.spawned.child_session_id},
              {"parentId", node.parent_id},
              {"task", child.spawned.task},
              {"state", node.is_interrupted ? "failed" : child.status},
              {"background", child.spawned.background},
              {"result", child.result},
              {"activity", child.activity},
              {"tokens", node.tokens},
              {"toolCalls", node.tool_calls},
              {"costUsd", node.cost_usd},
              {"pendingApprovals", node.pending_approvals},
              {"startedAt", child.started_at}};
    if (node.is_interrupted) json["interrupted"] = true;
    set_unless_empty(json, "callId", child.spawned.call_id);
    set_unless_empty(json, "agent", child.spawned.agent);
    set_unless_empty(json, "branch", done.branch);
    set_unless_empty(json, "worktree", node.worktree);
    set_unless_empty(json, "endedAt", child.ended_at);
    set_unless_empty(json, "error", done.error);
    if (!done.changed_files.empty()) {
        json["files"] = done.changed_files;
        json["diffstat"] = {{"files", done.changed_files.size()},
                            {"insertions", done.insertions},
                            {"deletions", done.deletions}};
    }
    return json;
}

}  // namespace thole
