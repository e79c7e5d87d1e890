// The plan of a live session: writing, reading and handing it in, reviews, and whether what was
// approved still holds. Each change is an event; the table of journal/plan.hpp says which are
// possible. Owned by LiveSession; loop thread. The journal must outlive it.
#pragma once
#include <functional>
#include <string>

#include "agent/profile.hpp"
#include "journal/journal.hpp"
#include "session/command.hpp"
#include "session/config.hpp"
#include "session/plan_file.hpp"

namespace thole {

class PlanDesk {
public:
    struct Parts {
        Journal& journal;
        const Secrets& secrets;
        const Clock& clock;
        const PlanConfig& config;
        std::string directory;                   // of plan files
        std::function<bool()> somebody_reviews;  // whether a proposed plan can be reviewed
        std::function<void(const std::string&)> mode_changed;
    };
    PlanDesk(Parts parts, std::string session_id);

    // write_session_plan. Outside plan mode it begins planning, if somebody can review. Gives what
    // to tell the model. Errors are for the model.
    Result<std::string> write(std::string content);
    // read_session_plan: the file, with what somebody changed in it.
    Result<std::string> read();
    // exit_plan_mode.
    Result<void> submit();

    // Errors (nothing changed): not_found (no plan in review), invalid_argument (not the current
    // revision, open comments with an approval, lines that the plan has not, …), io.
    Result<void> review(const ReviewPlan& review);

    // Whether the file still holds what was approved; when it does not, the plan is in review
    // again and the mode is plan.
    void check();
    // After a change of the tasks: a plan whose steps are all done is done.
    void finish_if_done();
    // A turn ends by telling of the files that it changed and the plan does not name.
    void begin_turn() {
        carries_out_ = state().plan_status == "approved";
        files_before_ = 0;
    }
    void end_turn(const std::string& message_id);

    // Enters plan mode with the planner, or leaves it.
    void change_mode(const std::string& mode, const std::string& by);

private:
    const State& state() const { return parts_.journal.state(); }
    void emit(Event event) { parts_.journal.append(std::move(event)); }
    Result<void> put(const std::string& content, const std::string& by);
    Result<void> take_in_file();
    Result<void> make_way();
    Result<void> set_file_aside();
    Result<void> restore_file();
    Result<void> heal_file();
    Result<void> check_review(const ReviewPlan& review) const;
    PlanReviewed reviewed(const ReviewPlan& review) const;
    bool has_plan() const;
    void change_tasks(std::vector<TaskItem> tasks);
    void approve(const ReviewPlan& review);
    void discard();
    void export_copy(const std::string& content);
    void reopen(const std::string& reason);
    std::string exported_path() const;

    Parts parts_;
    PlanFile file_;
    std::string exported_;          // what the copy in the workspace held last
    bool carries_out_ = false;      // this turn, an approved plan
    std::size_t files_before_ = 0;  // files that it had changed before the plan was approved
};

}  // namespace thole
