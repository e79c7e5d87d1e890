// The agent of one session: asks the model, runs the tools that it calls, until the model has no
// more to ask for. Everything it does shows as events in its Conversation. Owned by a session; loop
// thread.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "agent/budget.hpp"
#include "agent/calls.hpp"
#include "agent/conversation.hpp"
#include "agent/hooks.hpp"
#include "agent/limits.hpp"
#include "agent/profile.hpp"
#include "model/models.hpp"
#include "policy/rules.hpp"
#include "tools/files.hpp"
#include "tools/skills.hpp"

namespace thole {

namespace mcp {
class Servers;  // mcp/servers.hpp
}
class Terminals;  // tools/terminals.hpp

// Why a turn of the user ended.
struct TurnEnd {
    std::string stop_reason;  // end_turn max_tokens max_turn_requests refusal cancelled limit error
    Error error{};            // of "error"
};

class Agent {
public:
    struct Parts {
        async::Loop& loop;
        http::Http& http;
        model::Models& models;
        Conversation& conversation;
        Files& files;
        const Rules& configured;
        const Profiles& profiles;
        Roots roots;
        Limits limits;
        std::shared_ptr<Budget> budget;        // of the tree that it works in
        std::vector<std::string> environment;  // of commands
        ContextPolicy context{};
        mcp::Servers* servers = nullptr;  // whose tools it has beside ours; null: none
        Hooks* hooks = nullptr;           // null: none
        SkillShelf skills{};
        Terminals* terminals = nullptr;  // where commands may run; null: nowhere
    };
    explicit Agent(Parts parts);
    ~Agent();

    // Answers the prompt that stands last in the conversation. A stop ends it as `cancelled` within
    // a second; what was streamed and done until then stays.
    // Summarises the conversation by itself when it fills the model's context (ContextPolicy).
    async::Task<TurnEnd> run_turn();

    // Goes on with a turn whose process died while calls waited for approval: asks for each of them
    // again by Conversation::ask_approval, runs those that are allowed, and then does as run_turn
    // does. Calls that are open but wait for no approval end as interrupted.
    async::Task<TurnEnd> continue_turn();

    // Replaces all but the end of the conversation by a summary that the model makes of it. Only
    // between turns. After an error the conversation is as it was: busy (a turn or a compaction
    // runs), not_found (there is nothing to summarise), cancelled, limit (of tokens or cost), and
    // what the request for the summary fails with.
    async::Task<Result<void>> compact();

    // Ends background commands. Must be awaited before destruction.
    async::Task<void> close();

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace thole
