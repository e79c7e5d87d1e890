#include "cli/agents.hpp"

#include <algorithm>

#include "base/json.hpp"
#include "base/text.hpp"
#include "cli/exit_code.hpp"
#include "cli/opening.hpp"
#include "journal/catalog.hpp"
#include "session/agent_commands.hpp"
#include "session/agent_texts.hpp"

namespace thole::cli {
namespace {

using Nodes = std::vector<AgentNode>;

Ink ink_of_state(const std::string& state) {
    if (state == "completed") return Ink::green;
    if (state == "running") return Ink::cyan;
    bool is_bad = state == "failed" || state == "interrupted";
    return is_bad ? Ink::red : Ink::yellow;
}

std::string padded(std::string text, std::size_t width) {
    std::size_t taken = columns(text);
    if (taken < width) text.append(width - taken, ' ');
    return text;
}

std::size_t room_after(const Look& look, std::size_t taken) {
    return look.width > taken + 8 ? look.width - taken : 8;
}

std::string detail_of(const AgentNode& node) {
    const Child& child = node.child;
    std::string text;
    auto add = [&](const std::string& part) {
        if (!part.empty()) text += (text.empty() ? "" : " · ") + printable(part);
    };
    add(child.spawned.agent);
    add(child.spawned.background ? "background" : "");
    add(child.completed.branch);
    add(diffstat_text(child.completed));
    if (node.tool_calls > 0) {
        add(std::to_string(node.tool_calls) + (node.tool_calls == 1 ? " call" : " calls"));
    }
    if (node.tokens > 0) add(count_text(node.tokens) + " tokens");
    if (node.cost_usd > 0) add(cost_text(node.cost_usd));
    return text;
}

std::string node_text(const AgentNode& node, int depth, const Look& look) {
    std::string indent(static_cast<std::size_t>(2 * depth), ' ');
    const Child& child = node.child;
    std::string state = state_of(node), fate = padded(fate_of(node), 9);
    std::string id = padded(printable(child.spawned.child_session_id), 18);
    std::size_t taken = indent.size() + columns(id) + 11 + columns(fate) + 6;
    std::string text = indent + look.paint(Ink::bold, id) + "  " +
                       look.paint(ink_of_state(state), padded(state, 11)) + "  " + fate + "  " +
                       fit(printable(one_line(child.spawned.task, 400)), room_after(look, taken)) +
                       "\n";
    auto below = [&](Ink ink, const std::string& line) {
        if (line.empty()) return;
        std::string cut = fit(line, room_after(look, indent.size() + 4));
        text += indent + "    " + look.paint(ink, cut) + "\n";
    };
    below(Ink::dim, detail_of(node));
    bool waits = node.pending_approvals > 0 || child.status == "waiting";
    if (child.ended_at.empty()) {
        below(waits ? Ink::yellow : Ink::dim, (waits ? "waits: " : "") + printable(child.activity));
    }
    below(Ink::red, printable(one_line(child.completed.error, 400)));
    return text;
}

std::string number_text(const git::FileChange* change, const Look& look) {
    if (!change) return {};
    return "  " + look.paint(Ink::green, "+" + std::to_string(change->insertions)) + " " +
           look.paint(Ink::red, "−" + std::to_string(change->deletions));
}

std::string file_line(const git::MergedFile& file, const MergeOutcome& outcome, const Look& look) {
    auto is_it = [&](const git::FileChange& one) { return one.path == file.path; };
    auto change = std::find_if(outcome.changes.begin(), outcome.changes.end(), is_it);
    bool applies = file.why.empty();
    std::string verdict = padded(std::string(name_of(file.verdict)), 10);
    std::string text = "  " + look.paint(applies ? Ink::green : Ink::red, verdict) + "  " +
                       padded(std::string(name_of(file.status)), 8) + "  " + printable(file.path) +
                       number_text(change == outcome.changes.end() ? nullptr : &*change, look) +
                       "\n";
    if (!applies) text += "    " + look.paint(Ink::red, printable(file.why)) + "\n";
    if (!file.conflict.empty()) text += printable(file.conflict) + "\n";
    return text;
}

Json preview_to_json(const std::string& id, const MergeOutcome& outcome) {
    Json document{{"schema_version", 1},
                  {"agentId", id},
                  {"status", outcome.status},
                  {"files", Json::array()},
                  {"diff", outcome.diff}};
    for (const git::MergedFile& file : outcome.files) {
        Json one{{"path", file.path},
                 {"status", std::string(name_of(file.status))},
                 {"verdict", std::string(name_of(file.verdict))}};
        for (const git::FileChange& change : outcome.changes) {
            if (change.path != file.path) continue;
            one["insertions"] = change.insertions;
            one["deletions"] = change.deletions;
        }
        if (!file.why.empty()) one["why"] = file.why;
        if (!file.conflict.empty()) one["conflict"] = file.conflict;
        document["files"].push_back(std::move(one));
    }
    return document;
}

// Also what has the code of something else: it is the sub-agent that it is about.
int refuse(Parts& parts, const Error& error) {
    parts.output.complain(error.message);
    return exit_internal;
}

async::Task<int> preview(Parts& parts, const Invocation& invocation, NamedAgent agent) {
    std::string id = agent.node.child.spawned.child_session_id;
    Result<MergeOutcome> outcome = co_await preview_agent(parts.sessions, std::move(agent));
    if (!outcome) co_return refuse(parts, outcome.error());
    parts.output.answer(invocation.json ? dump_json(preview_to_json(id, *outcome)) + "\n"
                                        : preview_text(id, *outcome, parts.output.out_look()));
    co_return exit_done;
}

async::Task<int> settle(Parts& parts, const Invocation& invocation, NamedAgent agent) {
    Result<WorktreeMerged> merged = fail(Code::internal, "");
    if (invocation.wish == Invocation::Wish::merge) {
        merged = co_await merge_agent(parts.sessions, std::move(agent), invocation.branch);
    } else {
        merged = co_await discard_agent(parts.sessions, std::move(agent));
    }
    if (!merged) co_return refuse(parts, merged.error());
    if (!invocation.json) parts.output.answer(printable(said_of(*merged)));
    co_return exit_done;
}

async::Task<int> cancel(Parts& parts, const Invocation& invocation, NamedAgent agent) {
    Result<ChildSessionCompleted> done = co_await cancel_agent(parts.sessions, std::move(agent));
    if (!done) co_return refuse(parts, done.error());
    std::string stat = diffstat_text(*done);
    if (!stat.empty()) stat = "; what it has done is on " + done->branch + " (" + stat + ")";
    if (!invocation.json) {
        parts.output.answer(done->status + " " + done->child_session_id + stat + "\n");
    }
    co_return exit_done;
}

async::Task<int> obey(Parts& parts, const Invocation& invocation, NamedAgent agent) {
    switch (invocation.wish) {
        case Invocation::Wish::preview:
            co_return co_await preview(parts, invocation, std::move(agent));
        case Invocation::Wish::cancel:
            co_return co_await cancel(parts, invocation, std::move(agent));
        default:
            co_return co_await settle(parts, invocation, std::move(agent));
    }
}

void show_tree(Parts& parts, const Invocation& invocation, const SessionFiles& files) {
    Nodes nodes = agent_tree(files);
    parts.output.answer(invocation.json ? dump_json(agents_to_json(files.id, nodes)) + "\n"
                                        : agents_text(nodes, parts.output.out_look()));
}

}  // namespace

std::string agents_text(const Nodes& nodes, const Look& look) {
    if (nodes.empty()) return "There are no sub-agents.\n";
    std::vector<int> depths = depths_of(nodes);
    std::string text;
    for (std::size_t i = 0; i < nodes.size(); ++i) text += node_text(nodes[i], depths[i], look);
    return text;
}

Json agents_to_json(const std::string& session_id, const Nodes& nodes) {
    Json document{{"schema_version", 1}, {"session_id", session_id}, {"agents", Json::array()}};
    for (const AgentNode& node : nodes) document["agents"].push_back(agent_node_to_json(node));
    return document;
}

std::string preview_text(const std::string& id, const MergeOutcome& outcome, const Look& look) {
    std::string text = look.paint(Ink::bold, preview_title(id, outcome)) + "\n";
    for (const git::MergedFile& file : outcome.files) text += file_line(file, outcome, look);
    if (!outcome.diff.empty()) text += "\n" + colored_diff(outcome.diff, look);
    return text;
}

std::string colored_diff(std::string_view diff, const Look& look) {
    std::string text;
    bool is_head = true;  // of a file: its names begin with signs, too
    for (std::string_view line : split_lines(diff)) {
        if (line.starts_with("diff ")) is_head = true;
        if (line.starts_with("@@")) is_head = false;
        Ink ink = is_head                  ? Ink::bold
                  : line.starts_with("@@") ? Ink::cyan
                  : line.starts_with('+')  ? Ink::green
                  : line.starts_with('-')  ? Ink::red
                                           : Ink::plain;
        text += look.paint(ink, printable(line)) + "\n";
    }
    return text;
}

async::Task<int> show_agents(Parts& parts, const Invocation& invocation) {
    Result<SessionFiles> files = files_of(parts, invocation);
    if (!files) co_return complain(parts, files.error());
    Result<Seen> seen = inspect_session(*files);
    if (!seen) co_return complain(parts, seen.error());
    int code = exit_done;
    bool is_wished = invocation.wish != Invocation::Wish::none;
    if (is_wished) {
        Result<AgentNode> node = find_agent(agent_tree(*files), invocation.child);
        if (!node) co_return complain(parts, node.error());
        NamedAgent agent{parts.cwd, std::move(*node)};
        code = co_await obey(parts, invocation, std::move(agent));
    }
    bool shows_tree = !is_wished || (invocation.json && code == exit_done &&
                                     invocation.wish != Invocation::Wish::preview);
    if (shows_tree) show_tree(parts, invocation, *files);
    co_return code;
}

}  // namespace thole::cli
