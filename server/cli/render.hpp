// Events as text for a terminal: the one way in which `run`, `demo` and `logs` show a session.
// Pure: what it gives depends on the events so far and on the look. It keeps the titles of open
// calls, the last task list, and whether a line is unfinished.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "cli/look.hpp"
#include "cli/markdown.hpp"
#include "journal/state.hpp"

namespace thole::cli {

// A piece of text, and whether it is the model's answer or what happened around it. Each kind may
// go to a stream of its own; progress always begins at the start of a line.
struct Shown {
    bool is_answer = false;
    std::string text;
    bool operator==(const Shown&) const = default;
};

class Renderer {
public:
    struct Options {
        Look look;
        bool styles_answers = true;  // for a terminal; else they stay as the model wrote them
        bool thoughts = false;
        bool prompts = true;                // show what the user said
        std::string approved = "approved";  // what is said of a call that the user allowed
        bool plans = true;                  // in whole when they are to be reviewed
        bool waits = true;                  // say that a sub-agent waits for somebody
        // Of a sub-agent, among the events of the session that started it: who it is in a word, and
        // what for. Then only what it asks and has changed is shown, in a line each.
        std::string agent{}, agent_task{};
    };
    explicit Renderer(Options options)
        : options_(std::move(options)), markdown_(options_.look.width) {}

    // Streamed text: TokensStreamed, ThoughtStreamed. Give either the pieces as they come or the
    // events of the log, not both.
    std::vector<Shown> piece(const Event& event);
    // All other events; streamed ones give nothing.
    std::vector<Shown> event(const Envelope& envelope);
    // The plan of a session whose events were not given.
    std::vector<Shown> plan(const State& state);
    // What another one has shown, at the start of a line of ours.
    std::vector<Shown> aside(const std::vector<Shown>& pieces);

private:
    struct Call {
        ToolCallStarted started;
        bool diffs_shown = false;
    };
    void show(const SessionStarted& started);
    void show(const MessageReceived& message);
    void show(const ToolCallStarted& started);
    void show(const ToolCallCompleted& completed);
    void show(const ApprovalRequested& asked);
    void show(const ApprovalResolved& resolved);
    void show(const EffectRefused& refused);
    void show(const HookRan& ran);
    void show(const QuestionRequested& asked);
    void show(const QuestionResolved& resolved);
    void show(const TodosUpdated& todos);
    void show(const ChildSessionSpawned& spawned);
    void show(const ChildSessionActivity& activity);
    void show(const ChildSessionCompleted& done);
    void show(const WorktreeMerged& merged);
    void show(const PlanReviewed& review);
    void show(const PlanStatusChanged& changed);
    void show(const PlanDrifted& drifted);
    void show(const AgentChanged& changed);
    void show(const ModeChanged& changed);
    void show(const ModelChanged& changed);
    void show(const ContextWarning& warning);
    void show(const ContextCompaction& compaction);
    void show(const CostUpdated& cost);
    void show(const BusyStateChanged& change);
    void show(const LimitReached& limit);
    void show(const ErrorReported& error);
    void show(const SessionEnded& ended);
    template <class Silent>
    void show(const Silent&) {}

    bool is_shown(const Event& event) const;
    void follow_plan(const Envelope& envelope);
    void show_plan();
    void answer(const std::string& message_id, std::string_view text);
    void thought(std::string_view text);
    void line(std::size_t indent, Ink ink, std::string_view text);  // wrapped
    void block(std::string text);                                   // whole lines
    void end_answer();
    void gap();
    void tail_of(const std::string& output);
    void agent_line(Ink ink, std::string_view mark, const std::string& id, std::string_view text);
    std::string head(Ink ink, std::string_view mark) const;  // of a line on a call
    std::size_t room() const;                                // after it
    void diffs(const std::vector<FileDiff>& changes);
    std::string task_line(const TaskItem& task) const;
    std::string paint(Ink ink, std::string_view text) const {
        return options_.look.paint(ink, text);
    }

    enum class Last { nothing, answer, thought, progress };
    Options options_;
    std::vector<Shown> shown_;
    std::map<std::string, Call> calls_;
    std::vector<TaskItem> tasks_;
    State plan_;              // the fold of the plan's events only
    std::string shown_plan_;  // as it was shown last
    std::string answering_;   // message id
    Markdown markdown_;
    Last last_ = Last::nothing;
    bool is_mid_line_ = false;
    TimePoint began_{}, now_{};
    std::int64_t calls_of_turn_ = 0, tokens_of_turn_ = 0;
    double cost_of_turn_ = 0;
};

// A file's change as coloured lines with line numbers, at most `max_lines` of them.
std::string diff_text(const FileDiff& change, const Look& look, std::size_t max_lines = 60);

}  // namespace thole::cli
