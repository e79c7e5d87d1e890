#include "cli/demo_view.hpp"

#include <algorithm>
#include <utility>

#include "base/json.hpp"
#include "base/text.hpp"
#include "session/agent_texts.hpp"
#include "workspace/diff.hpp"

namespace thole::cli {
namespace {

constexpr std::size_t column = 7;  // of names, with the space after them
constexpr std::size_t widest = 80;

std::string shown_path(const std::string& path, const std::string& root) {
    bool is_below = path.starts_with(root + "/");
    return is_below ? path.substr(root.size() + 1) : path;
}

std::string last_line(std::string_view text) {
    std::string last;
    for (std::string_view line : split_lines(text)) {
        bool is_note = line.starts_with('[') || trim(line).empty();
        if (!is_note) last = std::string(trim(line));
    }
    return last;
}

std::string tool_of(const ToolCallStarted& call) {
    return call.title.empty() ? call.tool : call.title;
}

bool is_silent(const std::string& tool) {
    return tool == "update_tasks" || tool == "spawn_subagent" || tool == "write_session_plan" ||
           tool == "exit_plan_mode";
}

}  // namespace

std::string demo_name(const std::string& task, const std::string& id) {
    std::size_t begin = task.find("src/");
    std::size_t end = task.find('.', begin);
    bool is_named = begin != std::string::npos && end != std::string::npos && end - begin < 12;
    return is_named ? task.substr(begin + 4, end - begin - 4) : short_agent_id(id);
}

DemoView::DemoView(Parts parts)
    : parts_(std::move(parts)), family_(parts_.sessions, parts_.session, *this) {
    parts_.session.subscribe(*this);
}

DemoView::~DemoView() {
    parts_.session.unsubscribe(*this);
}

Session* DemoView::find(const std::string& agent_id) const {
    if (agent_id.empty()) return &parts_.session;
    const Family::Member* member = family_.find(agent_id);
    return member ? member->session : nullptr;
}

void DemoView::on_event(const Envelope& envelope) {
    take("", envelope.event);
    family_.follow(envelope.event);
}

void DemoView::on_event(const Family::Member& member, const Envelope& envelope) {
    take(member.id, envelope.event);
}

void DemoView::on_delta(const Event& piece) {
    if (const auto* tokens = std::get_if<TokensStreamed>(&piece)) text_ += tokens->text;
}

void DemoView::on_joined(const Family::Member& member) {
    const State& state = member.session->state();
    names_[member.id] = demo_name(member.task, member.id);
    bool is_apart = !state.worktree_path.empty();
    line(names_[member.id], Ink::cyan, "▸",
         is_apart ? "works in a git worktree, branch " + state.branch
                  : std::string("works in your files"));
}

std::string DemoView::name_of(const std::string& agent_id) const {
    auto found = names_.find(agent_id);
    return found == names_.end() ? "model" : found->second;
}

void DemoView::take(const std::string& agent_id, const Event& event) {
    if (const auto* call = std::get_if<ToolCallStarted>(&event)) {
        calls_[agent_id + "/" + call->call_id] = *call;
    } else if (const auto* asked = std::get_if<ApprovalRequested>(&event)) {
        const ToolCallStarted& waiting = calls_[agent_id + "/" + asked->call_id];
        std::string command = text_member(*asked->input, "command");
        std::string what = command.empty() ? tool_of(waiting) : command;
        line(name_of(agent_id), Ink::yellow, "?", fitting("may I? " + what));
        parts_.asked(agent_id, asked->call_id);
    } else if (const auto* completed = std::get_if<ToolCallCompleted>(&event)) {
        show(agent_id, *completed);
    } else if (const auto* error = std::get_if<ErrorReported>(&event)) {
        line(name_of(agent_id), Ink::red, "✗", fitting(error->message));
    } else if (agent_id.empty()) {
        take_own(event);
    }
}

// What only the session itself has to say.
void DemoView::take_own(const Event& event) {
    if (const auto* message = std::get_if<MessageReceived>(&event)) {
        bool is_prompt = message->role == "user" && !std::exchange(has_prompt_, true);
        if (is_prompt) say("you", message->content);
        if (message->role == "assistant") show_text(std::exchange(text_, {}));
    } else if (const auto* plan = std::get_if<PlanUpdated>(&event)) {
        show_plan(plan->content);
    } else if (const auto* changed = std::get_if<PlanStatusChanged>(&event)) {
        if (changed->status == "in_review") parts_.asked("", "");
    } else if (const auto* review = std::get_if<PlanReviewed>(&event)) {
        show(*review);
    } else if (const auto* done = std::get_if<ChildSessionCompleted>(&event)) {
        show(*done);
    } else if (const auto* todos = std::get_if<TodosUpdated>(&event)) {
        show(*todos);
    }
}

// What an agent read, changed, ran, or was not able to.
void DemoView::show(const std::string& agent_id, const ToolCallCompleted& completed) {
    ToolCallStarted call = calls_[agent_id + "/" + completed.call_id];
    std::string who = name_of(agent_id), command = text_member(*call.input, "command");
    if (!command.empty()) return show_command(who, command, completed);
    const std::vector<FileDiff>& diffs = completed.diffs.empty() ? call.diffs : completed.diffs;
    bool is_good = completed.status == "completed", merges = call.tool == "merge_subagent";
    // The view has told of these already, or the model says what it makes of them.
    if (is_silent(call.tool)) return;
    if (!is_good) return line(who, Ink::red, "✗", tool_of(call) + " · " + completed.status);
    if (!diffs.empty()) {
        bool is_new = diffs.front().created;
        show_edits(agent_id, merges ? "merged" : is_new ? "new" : "changed", diffs);
        if (merges) std::for_each(diffs.begin(), diffs.end(), [this](auto& d) { show_change(d); });
    } else if (agent_id.empty()) {
        line(who, Ink::green, "✓", tool_of(call));
    }
}

void DemoView::show_command(const std::string& who, const std::string& command,
                            const ToolCallCompleted& completed) {
    if (completed.status == "denied") {
        return line(who, Ink::red, "✗", command + " · not allowed");
    }
    bool is_good =
        completed.output.find("not ok - ") == std::string::npos && completed.status == "completed";
    std::string verdict = last_line(completed.output);
    line(who, is_good ? Ink::green : Ink::red, is_good ? "✓" : "✗",
         fitting(command + " · " + verdict));
    for (std::string_view one : split_lines(completed.output)) {
        bool is_failure = one.starts_with("not ok - ");
        if (is_failure) line("", Ink::dim, " ", "  " + std::string(one.substr(9)));
    }
}

void DemoView::show_edits(const std::string& agent_id, const std::string& verb,
                          const std::vector<FileDiff>& diffs) {
    const Session* session = find(agent_id);
    for (const FileDiff& diff : diffs) {
        DiffStat stat = diff_stat(diff.old_text, diff.new_text);
        std::string path = session ? shown_path(diff.path, session->state().cwd) : diff.path;
        line(name_of(agent_id), Ink::green, "✓",
             verb + " " + path + "  " + paint(Ink::green, "+" + std::to_string(stat.added)) + " " +
                 paint(Ink::red, "−" + std::to_string(stat.removed)));
    }
}

// The lines that change, without those around.
void DemoView::show_change(const FileDiff& diff) {
    std::vector<std::string_view> before = split_lines(diff.old_text);
    std::vector<std::string_view> after = split_lines(diff.new_text);
    auto show_line = [this](Ink ink, const char* sign, std::string_view text) {
        std::string body = fit(sign + printable(trim(text)), room() - 4);
        line("", ink, " ", "  " + paint(ink, body));
    };
    for (const LineChange& change : line_changes(diff.old_text, diff.new_text)) {
        for (std::size_t i = change.old_begin; i < change.old_end; ++i) {
            show_line(Ink::red, "- ", before[i]);
        }
        for (std::size_t i = change.new_begin; i < change.new_end; ++i) {
            show_line(Ink::green, "+ ", after[i]);
        }
    }
}

void DemoView::show(const PlanReviewed& review) {
    if (review.decision != "approved") return line("you", Ink::yellow, "·", review.decision);
    line("you", Ink::green, "✓",
         "yes. The plan is approved, pinned by its hash " + review.sha256.substr(0, 12));
}

void DemoView::show(const ChildSessionCompleted& done) {
    std::string who = name_of(done.child_session_id);
    if (who == "model") who = short_agent_id(done.child_session_id);
    std::string stat = diffstat_text(done);
    if (done.status != "completed") return line(who, Ink::red, "✗", fitting(done.error));
    line(who, Ink::green, "✓",
         stat.empty() ? "done" : "done: " + stat + ", committed there; your files are untouched");
}

// The steps of the plan as they are done.
void DemoView::show(const TodosUpdated& todos) {
    std::size_t number = 0;
    for (const TaskItem& task : todos.tasks) {
        ++number;
        auto is_it = [&](const TaskItem& one) { return one.id == task.id; };
        auto before = std::find_if(tasks_.begin(), tasks_.end(), is_it);
        bool was_done = before != tasks_.end() && before->status == "completed";
        if (task.status != "completed" || was_done) continue;
        std::string place = std::to_string(number) + "/" + std::to_string(todos.tasks.size());
        line("plan", Ink::green, "✓", place + " " + styled(task.content));
    }
    tasks_ = todos.tasks;
}

void DemoView::show_plan(const std::string& content) {
    begin("");
    for (std::string_view text : split_lines(content)) {
        if (trim(text).empty()) continue;
        if (text.starts_with("# ")) {
            line("plan", Ink::bold, "", paint(Ink::bold, text.substr(2)));
        } else if (text.starts_with("- [ ] ")) {
            line("plan", Ink::dim, "▢", styled(text.substr(6)));
        } else {
            say("plan", text);
        }
    }
}

void DemoView::show_text(std::string_view text) {
    if (trim(text).empty()) return;
    if (speaker_ != "model") begin("");
    for (std::string_view one : split_lines(trim(text))) {
        if (!trim(one).empty()) say("model", one);
    }
}

void DemoView::answer(const std::string& agent_id, const std::string& words) {
    std::string name = agent_id.empty() ? "" : ", " + name_of(agent_id);
    line("you", Ink::green, "✓", words + name);
}

std::size_t DemoView::room() const {
    return std::min(parts_.output.out_look().width, widest) - column;
}

// What others wrote, after a mark.
std::string DemoView::fitting(const std::string& text) const {
    return fit(printable(one_line(text, 400)), room() - 2);
}

std::string DemoView::paint(Ink ink, std::string_view text) const {
    return parts_.output.out_look().paint(ink, text);
}

std::string DemoView::styled(std::string_view text) const {
    std::string all;
    bool is_code = false;
    while (!text.empty()) {
        std::size_t end = std::min(text.find('`'), text.size());
        std::string part(text.substr(0, end));
        for (std::size_t at = 0; (at = part.find("**")) != std::string::npos;) part.erase(at, 2);
        all += is_code ? paint(Ink::cyan, part) : part;
        is_code = !is_code;
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return all;
}

// An empty line, unless there is one.
void DemoView::begin(const std::string& who) {
    if (!speaker_.empty() && who.empty()) parts_.output.answer("\n");
    speaker_ = who;
}

void DemoView::say(const std::string& who, std::string_view text) {
    for (const std::string& part : wrap(printable(text), room())) {
        line(who, Ink::plain, "", styled(part));
    }
}

void DemoView::line(const std::string& who, Ink ink, const char* mark, const std::string& text) {
    bool is_new = !who.empty() && who != speaker_;
    std::string name = is_new ? who.substr(0, column - 1) : std::string();
    name += std::string(column - name.size(), ' ');
    std::string sign = *mark == '\0' ? "" : paint(ink, mark) + " ";
    parts_.output.answer(paint(who == "you" ? Ink::bold : Ink::cyan, name) + sign + text + "\n");
    if (!who.empty()) speaker_ = who;
}

}  // namespace thole::cli
