#include "session/plan_desk.hpp"

#include <unistd.h>

#include <algorithm>

#include "agent/plan_text.hpp"
#include "base/sha256.hpp"
#include "base/text.hpp"
#include "journal/plan.hpp"
#include "policy/modes.hpp"
#include "session/plan_tasks.hpp"
#include "workspace/files.hpp"
#include "workspace/roots.hpp"

namespace thole {
namespace {

std::string kept_note(const std::vector<std::string>& kept) {
    if (kept.empty()) return {};
    std::string names;
    for (const std::string& name : kept) names += (names.empty() ? "" : "; ") + name;
    return "\nKept as they were, because the user had nothing to say about them: " + names;
}

Error invalid(std::string what) {
    return fail(Code::invalid_argument, std::move(what));
}

std::string relative(const std::string& path, const State& state) {
    for (const std::string& root : {state.cwd, state.workspace}) {
        bool is_inside = !root.empty() && path.starts_with(root + "/");
        if (is_inside) return path.substr(root.size() + 1);
    }
    return path;
}

}  // namespace

PlanDesk::PlanDesk(Parts parts, std::string session_id)
    : parts_(std::move(parts)), file_(parts_.directory, std::move(session_id)) {}

bool PlanDesk::has_plan() const {
    return state().plan.revision > 0 && state().plan_status != "rejected";
}

Result<std::string> PlanDesk::write(std::string content) {
    if (Result<void> good = check_plan(content); !good) return good.error();
    bool proposes = state().mode != "plan";
    if (proposes && !parts_.somebody_reviews()) {
        return fail(Code::denied,
                    "nobody can review a plan in this run; do the work without one, or ask for "
                    "a run with --plan");
    }
    std::vector<std::string> kept;
    if (!state().plan_review.decision.empty() && state().plan_status == "drafting") {
        Revision revision = keep_untouched(state().plan_before, content, state().plan_review);
        content = std::move(revision.content);
        kept = std::move(revision.kept);
    }
    if (Result<void> free = make_way(); !free) return free.error();
    std::string before = state().plan_status;
    if (Result<void> written = put(content, "agent"); !written) return written.error();
    bool is_another = before != "drafting" && before != "in_review";
    if (is_another) change_tasks(tasks_before_another_plan(state().tasks));
    if (proposes) change_mode("plan", "agent");
    return "Plan saved to " + file_.path() + kept_note(kept);
}

// Writes the next revision, without secrets, and tells of it.
Result<void> PlanDesk::put(const std::string& content, const std::string& by) {
    std::string kept = parts_.secrets.redact(content);
    bool is_there = by == "file" && kept == content;
    Result<void> written = is_there ? Result<void>() : file_.write(kept);
    if (!written) return written;
    export_copy(kept);
    PlanUpdated updated;
    updated.path = file_.path();
    updated.sha256 = sha256_hex(kept);
    updated.content = std::move(kept);
    updated.agent_name = state().agent.empty() ? "thole" : state().agent;
    updated.revision = state().plan.revision + 1;
    updated.by = by;
    emit(std::move(updated));
    return {};
}

// What somebody else wrote into the file is not overwritten: a plan has to be read first, and what
// is none, or comes too late to be one, is moved beside it.
Result<void> PlanDesk::make_way() {
    if (!file_.may_have_changed()) return {};
    Result<std::string> text = file_.read();
    if (text && sha256_hex(*text) == state().plan.sha256) return {};
    file_.forget();
    bool can_be_read =
        has_plan() && next_plan_status(parse_plan_status(state().plan_status), PlanAction::edit);
    if (text && can_be_read) {
        return invalid("'" + file_.path() +
                       "' was changed since you last read it; call read_session_plan first, then "
                       "write the plan with those changes in it");
    }
    return set_file_aside();
}

Result<void> PlanDesk::set_file_aside() {
    Result<std::string> kept = file_.set_aside();
    if (!kept) return kept.error();
    if (kept->empty()) return {};
    emit(ErrorReported{
        "plan_file",
        "'" + file_.path() + "' held something that is not the plan; it is kept in '" + *kept + "'",
        {},
        true});
    return {};
}

// The last good plan, in the place of what is none.
Result<void> PlanDesk::restore_file() {
    if (Result<void> free = set_file_aside(); !free) return free;
    return file_.write(state().plan.content);
}

// What was changed in the file becomes a revision.
Result<void> PlanDesk::take_in_file() {
    if (!file_.may_have_changed()) return {};
    Result<std::string> text = file_.read();
    if (!text) return text.error();
    if (sha256_hex(*text) == state().plan.sha256) return {};
    return put(*text, "file");
}

Result<std::string> PlanDesk::read() {
    if (!has_plan()) {
        return fail(Code::not_found,
                    "no plan written yet for this session; call write_session_plan first");
    }
    check();
    bool is_draft = state().plan_status == "drafting" || state().plan_status == "in_review";
    Result<void> taken = is_draft ? take_in_file() : Result<void>();
    if (!taken && taken.error().code == Code::not_found) taken = file_.write(state().plan.content);
    if (taken) return state().plan.content;
    return fail(taken.error().code, taken.error().message + "; revision " +
                                        std::to_string(state().plan.revision) +
                                        " is kept, and write_session_plan writes the file anew");
}

Result<void> PlanDesk::submit() {
    if (!has_plan()) {
        return fail(Code::not_found,
                    "no plan to mark ready; call write_session_plan before exit_plan_mode");
    }
    if (state().plan_status == "in_review") return {};
    PlanStatus status = parse_plan_status(state().plan_status);
    if (!next_plan_status(status, PlanAction::submit)) {
        return invalid("the plan is " + state().plan_status +
                       " already; write another one with write_session_plan to have it reviewed");
    }
    Result<void> taken = take_in_file();
    if (!taken) taken = restore_file();
    if (!taken) return taken;
    emit(PlanStatusChanged{"in_review", {}, state().plan.sha256, state().plan.revision});
    return {};
}

Result<void> PlanDesk::check_review(const ReviewPlan& review) const {
    if (state().plan_status != "in_review") {
        return fail(Code::not_found, "no plan is in review in session " + state().id);
    }
    std::int64_t current = state().plan.revision;
    if (review.revision != 0 && review.revision != current) {
        return invalid("revision " + std::to_string(review.revision) +
                       " was reviewed, but the plan is at revision " + std::to_string(current) +
                       "; look at that one");
    }
    if (!action_of_decision(review.decision)) {
        return invalid("there is no decision '" + review.decision +
                       "'; the decisions are approved, rejected and feedback");
    }
    bool is_open = !review.comments.empty() || !trim(review.feedback).empty();
    if (review.decision == "approved" && is_open) {
        return invalid(
            "open comments block approval; send them with the decision feedback, or "
            "leave them out");
    }
    if (review.edits) {
        if (Result<void> good = check_plan(*review.edits); !good) return good;
    }
    if (!review.mode.empty()) {
        Result<Mode> mode = parse_mode(review.mode);
        if (!mode) return mode.error();
        if (*mode == Mode::plan)
            return invalid("an approved plan cannot be carried out in mode plan");
    }
    auto lines =
        static_cast<std::int64_t>(count_lines(review.edits.value_or(state().plan.content)));
    for (const PlanComment& comment : review.comments) {
        bool fits = comment.start_line >= 1 && comment.start_line <= comment.end_line &&
                    comment.end_line <= lines;
        if (!fits) {
            return invalid("a comment on lines " + std::to_string(comment.start_line) + " to " +
                           std::to_string(comment.end_line) + ", but the plan has " +
                           std::to_string(lines));
        }
        if (trim(comment.text).empty()) return invalid("a comment must not be empty");
    }
    return {};
}

// The file may have been changed under the eyes of who reviews, or be there no more.
Result<void> PlanDesk::heal_file() {
    std::int64_t seen = state().plan.revision;
    Result<void> taken = take_in_file();
    if (!taken) taken = restore_file();
    if (!taken) return taken;
    if (state().plan.revision == seen) return {};
    return invalid("the plan file has changed since it was shown; it is revision " +
                   std::to_string(state().plan.revision) + " now: look at that one");
}

PlanReviewed PlanDesk::reviewed(const ReviewPlan& review) const {
    const PlanUpdated& plan = state().plan;
    PlanReviewed event{review.decision, std::string(trim(review.feedback)), plan.sha256,
                       plan.revision, review.comments};
    for (PlanComment& comment : event.comments) {
        comment.text = std::string(trim(comment.text));
        comment.quote = plan_lines(plan.content, comment.start_line, comment.end_line);
    }
    return event;
}

Result<void> PlanDesk::review(const ReviewPlan& review) {
    if (Result<void> good = check_review(review); !good) return good;
    if (review.decision != "rejected") {
        if (Result<void> healed = heal_file(); !healed) return healed;
    }
    bool is_edited = review.edits && *review.edits != state().plan.content;
    if (is_edited && review.decision != "rejected") {
        if (Result<void> written = put(*review.edits, "user"); !written) return written;
    }
    emit(reviewed(review));
    if (review.decision == "approved") approve(review);
    if (review.decision == "rejected") discard();
    return {};
}

void PlanDesk::change_tasks(std::vector<TaskItem> tasks) {
    if (tasks != state().tasks) emit(TodosUpdated{std::move(tasks)});
}

void PlanDesk::approve(const ReviewPlan& review) {
    carries_out_ = true;
    files_before_ = state().turn_files.size();
    std::string now = rfc3339(parts_.clock.now());
    emit(TodosUpdated{tasks_of_plan(state().tasks, state().plan, now)});
    std::string mode = review.mode;
    if (mode.empty()) mode = state().mode == "plan" ? state().mode_before_plan : state().mode;
    if (mode.empty() || mode == "plan") mode = "default";
    change_mode(mode, "plan");
    finish_if_done();
}

void PlanDesk::discard() {
    change_tasks(tasks_without_plan(state().tasks, rfc3339(parts_.clock.now())));
    (void)make_way();
    file_.remove();
    std::string copy = exported_path();
    Result<std::string> there =
        copy.empty() ? Result<std::string>(std::string()) : read_file(copy, longest_plan);
    if (!copy.empty() && there && *there == state().plan.content) (void)::unlink(copy.c_str());
}

void PlanDesk::check() {
    if (state().plan_status != "approved") return;
    Result<void> taken = take_in_file();
    if (!taken) reopen(taken.error().message);
    if (state().plan_status == "in_review") change_mode("plan", "plan");
}

void PlanDesk::reopen(const std::string& reason) {
    emit(PlanStatusChanged{"in_review", reason, state().plan.sha256, state().plan.revision});
}

void PlanDesk::finish_if_done() {
    if (state().plan_status != "approved") return;
    auto is_step = [](const TaskItem& task) { return task.plan_step > 0; };
    auto is_open = [](const TaskItem& task) {
        return task.plan_step > 0 && (task.status == "pending" || task.status == "in_progress");
    };
    const std::vector<TaskItem>& tasks = state().tasks;
    bool has_steps = std::any_of(tasks.begin(), tasks.end(), is_step);
    if (!has_steps || std::any_of(tasks.begin(), tasks.end(), is_open)) return;
    emit(PlanStatusChanged{"done", {}, state().plan.sha256, state().plan.revision});
}

void PlanDesk::end_turn(const std::string& message_id) {
    if (!carries_out_) return;
    PlanDrifted drifted{message_id, {}, state().plan.revision};
    for (std::size_t i = files_before_; i < state().turn_files.size(); ++i) {
        const std::string& file = state().turn_files[i];
        bool is_plan = file == file_.path() || file == exported_path();
        if (is_plan || plan_names_file(state().plan.content, relative(file, state()))) continue;
        drifted.files.push_back(file);
    }
    if (!drifted.files.empty()) emit(std::move(drifted));
}

void PlanDesk::change_mode(const std::string& mode, const std::string& by) {
    bool enters = mode == "plan" && state().mode != "plan";
    bool leaves = mode != "plan" && state().mode == "plan";
    if (mode != state().mode) {
        emit(ModeChanged{mode, by});
        parts_.mode_changed(mode);
    }
    std::string agent = state().agent;
    if (enters && !parts_.config.agent.empty()) agent = parts_.config.agent;
    if (leaves) agent = state().agent_before_plan;
    bool hands_over = leaves && by == "plan" && !parts_.config.executor.empty();
    if (hands_over) agent = parts_.config.executor;
    if (agent != state().agent) emit(AgentChanged{agent, by});
}

std::string PlanDesk::exported_path() const {
    if (parts_.config.export_file.empty() || !state().parent_session_id.empty()) return {};
    Result<std::string> path = resolve_path(state().cwd, parts_.config.export_file);
    bool is_inside = path && is_below(*path, state().cwd);
    return is_inside ? *path : std::string();
}

// A file that is not the copy of before belongs to the user.
void PlanDesk::export_copy(const std::string& content) {
    std::string path = exported_path();
    if (path.empty()) return;
    Result<std::string> there = read_file(path, longest_plan);
    bool is_ours = there ? *there == exported_ || *there == state().plan.content
                         : there.error().code == Code::not_found;
    Result<void> written = fail(Code::exists, "'" + path +
                                                  "' is there and is no copy of the plan; "
                                                  "it stays as it is");
    if (is_ours) written = write_file_atomically(path, content);
    if (written) exported_ = content;
    if (!written) {
        emit(ErrorReported{"plan_export", written.error().message, {}, true});
    }
}

}  // namespace thole
