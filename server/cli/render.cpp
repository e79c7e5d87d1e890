#include "cli/render.hpp"

#include <algorithm>

#include "base/json.hpp"
#include "base/text.hpp"
#include "journal/plan.hpp"
#include "workspace/diff.hpp"

namespace thole::cli {
namespace {

constexpr std::size_t tail_lines = 10;

std::string counted(std::size_t number, const char* what) {
    return std::to_string(number) + " " + what + (number == 1 ? "" : "s");
}

std::string status_word(const std::string& status) {
    if (status == "denied") return "not allowed";
    return status;
}

std::string stat_text(const std::vector<FileDiff>& diffs, const Look& look) {
    DiffStat sum;
    for (const FileDiff& diff : diffs) {
        DiffStat one = diff_stat(diff.old_text, diff.new_text);
        sum.added += one.added;
        sum.removed += one.removed;
    }
    if (sum.added + sum.removed == 0) return {};
    return " " + look.paint(Ink::green, "+" + std::to_string(sum.added)) + " " +
           look.paint(Ink::red, "−" + std::to_string(sum.removed));
}

std::string progress_of(const std::vector<TaskItem>& tasks) {
    auto is_done = [](const TaskItem& task) { return task.status == "completed"; };
    auto done = std::count_if(tasks.begin(), tasks.end(), is_done);
    return std::to_string(done) + "/" + std::to_string(tasks.size());
}

bool have_same_tasks(const std::vector<TaskItem>& a, const std::vector<TaskItem>& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](const TaskItem& x, const TaskItem& y) {
                          return x.id == y.id && x.content == y.content;
                      });
}

std::string first_line(std::string_view text, std::size_t width) {
    return fit(printable(text.substr(0, text.find('\n'))), width);
}

}  // namespace

std::vector<Shown> Renderer::piece(const Event& event) {
    if (const auto* tokens = std::get_if<TokensStreamed>(&event)) {
        answer(tokens->message_id, tokens->text);
    } else if (const auto* thinking = std::get_if<ThoughtStreamed>(&event)) {
        if (options_.thoughts) thought(thinking->text);
    }
    return std::exchange(shown_, {});
}

std::vector<Shown> Renderer::event(const Envelope& envelope) {
    now_ = envelope.time;
    if (!is_shown(envelope.event)) return {};
    std::visit([this](const auto& one) { show(one); }, envelope.event);
    follow_plan(envelope);
    return std::exchange(shown_, {});
}

void Renderer::answer(const std::string& message_id, std::string_view text) {
    std::string clean = options_.styles_answers ? printable(text) : std::string(text);
    if (answering_ != message_id || last_ != Last::answer) {
        while (!clean.empty() && clean[0] == '\n') clean.erase(0, 1);
        if (clean.empty()) return;
        gap();
        answering_ = message_id;
    }
    if (clean.empty()) return;
    is_mid_line_ = clean.back() != '\n';
    last_ = Last::answer;
    if (options_.styles_answers && options_.look.has_color) clean = markdown_.take(clean);
    if (!clean.empty()) shown_.push_back({true, std::move(clean)});
}

// What Markdown kept back, and the end of the line.
void Renderer::end_answer() {
    std::string rest = markdown_.finish();
    if (is_mid_line_) rest += '\n';
    is_mid_line_ = false;
    if (!rest.empty()) shown_.push_back({last_ == Last::answer, std::move(rest)});
}

void Renderer::thought(std::string_view text) {
    if (text.empty()) return;
    if (last_ != Last::thought) gap();
    std::string clean = printable(text);
    is_mid_line_ = clean.back() != '\n';
    last_ = Last::thought;
    shown_.push_back({false, paint(Ink::dim, clean)});
}

// Ends an unfinished line, and leaves an empty one after text of another kind.
void Renderer::gap() {
    end_answer();
    if (last_ != Last::nothing) shown_.push_back({false, "\n"});
    last_ = Last::nothing;
}

void Renderer::block(std::string text) {
    if (text.empty()) return;
    if (last_ == Last::answer || last_ == Last::thought) gap();
    last_ = Last::progress;
    shown_.push_back({false, std::move(text)});
}

void Renderer::line(std::size_t indent, Ink ink, std::string_view text) {
    std::string lines;
    for (const std::string& part : wrap(printable(text), options_.look.width - indent)) {
        lines += std::string(indent, ' ') + paint(ink, part) + "\n";
    }
    block(std::move(lines));
}

