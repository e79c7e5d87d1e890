// The sub-agents of a session as its client sees them: a line for each thing that they do in the
// call that started them, their approvals and questions as dialogs of the session, marked with who
// asks, and for our own clients how each stands; or, for clients that know sub-agents as sessions,
// as those. Made by SessionView; loop thread.
#pragma once
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "acp/child_view.hpp"
#include "acp/client.hpp"
#include "acp/dialogs.hpp"
#include "async/poll.hpp"
#include "session/family.hpp"

namespace thole::acp {

class AgentsView final : private Family::Watcher {
public:
    struct Parts {
        async::Loop& loop;
        Sessions& sessions;
        Session& root;
        const Client& client;
        rpc::Connection& connection;
        Dialogs& dialogs;
        std::function<void(const Json& update)> show;
        std::function<void(const ToolOutputChunk&)> grew;
    };
    explicit AgentsView(Parts parts);

    // An event of the session itself.
    void follow(const Event& event);
    void ask_pending();
    // What is known of those that have ended, for a client that has just come.
    void introduce();
    // Null: none of this id works now.
    Session* find(const std::string& agent_id) const;
    // Lets go of all sub-agents. Must be awaited before the end.
    async::Task<void> close();

private:
    void on_joined(const Family::Member& member) override;
    void on_event(const Family::Member& member, const Envelope& envelope) override;
    void on_delta(const Family::Member& member, const Event& piece) override;
    void on_left(const Family::Member& member) override;

    void ask_pending(const Family::Member& member);
    void ask(const Family::Member& member, const ApprovalRequested& approval);
    void show_in_call(const Family::Member& member, const Event& event);
    void begin_call(const Family::Member& member, const ToolCallStarted& call);
    void end_call(const Family::Member& member, const ToolCallCompleted& completed);
    void say(const Family::Member& member, const std::string& line);
    std::string root_call(const Family::Member& member) const;
    void changed(const std::string& agent_id);
    void tell();
    Asker asker_of(const Family::Member& member) const {
        return {member.session, member.id, member.task, parts_.client.shows_subagents};
    }

    Parts parts_;
    std::map<std::string, ToolCallStarted> calls_;  // shown by themselves: id as the client has it
    std::map<std::string, std::unique_ptr<ChildView>> sessions_;  // of clients that know them
    std::set<std::string> changed_;
    async::Timer timer_;
    bool timer_runs_ = false;
    Family family_;  // last: it calls us while it is made
};

}  // namespace thole::acp
