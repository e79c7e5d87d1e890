// The sub-agents of one session: starts them, each in a session of its own, queues those that there
// are no workers for, waits for them, and brings their work home. What the session's own log says
// of them is little: that one was started, how it stands, what came of it. Owned by LiveSession;
// loop thread. Sessions must outlive it.
#pragma once
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "agent/budget.hpp"
#include "async/scope.hpp"
#include "async/signal.hpp"
#include "session/child_work.hpp"
#include "session/command.hpp"
#include "session/sessions.hpp"
#include "tools/subagents.hpp"

namespace thole {

class Children final : public Subagents {
public:
    struct Parts {
        async::Loop& loop;
        Sessions& sessions;
        Journal& journal;  // of the parent
        Files& files;      // of the parent: what an editor has unsaved
        const Profiles& profiles;
        Limits limits;
        std::shared_ptr<Budget> budget;
        int depth = 0;  // of the parent below the first session
        std::function<bool()> somebody_answers;
        std::function<std::vector<std::string>()> granted_rules;
        GivenServers servers{};  // of the parent's front end; each sub-agent has its own processes
    };
    explicit Children(Parts parts);
    ~Children() override;

    Result<void> check(const SpawnRequest& request) const override;
    async::Task<Result<std::string>> spawn(SpawnRequest request) override;
    async::Task<Result<std::string>> wait(std::vector<std::string> ids) override;
    Result<std::string> message(std::string id, std::string text) override;
    async::Task<Result<std::string>> cancel(std::string id) override;
    async::Task<Result<MergePreview>> preview(std::string id) override;
    async::Task<Result<std::string>> merge(std::string id) override;

    // The commands of people. What comes of them is a WorktreeMerged.
    Result<void> check(const MergeChild& command) const;
    Result<void> check(const DiscardChild& command) const;
    Result<void> check(const CancelChild& command) const;
    async::Task<void> run(MergeChild command);
    async::Task<void> run(DiscardChild command);
    async::Task<void> run(CancelChild command);

    bool has_background() const { return !background_.empty(); }
    // Until one more in the background has ended; false: none works, or stopped.
    async::Task<bool> one_ended();
    // The parent's mode: those that work follow.
    void follow_mode(const std::string& mode);

    // Brings home what a process before this one left behind, but for what goes on.
    async::Task<void> salvage(std::set<std::string> going_on);

    // Ends all that works in the background, keeping what they did. Must be awaited before the end.
    async::Task<void> close();

private:
    struct Work;
    using Shared = std::shared_ptr<Work>;

    const State& state() const { return parts_.journal.state(); }
    void emit(Event event) { parts_.journal.append(std::move(event)); }
    const Child* known(const std::string& id) const;
    Shared begin(SpawnRequest request);
    async::Task<void> run_work(Shared work);
    async::Task<Result<void>> take_place(Shared work);
    async::Task<Result<void>> prepare(Shared work);
    async::Task<Result<Session*>> open(Shared work);
    async::Task<void> converse(Shared work);
    async::Task<void> finish(Shared work);
    async::Task<void> bring_home(Shared work);
    void end(Work& work);
    void tell(Work& work, const std::string& status, const std::string& activity);
    std::string prompt_of(const SpawnRequest& request) const;
    std::string result_of(const std::string& id) const;
    std::string mode_for(const SpawnRequest& request) const;
    ChildTerms terms() const;
    async::Task<Result<git::Worktree>> tree_of(std::string id) const;
    async::Task<Result<MergeOutcome>> look(git::Worktree tree) const;
    async::Task<std::string> unsaved(MergeOutcome outcome) const;
    async::Task<Result<MergeOutcome>> merge_now(std::string id);

    Parts parts_;
    std::map<std::string, Shared> working_;
    std::set<std::string> background_;
    async::Scope background_scope_;
    async::Line free_, ended_;
    std::int64_t busy_ = 0;    // workers
    std::int64_t making_ = 0;  // trees at a time: they share a small pool of threads
    bool is_merging_ = false;  // one at a time, so that each sees the one before
    async::Line merged_, made_;
};

}  // namespace thole