std::string Renderer::head(Ink ink, std::string_view mark) const {
    std::string text = paint(ink, std::string(mark) + " ");
    return options_.agent.empty() ? text : text + paint(Ink::cyan, options_.agent) + "  ";
}

std::size_t Renderer::room() const {
    return options_.look.width - 2 - (options_.agent.empty() ? 0 : columns(options_.agent) + 2);
}

void Renderer::show(const SessionStarted& started) {
    line(0, Ink::dim,
         std::string(started.resumed ? "resumed " : "session ") + started.session_id + " · " +
             started.model + " · " + started.mode);
}

void Renderer::show(const MessageReceived& message) {
    if (message.role == "assistant") {
        end_answer();
        return;
    }
    if (!options_.prompts) return;
    gap();
    std::string lines;
    for (const std::string& part : wrap(printable(message.content), options_.look.width - 2)) {
        lines += paint(Ink::cyan, lines.empty() ? "› " : "  ") + paint(Ink::bold, part) + "\n";
    }
    block(std::move(lines));
}

void Renderer::show(const ToolCallStarted& started) {
    ++calls_of_turn_;
    calls_[started.call_id] = {started, false};
}

void Renderer::show(const ApprovalRequested& asked) {
    Call& call = calls_[asked.call_id];
    std::string title = call.started.title.empty() ? asked.tool : call.started.title;
    block(head(Ink::yellow, "?") + first_line(title, room()) + "\n");
    std::string command = text_member(*asked.input, "command");
    bool is_cut = title.find(command) == std::string::npos || title.find('\n') != title.npos ||
                  columns(title) > room();
    if (!options_.agent.empty()) {
        line(2, Ink::dim, "asked by the sub-agent for: " + one_line(options_.agent_task, 120));
    }
    if (!command.empty() && is_cut) line(4, Ink::plain, command);
    if (!asked.why.empty()) line(2, Ink::dim, asked.why);
    if (!asked.closest_rule.empty()) line(2, Ink::dim, "closest rule: " + asked.closest_rule);
    diffs(call.started.diffs);
    call.diffs_shown = true;
}

void Renderer::show(const ApprovalResolved& resolved) {
    if (resolved.by == "policy" && resolved.decision == "allow") return;
    std::string text = resolved.decision == "allow" ? options_.approved : "not allowed";
    if (resolved.decision == "cancelled") text = "cancelled before it was decided";
    if (resolved.scope == "session") text += " for this session";
    if (!resolved.reason.empty()) text += ": " + resolved.reason;
    if (!options_.agent.empty()) text = options_.agent + ": " + text;
    line(2, resolved.decision == "allow" ? Ink::green : Ink::red, text);
}

// Of a call that was refused as a whole the decision has been shown.
void Renderer::show(const EffectRefused& refused) {
    bool is_part = refused.by != "mode plan" && refused.by != "rule";
    if (is_part) line(2, Ink::yellow, "refused: " + refused.what + " (" + refused.reason + ")");
}

// A call that it denied has been shown so; of a prompt the turn's end says why.
void Renderer::show(const HookRan& ran) {
    bool is_said = ran.reason.empty() || (ran.blocked && ran.outcome == "deny");
    if (!is_said) line(2, Ink::yellow, "hook of " + ran.event + ": " + ran.reason);
}

void Renderer::show(const ToolCallCompleted& completed) {
    Call call = calls_[completed.call_id];
    calls_.erase(completed.call_id);
    const Look& look = options_.look;
    bool is_good = completed.status == "completed";
    // Tasks and sub-agents were shown.
    const std::string& tool = call.started.tool;
    if (is_good && (tool == "update_tasks" || tool == "spawn_subagent")) return;
    const std::vector<FileDiff>& changes =
        completed.diffs.empty() && is_good ? call.started.diffs : completed.diffs;
    bool is_command = call.started.kind == "execute";
    bool is_quiet = !options_.agent.empty();
    bool matters = is_good && (!changes.empty() || call.started.effect != "read");
    if (is_quiet && !matters) return;
    std::string detail = is_good ? std::string() : " · " + status_word(completed.status);
    if (is_command || completed.duration_ms >= 1000) {
        detail += " · " + duration_text(completed.duration_ms);
    }
    std::string title = call.started.title.empty() ? completed.call_id : call.started.title;
    std::size_t rest = room() - columns(detail) - 10;
    block(head(is_good ? Ink::green : Ink::red, is_good ? "✓" : "✗") + first_line(title, rest) +
          stat_text(changes, look) + paint(Ink::dim, detail) + "\n");
    if (is_quiet) return;
    if (is_good && !call.diffs_shown) diffs(changes);
    if (is_command || (!is_good && completed.status != "denied")) tail_of(completed.output);
}

