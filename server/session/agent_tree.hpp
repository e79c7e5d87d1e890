// The sub-agents of a session at any depth, as the clients and `thole agents --json` have them: one
// flat list, parents before children. docs/protocol.md has the fields.
#pragma once
#include <string>
#include <vector>

#include "journal/state.hpp"
#include "session/sessions.hpp"

namespace thole {

struct AgentNode {
    std::string parent_id;
    Child child;
    std::string worktree{};  // while there is one
    std::int64_t pending_approvals = 0;
    std::int64_t tokens = 0, tool_calls = 0;  // of it and all below it
    double cost_usd = 0;
    bool is_interrupted = false;  // it works by its parent's word, but nobody runs it
};

// One of `parent`'s children; `live`: its own state while it works, null when that is not at hand.
AgentNode agent_node(const State& parent, const Child& child, const State* live);

// All below the session with these files. Looks at the disk.
std::vector<AgentNode> agent_tree(const SessionFiles& files);

// How far below the first of its sessions one is, of which there are files in `directory`.
int depth_in_tree(const State& state, const std::string& directory);

Json agent_node_to_json(const AgentNode& node);

}  // namespace thole
