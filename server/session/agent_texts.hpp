// Sub-agents in words: what terminals and slash commands say of them. Pure.
#pragma once
#include <string>
#include <vector>

#include "session/agent_tree.hpp"
#include "session/child_work.hpp"

namespace thole {

// "20261128-1405-k3fa" → "k3fa": what is enough among the sub-agents of one session.
std::string short_agent_id(const std::string& id);

std::string state_of(const AgentNode& node);  // "running", …, "interrupted"
// What became of its work: "" (it left none), changes, merged, branch, discarded.
std::string fate_of(const AgentNode& node);
std::string diffstat_text(const ChildSessionCompleted& done);  // "+12 −3, 4 files"; "": nothing
std::string cost_text(double cost_usd);                        // "$0.0123"

// How many of `nodes` are above each of them; nodes are parents before children.
std::vector<int> depths_of(const std::vector<AgentNode>& nodes);

// Of a tree, a nested list.
std::string agents_as_markdown(const std::vector<AgentNode>& nodes);

// "Merge 2 files of 20261128-1405-k3fa" with how it stands with each.
std::string preview_title(const std::string& id, const MergeOutcome& outcome);
std::string preview_as_markdown(const std::string& id, const MergeOutcome& outcome);

// What came of a command, as a sentence and maybe a list. Not of a refusal.
std::string said_of(const WorktreeMerged& merged);

}  // namespace thole