void Renderer::tail_of(const std::string& output) {
    std::string clean = printable(output);
    std::vector<std::string_view> lines = split_lines(clean);
    while (!lines.empty() && trim(lines.back()).empty()) lines.pop_back();
    std::size_t skipped = lines.size() > tail_lines ? lines.size() - tail_lines : 0;
    std::string text;
    if (skipped > 0) {
        text = "    " + paint(Ink::dim, "… " + counted(skipped, "line") + " before") + "\n";
    }
    for (std::size_t i = skipped; i < lines.size(); ++i) {
        text += "    " + paint(Ink::dim, fit(lines[i], options_.look.width - 4)) + "\n";
    }
    block(std::move(text));
}

void Renderer::diffs(const std::vector<FileDiff>& changes) {
    for (const FileDiff& change : changes) block(diff_text(change, options_.look));
}

void Renderer::show(const QuestionRequested& asked) {
    block(head(Ink::yellow, "?") + fit(printable(asked.question), room()) + "\n");
    for (std::size_t i = 0; i < asked.options.size(); ++i) {
        line(4, Ink::plain, std::to_string(i + 1) + ". " + asked.options[i]);
    }
}

void Renderer::show(const QuestionResolved& resolved) {
    std::string text = text_member(*resolved.selection, "text");
    std::string kind = text_member(*resolved.selection, "kind");
    line(2, Ink::dim, text.empty() ? "answer: " + kind : "answer: " + text);
}

std::string Renderer::task_line(const TaskItem& task) const {
    const Look& look = options_.look;
    std::string text = fit(task.id + ". " + printable(task.content), look.width - 14);
    if (task.status == "completed") return look.paint(Ink::green, "[✓]") + " " + text;
    if (task.status == "in_progress") {
        return look.paint(Ink::yellow, "[›]") + " " + look.paint(Ink::bold, text);
    }
    if (task.status == "cancelled") return look.paint(Ink::dim, "[–] " + text);
    return "[ ] " + text;
}

// The whole list when it is new, else the lines that changed.
void Renderer::show(const TodosUpdated& todos) {
    std::string lines;
    bool is_new = !have_same_tasks(tasks_, todos.tasks);
    std::size_t shown = 0;
    for (std::size_t i = 0; i < todos.tasks.size(); ++i) {
        if (!is_new && tasks_[i].status == todos.tasks[i].status) continue;
        lines += "  " + task_line(todos.tasks[i]);
        bool says_progress = todos.tasks[i].status == "completed" && !is_new;
        if (says_progress) lines += "  " + paint(Ink::dim, progress_of(todos.tasks));
        lines += "\n";
        ++shown;
    }
    if (is_new && shown > 0) lines = paint(Ink::bold, "Tasks") + "\n" + lines;
    tasks_ = todos.tasks;
    block(std::move(lines));
}

// A plan that comes to be reviewed is shown: the first time in whole, then as what has changed.
void Renderer::follow_plan(const Envelope& envelope) {
    if (!is_about_plan(envelope.event)) return;
    apply(plan_, envelope);
    plan_.context.clear();
    bool waits = plan_.plan_status == "in_review";
    if (waits && shown_plan_ != plan_.plan.content) show_plan();
}

std::vector<Shown> Renderer::plan(const State& state) {
    plan_.plan = state.plan;
    plan_.plan_status = state.plan_status;
    plan_.plan_reason = state.plan_reason;
    shown_plan_.clear();
    show_plan();
    return std::exchange(shown_, {});
}

