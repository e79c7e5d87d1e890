// A session that this process runs. Made and run by Sessions: run() is its task, from opening to
// the last sync. Loop thread.
#pragma once
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "agent/agent.hpp"
#include "async/one_shot.hpp"
#include "async/poll.hpp"
#include "async/signal.hpp"
#include "session/children.hpp"
#include "session/config.hpp"
#include "session/extensions.hpp"
#include "session/held_session.hpp"
#include "session/lent_files.hpp"
#include "session/lent_terminals.hpp"
#include "session/links.hpp"
#include "session/mcp_desk.hpp"
#include "session/plan_desk.hpp"

namespace thole {

class LiveSession final : public HeldSession, private Conversation {
public:
    struct Parts {
        async::Loop& loop;
        const Clock& clock;
        http::Http& http;
        model::Models& models;
        const Config& config;
        std::unique_ptr<Journal> journal;
        Damage damage;
        Roots roots;
        Limits limits;
        std::vector<std::string> environment;
        std::string last_session_file;  // absolute; written at each prompt; "" = never
        std::string index_file;         // brought up to date after each turn; "" = never
        Profiles profiles;
        std::string plan_directory;
        const Secrets& secrets;
        Sessions& sessions;          // for sub-agents
        ChildTerms terms;            // its budget is set
        std::unique_ptr<Door> door;  // null: nobody can attach
        McpDesk::Terms servers{};
        std::vector<std::string> hook_environment{};
        std::function<ExtensionsNow()> extensions{};  // of now; null: none
        SkillShelf skills{};
    };
    explicit LiveSession(Parts parts);
    ~LiveSession() override;

    // Takes prompts one after another until end() is called, then writes SessionEnded (completed,
    // cancelled or failed, as the last turn was) and closes journal and agent.
    async::Task<void> run() override;
    void end() override;
    async::Task<void> until_idle() override;

    // Brings a reopened session into a state from which it can go on: what a dead process left open
    // is closed. With `continues`, calls that waited for an approval go on waiting, and run() goes
    // on with their turn. To be called before run().
    void heal(bool continues);
    // What Sessions adds: SessionStarted of a reopening.
    void record(Event event) { journal_->append(std::move(event)); }
    // Takes over what the user and the workspace add (extensions.hpp) as it is now, and records
    // what does not count. At the beginning of each turn; and before run(), so that it is told.
    void heed_extensions();

    Result<std::string> submit(Command command) override;
    void subscribe(Subscriber& subscriber) override;
    void unsubscribe(Subscriber& subscriber) override;
    const State& state() const override { return journal_->state(); }
    const SessionFiles& files() const override { return journal_->files(); }
    const Damage& damage() const override { return damage_; }
    bool is_idle() const override {
        return !is_busy_ && queue_.empty() && interrupted_turn_.empty();
    }
    void lend_files(Files* files) override { files_.lend(files); }
    void lend_terminals(Terminals* terminals) override { terminals_.lend(terminals); }
    bool is_held() const override { return answerers_ > 0; }
    void add_answerer() override { ++answerers_; }
    void remove_answerer() override { --answerers_; }
    void wait_for_answers() override { waits_for_answers_ = true; }

private:
    void emit(Event event) override;
    void stream(Event piece) override { journal_->stream(std::move(piece)); }
    Result<void> health() const override { return journal_->health(); }
    async::Task<Result<void>> sync() override { return journal_->sync(); }
    void checkpoint() override { background_.spawn(keep_snapshot()); }
    Result<std::string> store_blob(std::string_view content) override {
        return journal_->store_blob(content);
    }
    std::string log_directory() const override { return journal_->files().directory; }
    bool has_answerer() const override {
        bool has_own = waits_for_answers_ || answerers_ > 0;
        return has_own || (terms_.somebody_answers && terms_.somebody_answers());
    }
    std::vector<std::string> granted_rules() const override;
    async::Task<ApprovalAnswer> ask_approval(ApprovalRequested request) override;
    async::Task<Result<JsonValue>> ask_question(QuestionRequested question) override;
    std::string timestamp() const override { return rfc3339(clock_.now()); }
    Result<std::string> write_plan(std::string content) override;
    Result<std::string> read_plan() override { return plan_.read(); }
    Result<void> submit_plan() override { return plan_.submit(); }
    void check_plan() override { plan_.check(); }
    Subagents& subagents() override { return children_; }
    async::Task<bool> await_background() override;
    async::Task<Result<PlanStanding>> settle_plan() override;

