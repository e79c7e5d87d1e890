// Sub-agents as lines for a terminal: a mark, who it is, and what is to be said.
#include <algorithm>

#include "base/json.hpp"
#include "base/text.hpp"
#include "cli/render.hpp"
#include "session/agent_texts.hpp"

namespace thole::cli {
namespace {

std::string listed(const std::vector<std::string>& files) {
    constexpr std::size_t most = 4;
    std::string text;
    for (std::size_t i = 0; i < files.size() && i < most; ++i) {
        text += (i == 0 ? "" : ", ") + files[i];
    }
    if (files.size() > most) text += " and " + std::to_string(files.size() - most) + " more";
    return text;
}

}  // namespace

// Of a sub-agent only what it asks, has changed or cannot do.
bool Renderer::is_shown(const Event& event) const {
    if (options_.agent.empty()) return true;
    if (const auto* error = std::get_if<ErrorReported>(&event)) return !error->retrying;
    return std::holds_alternative<ToolCallStarted>(event) ||
           std::holds_alternative<ToolCallCompleted>(event) ||
           std::holds_alternative<ApprovalRequested>(event) ||
           std::holds_alternative<ApprovalResolved>(event) ||
           std::holds_alternative<EffectRefused>(event) ||
           std::holds_alternative<QuestionRequested>(event) ||
           std::holds_alternative<QuestionResolved>(event) ||
           std::holds_alternative<ChildSessionSpawned>(event) ||
           std::holds_alternative<ChildSessionActivity>(event) ||
           std::holds_alternative<ChildSessionCompleted>(event) ||
           std::holds_alternative<WorktreeMerged>(event);
}

std::vector<Shown> Renderer::aside(const std::vector<Shown>& pieces) {
    std::string text;
    for (const Shown& piece : pieces) text += piece.text;
    block(std::move(text));
    return std::exchange(shown_, {});
}

void Renderer::agent_line(Ink ink, std::string_view mark, const std::string& id,
                          std::string_view text) {
    std::string who = printable(short_agent_id(id));
    std::size_t taken = columns(who) + 4;
    std::string lines;
    for (const std::string& part : wrap(printable(text), options_.look.width - taken)) {
        bool is_first = lines.empty();
        lines += is_first
                     ? paint(ink, std::string(mark) + " ") + paint(Ink::cyan, who) + "  " + part
                     : std::string(taken, ' ') + paint(Ink::dim, part);
        lines += "\n";
    }
    block(std::move(lines));
}

void Renderer::show(const ChildSessionSpawned& spawned) {
    std::string text = one_line(spawned.task, 160);
    if (!spawned.agent.empty()) text += " · " + spawned.agent;
    if (spawned.background) text += " · in the background";
    agent_line(Ink::cyan, "▸", spawned.child_session_id, text);
}

void Renderer::show(const ChildSessionActivity& activity) {
    if (activity.status == "queued") {
        agent_line(Ink::dim, "·", activity.child_session_id, "waits for its turn");
    }
    bool is_news = activity.status == "waiting" && options_.waits;
    if (is_news) {
        agent_line(Ink::yellow, "?", activity.child_session_id, "waits: " + activity.activity);
    }
}

void Renderer::show(const ChildSessionCompleted& done) {
    bool is_good = done.status == "completed", is_cancelled = done.status == "cancelled";
    std::string text = done.status;
    std::string stat = diffstat_text(done);
    text += " · " + (stat.empty() ? "nothing changed" : stat);
    if (done.tool_calls > 0) {
        text +=
            " · " + std::to_string(done.tool_calls) + (done.tool_calls == 1 ? " call" : " calls");
    }
    if (done.tokens > 0) text += " · " + count_text(done.tokens) + " tokens";
    if (done.cost_usd > 0) text += " · " + cost_text(done.cost_usd);
    bool says_why = !is_good && !is_cancelled && !done.error.empty();
    if (says_why) text += ": " + one_line(done.error, 400);
    Ink ink = is_good ? Ink::green : is_cancelled ? Ink::yellow : Ink::red;
    agent_line(ink, is_good ? "✓" : "✗", done.child_session_id, text);
}

// A call that merges says so itself.
void Renderer::show(const WorktreeMerged& merged) {
    const std::string& id = merged.child_session_id;
    bool is_of_call = std::any_of(calls_.begin(), calls_.end(), [&](const auto& entry) {
        const ToolCallStarted& call = entry.second.started;
        return call.tool == "merge_subagent" && text_member(*call.input, "id") == id;
    });
    if (is_of_call) return;
    if (merged.result == "changes") {
        agent_line(Ink::green, "✓", id, "merged into your files: " + listed(merged.files));
    } else if (merged.result == "branch") {
        agent_line(Ink::green, "✓", id, "merged as the branch " + merged.branch);
    } else if (merged.result == "discarded") {
        std::string kept = merged.rescue_ref.empty() ? "" : "; reachable as " + merged.rescue_ref;
        agent_line(Ink::yellow, "–", id, "discarded" + kept);
    } else {
        std::string why = merged.reason.substr(0, merged.reason.find('\n'));
        agent_line(Ink::red, "✗", id, "not merged. " + why);
    }
}

}  // namespace thole::cli
