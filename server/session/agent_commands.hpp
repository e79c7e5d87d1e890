// What people do with a sub-agent that they name, at any depth below a session: what `thole agents`
// and the slash command share. The session that started it is opened when it is not, and closed
// again. Loop thread.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "session/agent_tree.hpp"
#include "session/child_work.hpp"
#include "session/sessions.hpp"

namespace thole {

// The one that `name` stands for: the unique start of an id, or its last part. Errors: not_found
// (names those there are), invalid_argument (several).
Result<AgentNode> find_agent(const std::vector<AgentNode>& nodes, std::string_view name);

// A sub-agent, and where its session lies.
struct NamedAgent {
    std::string cwd;  // a folder of the workspace
    AgentNode node;
};

// What merging would do; reads only. Errors: busy (it still works), invalid_argument (it has
// nothing to merge), not_found (its tree is gone), git's.
async::Task<Result<MergeOutcome>> preview_agent(Sessions& sessions, NamedAgent agent);

// Into the user's files or, with a name, onto a branch. Errors: invalid_argument (refused, with
// what is in the way), and those of opening the session and of the command.
async::Task<Result<WorktreeMerged>> merge_agent(Sessions& sessions, NamedAgent agent,
                                                std::string branch);
async::Task<Result<WorktreeMerged>> discard_agent(Sessions& sessions, NamedAgent agent);
async::Task<Result<ChildSessionCompleted>> cancel_agent(Sessions& sessions, NamedAgent agent);

// What is typed after /agents: nothing, or preview, merge, discard or cancel with an id. Markdown.
async::Task<std::string> agents_answer(Sessions& sessions, Session& session, std::string typed);

}  // namespace thole
