// `thole agents`: the sub-agents of a session as a tree, and what becomes of their work.
#pragma once
#include "cli/command.hpp"
#include "session/agent_tree.hpp"
#include "session/child_work.hpp"

namespace thole::cli {

// The tree, or with --preview, --merge, --discard or --cancel that of one of them. What is refused
// says why and gives 1.
async::Task<int> show_agents(Parts& parts, const Invocation& invocation);

// Two lines each: id, state, what became of its work and the task; below it the rest.
std::string agents_text(const std::vector<AgentNode>& nodes, const Look& look);
// One document, as docs/protocol.md has a node.
Json agents_to_json(const std::string& session_id, const std::vector<AgentNode>& nodes);

// What merging would do: a line for each file, its conflict, and then the diff.
std::string preview_text(const std::string& id, const MergeOutcome& outcome, const Look& look);

// A unified diff with its colours.
std::string colored_diff(std::string_view diff, const Look& look);

}  // namespace thole::cli
