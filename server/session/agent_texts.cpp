#include "session/agent_texts.hpp"

#include <cstdio>
#include <map>

#include "base/text.hpp"

namespace thole {
namespace {

std::string files_text(std::size_t count) {
    return std::to_string(count) + (count == 1 ? " file" : " files");
}

void add(std::string& line, const std::string& part) {
    if (!part.empty()) line += " · " + part;
}

std::string node_line(const AgentNode& node) {
    const Child& child = node.child;
    std::string line = "`" + child.spawned.child_session_id + "` **" + state_of(node) + "**";
    add(line, fate_of(node));
    add(line, child.spawned.agent);
    if (!child.completed.branch.empty()) add(line, "`" + child.completed.branch + "`");
    add(line, diffstat_text(child.completed));
    if (node.cost_usd > 0) add(line, cost_text(node.cost_usd));
    if (node.pending_approvals > 0) add(line, "waits for an approval");
    return line + ": " + one_line(child.spawned.task, 120);
}

const git::FileChange* change_of(const MergeOutcome& outcome, const std::string& path) {
    for (const git::FileChange& change : outcome.changes) {
        if (change.path == path) return &change;
    }
    return nullptr;
}

}  // namespace

std::string short_agent_id(const std::string& id) {
    std::size_t dash = id.rfind('-');
    bool is_whole = dash == std::string::npos || dash + 1 == id.size();
    return is_whole ? id : id.substr(dash + 1);
}

std::string state_of(const AgentNode& node) {
    return node.is_interrupted ? "interrupted" : node.child.status;
}

std::string fate_of(const AgentNode& node) {
    return node.child.result == "none" ? "" : node.child.result;
}

std::string diffstat_text(const ChildSessionCompleted& done) {
    if (done.changed_files.empty()) return {};
    return "+" + std::to_string(done.insertions) + " −" + std::to_string(done.deletions) + ", " +
           files_text(done.changed_files.size());
}

std::string cost_text(double cost_usd) {
    char text[32];
    std::snprintf(text, sizeof text, "$%.4f", cost_usd);
    return text;
}

std::vector<int> depths_of(const std::vector<AgentNode>& nodes) {
    std::map<std::string, int> known;
    std::vector<int> depths;
    for (const AgentNode& node : nodes) {
        auto parent = known.find(node.parent_id);
        depths.push_back(parent == known.end() ? 0 : parent->second + 1);
        known[node.child.spawned.child_session_id] = depths.back();
    }
    return depths;
}

std::string agents_as_markdown(const std::vector<AgentNode>& nodes) {
    if (nodes.empty()) return "There are no sub-agents.";
    std::vector<int> depths = depths_of(nodes);
    std::string text;
    bool can_merge = false;
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        text += std::string(static_cast<std::size_t>(2 * depths[i]), ' ') + "- " +
                node_line(nodes[i]) + "\n";
        can_merge = can_merge || nodes[i].child.result == "changes";
    }
    if (can_merge) text += "\n`/agents preview`, `merge` or `discard` with an id goes on.\n";
    return text;
}

std::string preview_title(const std::string& id, const MergeOutcome& outcome) {
    return "Merge " + files_text(outcome.files.size()) + " of " + id + ": " + outcome.status;
}

std::string preview_as_markdown(const std::string& id, const MergeOutcome& outcome) {
    std::string text = preview_title(id, outcome) + "\n\n";
    for (const git::MergedFile& file : outcome.files) {
        text += "- `" + file.path + "` " + std::string(name_of(file.status));
        if (const git::FileChange* change = change_of(outcome, file.path)) {
            text += " +" + std::to_string(change->insertions) + " −" +
                    std::to_string(change->deletions);
        }
        text += ": " + (file.why.empty() ? std::string(name_of(file.verdict)) : file.why) + "\n";
        if (!file.conflict.empty()) text += "\n```\n" + file.conflict + "\n```\n";
    }
    if (!outcome.diff.empty()) text += "\n```diff\n" + outcome.diff + "```\n";
    return text;
}

std::string said_of(const WorktreeMerged& merged) {
    const std::string& id = merged.child_session_id;
    if (merged.result == "branch") {
        return "The work of " + id + " is on the branch " + merged.branch + ".\n";
    }
    if (merged.result == "discarded") {
        std::string kept = merged.rescue_ref.empty()
                               ? "there was nothing to keep"
                               : "it can still be reached as " + merged.rescue_ref;
        return "The work of " + id + " is discarded; " + kept + ".\n";
    }
    std::string text = "Merged " + files_text(merged.files.size()) + " of " + id +
                       " into your files, not committed:\n\n";
    for (const std::string& file : merged.files) text += "- " + file + "\n";
    return text;
}

}  // namespace thole