void Renderer::show_plan() {
    const PlanUpdated& plan = plan_.plan;
    if (!options_.plans) return;
    gap();
    std::string title = "Plan, revision " + std::to_string(plan.revision);
    block(paint(Ink::bold, title) + "  " + paint(Ink::dim, plan.path) + "\n");
    if (!plan_.plan_reason.empty()) line(0, Ink::yellow, plan_.plan_reason);
    if (!shown_plan_.empty()) {
        block(diff_text({"plan", false, false, shown_plan_, plan.content}, options_.look, 200));
        line(0, Ink::dim, "`plan` shows it in whole");
    } else if (options_.look.has_color) {
        Markdown markdown(options_.look.width);
        std::string text = markdown.take(printable(plan.content));
        block("\n" + text + markdown.finish() + "\n");
    } else {
        block("\n" + printable(plan.content) + "\n");
    }
    shown_plan_ = plan.content;
}

void Renderer::show(const PlanReviewed& review) {
    std::string text = "plan " + review.decision;
    if (review.decision == "feedback") text = "changes wanted";
    if (review.decision == "approved") text += " as " + review.sha256.substr(0, 12);
    if (!review.feedback.empty()) text += ": " + review.feedback;
    line(2, review.decision == "rejected" ? Ink::red : Ink::green, text);
    for (const PlanComment& comment : review.comments) {
        line(4, Ink::plain, "line " + std::to_string(comment.start_line) + ": " + comment.text);
    }
}

void Renderer::show(const PlanStatusChanged& changed) {
    if (changed.status == "done") line(0, Ink::green, "✓ the plan is done");
}

void Renderer::show(const PlanDrifted& drifted) {
    line(0, Ink::yellow, "changed, but not named by the plan: " + drifted_files(drifted));
}

void Renderer::show(const AgentChanged& changed) {
    line(0, Ink::dim, "agent: " + (changed.agent.empty() ? "thole" : changed.agent));
}

void Renderer::show(const ModeChanged& changed) {
    line(0, Ink::dim, "mode: " + changed.mode);
}
void Renderer::show(const ModelChanged& changed) {
    std::string level = changed.thought_level.empty() ? "" : " · thinks: " + changed.thought_level;
    line(0, Ink::dim, "model: " + changed.model + level);
}
void Renderer::show(const ContextWarning& warning) {
    line(0, Ink::yellow,
         "the context is filling up: " + count_text(warning.used) + " of " +
             count_text(warning.size) + " tokens");
}
void Renderer::show(const ContextCompaction& compaction) {
    std::string text = "context compaction " + compaction.phase;
    if (compaction.phase == "completed") {
        text += ": " + count_text(compaction.before_tokens) + " → " +
                count_text(compaction.after_tokens) + " tokens";
    }
    line(0, Ink::dim, compaction.message.empty() ? text : text + ": " + compaction.message);
}

void Renderer::show(const CostUpdated& cost) {
    tokens_of_turn_ += cost.input_tokens + cost.output_tokens;
    cost_of_turn_ += cost.cost_usd;
}

void Renderer::show(const LimitReached& limit) {
    line(0, Ink::yellow,
         "stopped: the limit " + limit.limit + " (" + std::to_string(limit.value) + ") is reached");
}

void Renderer::show(const ErrorReported& error) {
    line(0, error.retrying ? Ink::yellow : Ink::red,
         error.message + (error.discarded_message_id.empty() ? "" : "; trying again"));
}

void Renderer::show(const BusyStateChanged& change) {
    if (change.busy) {
        began_ = now_;
        calls_of_turn_ = tokens_of_turn_ = 0;
        cost_of_turn_ = 0;
        return;
    }
    auto taken = std::chrono::duration_cast<std::chrono::milliseconds>(now_ - began_);
    std::string text = change.stop_reason == "end_turn" ? "done" : change.stop_reason;
    text += " in " + duration_text(taken.count());
    if (calls_of_turn_ > 0) {
        text += " · " + counted(static_cast<std::size_t>(calls_of_turn_), "tool call");
    }
    if (tokens_of_turn_ > 0) text += " · " + count_text(tokens_of_turn_) + " tokens";
    if (cost_of_turn_ > 0) {
        std::string dollars = std::to_string(cost_of_turn_);
        text += " · $" + dollars.substr(0, dollars.find('.') + 5);
    }
    gap();
    line(0, Ink::dim, text);
}

void Renderer::show(const SessionEnded& ended) {
    if (ended.reason != "completed") line(0, Ink::dim, "session ended: " + ended.reason);
}

}  // namespace thole::cli
