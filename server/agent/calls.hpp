// The tool calls of one reply: prepare, decide, run, each step an event. Read-only calls that stand
// next to each other run together, the others one after another. No effect starts before its
// decision is on the disk. Owned by Agent; loop thread.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "agent/conversation.hpp"
#include "agent/limits.hpp"
#include "model/provider.hpp"
#include "policy/decide.hpp"
#include "tools/tool.hpp"

namespace thole {

class CallRunner {
public:
    CallRunner(ToolSet& tools, ToolContext& context, Conversation& conversation,
               const Rules& configured);

    // Runs them all, in as far as nobody stops it: after a stop the calls that have begun end as
    // cancelled and the others never begin. Errors: cancelled, io (the journal broke).
    async::Task<Result<void>> run(std::vector<model::ToolCall> calls, std::string message_id);

private:
    struct Running {
        model::ToolCall request;
        std::string message_id;
        Tool* tool = nullptr;  // null: there is no such tool
        Prepared prepared;
        std::int64_t began_ms = 0;
    };

    bool is_read_only(const model::ToolCall& call) const;
    async::Task<void> run_one(model::ToolCall request, std::string message_id);
    async::Task<void> run_prepared(Running& call);
    async::Task<bool> is_allowed(Running& call);
    async::Task<bool> ask(Running& call, Decision decision);
    static Effect effect_of(const Running& call);
    Decision decide_on(const Running& call) const;
    void begin(const Running& call);
    void resolve(const Running& call, std::string decision, std::string by, std::string reason);
    void end(const Running& call, std::string status, ToolOutcome outcome);
    void refuse(const Running& call, std::string why);

    ToolSet& tools_;
    ToolContext& context_;
    Conversation& conversation_;
    const Rules& configured_;
};

}  // namespace thole