    Result<std::string> take(SendMessage prompt);
    Result<void> check(const SendMessage& prompt) const;
    Result<std::string> take(Approve approve);
    Result<std::string> take(Deny deny);
    Result<std::string> take(AnswerQuestion answer);
    Result<std::string> take(ReviewPlan review);
    Result<std::string> take(ReviewChanges review);
    Result<std::string> take(SetMode set);
    Result<std::string> take(SetOption set);
    Result<std::string> take(Compact);
    Result<std::string> take(Save);
    Result<std::string> take(MergeChild merge);
    Result<std::string> take(DiscardChild discard);
    Result<std::string> take(CancelChild cancel);
    Result<std::string> take(SetTitle set);
    Result<std::string> take(Archive archive);
    Result<std::string> record_label(std::optional<Event> change);
    Result<std::string> take(Cancel cancel);
    Result<std::string> take(Shutdown);

    async::Task<void> run_prompt(SendMessage prompt);
    async::Task<bool> find_meaning(MessageReceived& received);
    async::Task<void> run_turn(std::string message_id, bool continues);
    async::Task<void> work_turn(bool continues, TurnEnd& end);
    async::Task<void> run_compaction();
    async::Task<void> run_review(std::string id);
    void answer_review(const std::string& reply);
    async::Task<void> compact(Result<void>& done);
    async::Task<void> compact_at_end();
    async::Task<void> finish();
    async::Task<void> tell_hooks(HookEvent event, const std::string& about);
    async::Task<void> run_hooks(HookOccasion occasion);
    async::Task<Result<void>> ask_hooks();
    HookEvent hook_event(bool begins) const;
    HookList hooks_now() const;
    async::Task<Result<void>> choose_model();
    async::Task<void> keep_snapshot();
    async::Task<void> keep_index();
    void give_up_waiting(const std::string& call_id);
    bool is_asked_again(const std::string& call_id) const;
    void end_turn(const std::string& message_id, TurnEnd end);
    void end_prompt(const std::string& message_id, TurnEnd end);
    void note_last_session();

    struct WaitingApproval {
        async::OneShot<ApprovalAnswer>* answer;
        std::vector<std::string> always_rules;
        std::unique_ptr<async::Timer> patience;
    };
    // A turn that the answer to a plan begins.
    struct Reviewed {
        std::string id;
    };
    using Work = std::variant<SendMessage, Compact, Reviewed>;

    async::Loop& loop_;
    const Clock& clock_;
    model::Models& models_;
    std::unique_ptr<Journal> journal_;
    Damage damage_;
    const Config& config_;
    std::string last_session_file_, index_file_;
    LentFiles files_;
    LentTerminals terminals_{[this] { return subscribers_.size() <= 1; }};
    Profiles profiles_;
    PlanDesk plan_;
    Sessions& sessions_;
    ChildTerms terms_;
    McpDesk mcp_;
    Children children_;
    std::function<ExtensionsNow()> extensions_;
    ExtensionsNow heeded_;        // as of the last turn
    std::set<std::string> told_;  // complaints of extensions
    Rules rules_;                 // the user's, narrowed by the workspace
    Hooks hooks_;
    Agent agent_;
    std::vector<Subscriber*> subscribers_;
    std::deque<Work> queue_;
    std::string interrupted_turn_;    // the prompt whose turn run() goes on with
    std::set<std::string> going_on_;  // its calls whose sub-agents go on
    async::Signal changed_;
    async::Line idle_;
    async::Scope background_;  // snapshots, index; joined before the journal closes
    bool is_indexing_ = false;
    async::Timer index_timer_;  // one update for turns that follow each other closely
    async::Scope* turn_ = nullptr;
    bool is_busy_ = false;
    bool is_ending_ = false;
    bool is_reopened_ = false;
    bool has_worked_ = false;  // a turn ended in this process
    std::string ended_as_ = "completed";
    std::string limit_;  // that the running turn was cancelled for
    int answerers_ = 0;
    bool waits_for_answers_ = false;
    std::int64_t made_ids_ = 0;
    std::map<std::string, WaitingApproval> approvals_;
    std::map<std::string, Command> early_answers_;  // to approvals that run() will ask for again
    std::map<std::string, async::OneShot<JsonValue>*> questions_;
    async::Signal reviewed_;
    std::optional<PlanStanding> review_;  // what the last review lets the turn do
    bool is_in_turn_ = false;             // of the agent: no compaction
    bool continues_turn_ = false;         // of a process before this one
    std::unique_ptr<Door> door_;
};

}  // namespace thole
