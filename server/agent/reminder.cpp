#include "agent/reminder.hpp"

#include "base/json.hpp"
#include "base/text.hpp"
#include "model/provider.hpp"

namespace thole {
namespace {

constexpr std::size_t longest_input = 400;

std::string plan_part(const State& state) {
    if (state.plan_status != "approved" || state.plan.content.empty()) return "";
    return "The plan that the user has approved (revision " + std::to_string(state.plan.revision) +
           "); keep to it:\n\n" + state.plan.content + "\n\n";
}

std::string line_of(const TaskItem& task) {
    return "- [" + task.status + "] " + task.content + " (id " + task.id + ", " + task.priority +
           " priority)\n";
}

std::string tasks_part(const State& state) {
    std::string lines;
    for (const TaskItem& task : state.tasks) {
        bool is_open = task.status == "pending" || task.status == "in_progress";
        if (is_open) lines += line_of(task);
    }
    return lines.empty() ? "" : "Tasks that are still open:\n" + lines + "\n";
}

std::string waiting_part(const State& state) {
    std::string lines;
    for (const ApprovalRequested& approval : state.pending_approvals) {
        lines += "- may " + approval.tool + " run (call " + approval.call_id + ")? " +
                 one_line(dump_json(*approval.input), longest_input) + "\n";
    }
    for (const QuestionRequested& question : state.pending_questions) {
        lines += "- " + one_line(question.question, longest_input) + " (question " +
                 question.question_id + ")\n";
    }
    return lines.empty() ? "" : "What the user has been asked and not yet answered:\n" + lines;
}

}  // namespace

std::string reminder(const State& state) {
    std::string parts = plan_part(state);
    if (!state.session_summary.empty()) parts += tasks_part(state) + waiting_part(state);
    if (parts.empty()) return "";
    return std::string(model::session_state_mark) +
           "\nThe state of this session, from thole and not from the user:\n\n" +
           std::string(trim(parts)) + "\n</session_state>";
}

}  // namespace thole
