// The tool calls of one reply: prepare, decide, run, each step an event. Read-only calls that stand
// next to each other run together, the others one after another. No effect starts before its
// decision is on the disk. Owned by Agent; loop thread.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "agent/change_watch.hpp"
#include "agent/conversation.hpp"
#include "agent/hooks.hpp"
#include "agent/limits.hpp"
#include "agent/profile.hpp"
#include "model/provider.hpp"
#include "policy/decide.hpp"
#include "tools/tool.hpp"

namespace thole {

class CallRunner {
public:
    // What decides on calls, beside the session's state.
    struct Permissions {
        const Rules& configured;
        const Profiles& profiles;
        Hooks* hooks = nullptr;  // null: none
    };
    CallRunner(ToolSet& tools, ToolContext& context, Conversation& conversation,
               Permissions permissions);

    // Runs them all, in as far as nobody stops it: after a stop the calls that have begun end as
    // cancelled and the others never begin. Errors: cancelled, io (the journal broke).
    async::Task<Result<void>> run(std::vector<model::ToolCall> calls, std::string message_id);

    // Goes on with calls whose beginning is recorded, one after another: those that wait for
    // approval are asked for again, prepared anew and run; the others end as interrupted, as do
    // those that would not do any more what was shown. Errors as above.
    async::Task<Result<void>> resume(std::vector<ToolCallStarted> open);

private:
    struct Running {
        model::ToolCall request;
        std::string message_id;
        Tool* tool = nullptr;  // null: there is no such tool
        Prepared prepared;
        std::int64_t began_ms = 0;
        // Set for a call that a process before this one has begun; its end says so too.
        const ToolCallStarted* recorded = nullptr;
        std::string added{};  // by hooks, for the model
    };

    bool is_read_only(const model::ToolCall& call) const;
    async::Task<void> run_one(model::ToolCall request, std::string message_id);
    async::Task<void> resume_one(const ToolCallStarted& recorded);
    async::Task<void> prepare_and_run(Running& call);
    async::Task<void> run_prepared(Running& call);
    async::Task<ToolOutcome> run_tool(Running& call);
    async::Task<bool> is_allowed(Running& call);
    async::Task<bool> ask(Running& call, Decision decision);
    const ApprovalRequested* pending(const Running& call) const;
    const Profile* profile() const {
        return find_profile(permissions_.profiles, working_agent(conversation_.state()));
    }
    std::string missing_tool(const Running& call) const;
    static Effect effect_of(const Running& call);
    Mode mode() const;
    static HookOccasion occasion_of(HookEvent event, const Running& call);
    static Call subject_of(const Running& call);
    bool has_hooks(HookEvent event) const {
        return permissions_.hooks && permissions_.hooks->has(event);
    }
    async::Task<bool> ask_hooks(Running& call, Decision& decision);
    async::Task<void> tell_hooks(Running& call, const std::string& status, ToolOutcome& outcome);
    // What keeps a command from changing anything, where it must not. An error says what is
    // missing.
    async::Task<Result<std::string>> holder(const Running& call);
    Decision decide_on(const Running& call, const Result<std::string>& held) const;
    void tell_refused(const Running& call, const Decision& decision);
    void begin(const Running& call);
    void resolve(const Running& call, std::string decision, std::string by, std::string reason);
    void end(const Running& call, std::string status, ToolOutcome outcome);
    void refuse(const Running& call, std::string why);

    ToolSet& tools_;
    ToolContext& context_;
    Conversation& conversation_;
    Permissions permissions_;
    ChangeWatch changes_;
};

}  // namespace thole
