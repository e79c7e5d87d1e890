// What the agent needs of the session that it works in: the events so far, a place for new ones,
// and somebody to ask. Implemented by session/; the agent knows no front end. Loop thread.
#pragma once
#include <string>

#include "async/task.hpp"
#include "journal/state.hpp"
#include "tools/subagents.hpp"

namespace thole {

// The answer to an approval request.
struct ApprovalAnswer {
    bool allowed = false;
    bool is_cancelled = false;  // nobody answered before the turn was cancelled
    std::string reason;         // of a denial, in the user's words
};

// How the plan of the session lets a turn go on.
enum class PlanStanding {
    clear,  // nothing stands in its way
    waits,  // nobody can review it now, or the user will say later what should be different
    rejected
};

class Conversation {
public:
    virtual ~Conversation() = default;
    virtual const State& state() const = 0;
    // Appends to the journal. Errors show in health() and sync().
    virtual void emit(Event event) = 0;
    virtual void stream(Event piece) = 0;
    virtual Result<void> health() const = 0;
    // Everything emitted so far is on the disk.
    virtual async::Task<Result<void>> sync() = 0;
    // Has a snapshot saved in the background.
    virtual void checkpoint() = 0;
    virtual Result<std::string> store_blob(std::string_view content) = 0;
    // Where the session is kept: what changes there is not the agent's doing.
    virtual std::string log_directory() const = 0;

    // Whether a person can answer now.
    virtual bool has_answerer() const = 0;
    // Rules of "allow always" that hold here: its own, and those of whoever started it.
    virtual std::vector<std::string> granted_rules() const { return state().granted_rules; }
    // Records the request, waits for the answer and records that.
    virtual async::Task<ApprovalAnswer> ask_approval(ApprovalRequested request) = 0;
    virtual async::Task<Result<JsonValue>> ask_question(QuestionRequested question) = 0;
    virtual std::string timestamp() const = 0;  // RFC 3339, now

    // The plan; texts and errors as ToolHost has them.
    virtual Result<std::string> write_plan(std::string content) = 0;
    virtual Result<std::string> read_plan() = 0;
    virtual Result<void> submit_plan() = 0;
    // Sees to it that an approved plan is still what was approved; otherwise it is in review again,
    // and the mode is plan. Before each effect.
    virtual void check_plan() = 0;
    // The same, and waits for the answer while a plan is in review. Before each model request.
    // Error: cancelled.
    virtual async::Task<Result<PlanStanding>> settle_plan() = 0;

    virtual Subagents& subagents() = 0;
    // Where nobody could be told later: waits for a sub-agent in the background to be done. False:
    // there is none, or somebody can be told.
    virtual async::Task<bool> await_background() = 0;
};

}  // namespace thole
