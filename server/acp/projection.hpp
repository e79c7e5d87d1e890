// Events as session/update objects. The same code serves the live view and the replay of
// session/load, so that they cannot differ; what differs by intent is marked by `View`:
// a replay has the prompts, no notices, usage, titles and option changes, each tool call once and
// with its final status, and the last plan at its end. Streamed text (TokensStreamed,
// ThoughtStreamed) is projected in a replay only: live it goes the short way, see text_pieces.hpp.
// No clock, no I/O; one Projector a view, fed in order. Never writes null.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "acp/client.hpp"
#include "acp/options.hpp"
#include "acp/plan_reviews.hpp"
#include "base/json_fwd.hpp"
#include "journal/state.hpp"

namespace thole::acp {

class Projector {
public:
    enum class View { live, replay };
    Projector(View view, const Client& client, std::vector<ModelChoice> models);
    ~Projector();

    // `state` is that of the session, after the event; a replay does not look at it.
    std::vector<Json> project(const Envelope& envelope, const State& state);

    // The end of a replay: calls that never ended are shown as failed, unless `turn_runs`; then as
    // they are, with their output so far. Then the plan.
    std::vector<Json> end_replay(bool turn_runs);

    // The updates about the present that follow the response of load and resume: usage, title.
    static std::vector<Json> present(const State& state);

    // Output of a running call grew; false: nobody knows the call.
    bool take_output(const ToolOutputChunk& chunk);
    // The output so far, in whole; nullopt: nobody knows the call, or a terminal shows it.
    std::optional<Json> output_update(const std::string& call_id) const;
    // Of a call that is shown as a terminal of ours: what its output has grown by since the last
    // time.
    std::optional<Json> output_piece(const std::string& call_id);

    // The call runs in a terminal of the client's from now on.
    std::optional<Json> open_terminal(const std::string& call_id, const std::string& terminal_id);
    // No call that is open has been shown as a terminal.
    void forget_terminals();

    // The `toolCall` of a permission request for an open call; nullopt: it is not open.
    std::optional<Json> open_call(const std::string& call_id) const;

    // The review of the plan that waits for an answer, as `toolCall` of the request for it.
    std::optional<Json> open_review() const;
    std::string open_review_id() const { return reviews_.open_id(); }

    // Of a session that has begun: the plan and its review are not new.
    void know_plan(const State& state) { reviews_.know(state); }
    // What calls that run have said before this view began, as a replay has read it.
    void know_output(const Projector& past);
    // Do not take the title for new.
    void know_title(std::string title) { title_ = std::move(title); }
    void set_models(std::vector<ModelChoice> models) { models_ = std::move(models); }

private:
    struct OpenCall {
        ToolCallStarted started;
        std::string output;  // more of its end than is shown
        bool runs = false;   // it has been allowed
        std::vector<EffectRefused> refused{};
        std::string terminal{};  // that shows its output
        bool is_ours = false;    // the terminal: it shows what we send, `output` waits to be sent
    };

    void show(const MessageReceived& message);
    void show(const TokensStreamed& piece);
    void show(const ThoughtStreamed& piece);
    void show(const ToolCallStarted& call);
    void show(const ToolOutputChunk& chunk);
    void show(const ApprovalResolved& decision);
    void show(const EffectRefused& refused);
    void show(const HookRan& ran);
    void show(const ToolCallCompleted& call);
    void show(const TodosUpdated& todos);
    void show(const PlanUpdated& plan);
    void show(const PlanReviewed& review);
    void show(const PlanDrifted& drifted);
    void show_review(PlanReviews::Change change);
    void show(const TitleChanged&);
    void show(const ModeChanged&);
    void show(const ModelChanged&);
    void show(const CostUpdated&);
    void show(const ContextCompaction& compaction);
    void show_compaction(const ContextCompaction& compaction);
    void end_compaction();
    void show(const BusyStateChanged& change);
    void show(const LimitReached& limit);
    void show(const ErrorReported& error);
    template <class T>
    void show(const T&) {}

    void remark(const std::string& severity, const std::string& text);
    void add_options();
    void begin_terminal(OpenCall& call, Json& fields);
    void end_terminal(OpenCall& call, const ToolCallCompleted& completed, Json& fields);
    bool is_live() const { return view_ == View::live; }

    View view_;
    Client client_;
    std::vector<ModelChoice> models_;
    std::map<std::string, OpenCall> calls_;
    std::vector<std::string> order_;  // of open calls
    std::optional<std::vector<TaskItem>> tasks_;
    PlanReviews reviews_;
    std::string title_;
    std::string compaction_id_;     // of the one that runs; ""
    const State* state_ = nullptr;  // during project()
    std::uint64_t event_id_ = 0;
    std::vector<Json> out_;
};

// A short text for people about the work itself: a notice where the client shows them, else a
// thought with the given message id.
Json remark_update(const Client& client, const std::string& severity, const std::string& text,
                   const std::string& message_id);

// The whole task list as _meta.thole.tasks and _thole/tasks/get have it.
Json task_list(const std::vector<TaskItem>& tasks);

// {"sessionUpdate":kind,"messageId":…,"content":block}
Json chunk_update(const std::string& kind, const std::string& message_id, Json block);

}  // namespace thole::acp
