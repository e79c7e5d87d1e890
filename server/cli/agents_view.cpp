#include "cli/agents_view.hpp"

#include "session/agent_texts.hpp"

namespace thole::cli {

AgentsView::AgentsView(Parts parts)
    : parts_(std::move(parts)), family_(parts_.sessions, parts_.root, *this, parts_.answers) {}

Renderer& AgentsView::renderer_of(const Family::Member& member) {
    auto found = renderers_.find(member.id);
    if (found != renderers_.end()) return found->second;
    Renderer::Options options = parts_.options;
    options.agent = short_agent_id(member.id);
    options.agent_task = member.task;
    return renderers_.try_emplace(member.id, std::move(options)).first->second;
}

void AgentsView::take(const Family::Member& member, const Envelope& envelope) {
    parts_.show(renderer_of(member).event(envelope));
    if (parts_.seen) parts_.seen(member, envelope.event);
}

// What it waits for may have been asked before we came.
void AgentsView::on_joined(const Family::Member& member) {
    const State state = member.session->state();
    Envelope envelope;
    for (const ToolCallStarted& call : state.open_calls) {
        envelope.event = call;
        take(member, envelope);
    }
    for (const ApprovalRequested& approval : state.pending_approvals) {
        envelope.event = approval;
        take(member, envelope);
    }
    for (const QuestionRequested& question : state.pending_questions) {
        envelope.event = question;
        take(member, envelope);
    }
}

void AgentsView::on_event(const Family::Member& member, const Envelope& envelope) {
    take(member, envelope);
}

}  // namespace thole::cli
