// The requests of one session to its model: what goes into them, how large they are, and what they
// have cost. Owned by Agent; loop thread.
#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "agent/budget.hpp"
#include "agent/conversation.hpp"
#include "agent/profile.hpp"
#include "agent/weight.hpp"
#include "model/models.hpp"
#include "tools/skills.hpp"
#include "tools/tool.hpp"

namespace thole {

class Requests {
public:
    struct Terms {
        const Profiles& profiles;
        Budget& budget;
        std::function<SkillList()> skills{};  // of now; null: none
    };
    // `tools` and `context` must outlive it.
    Requests(model::Models& models, Conversation& conversation, const ToolSet& tools,
             const ToolContext& context, Terms terms);

    // The tools are others than before.
    void look_at_tools();

    // The whole conversation, with the tools of the agent that works that can be used now.
    model::Request next() const { return next(conversation_.state()); }
    model::Request next(const State& state) const;

    // Errors beside the provider's: limit (a price that nobody knows, under a limit of cost).
    // Asks the model of the agent that works, else the session's, without an event for what it
    // answers. Sinks as in Models. Of the longest answer is taken off what would not fit into the
    // context.
    async::Task<Result<model::Reply>> ask(model::Request& request, const model::PieceSink& sink,
                                          const model::RetrySink& on_retry);

    // Records what the last answer has cost. That of next() calibrates tokens(); another one says
    // nothing about the size of the conversation.
    void account(const model::Reply& reply);
    void account_aside(const model::Reply& reply);

    // Tokens of a request of this weight; measured by the last one that was accounted for, in this
    // process or the one before.
    std::int64_t tokens(std::size_t weight);
    std::size_t weight(std::int64_t tokens);

    // 0: unknown.
    std::int64_t context_size() const;
    std::int64_t max_output_tokens() const;
    Conversation& conversation() { return conversation_; }
    const State& state() const { return conversation_.state(); }

private:
    const Profile* profile(const State& state) const {
        return find_profile(terms_.profiles, working_agent(state));
    }
    SkillList skills() const { return terms_.skills ? terms_.skills() : nullptr; }
    Result<std::string> model() const;
    void leave_room(model::Request& request);
    void report(const model::Reply& reply, std::int64_t context_used);
    void calibrate();
    std::string system(const State& state) const;

    model::Models& models_;
    Conversation& conversation_;
    Terms terms_;
    const ToolSet& tools_;
    const ToolContext& context_;
    std::vector<model::ToolSpec> specs_;
    Gauge gauge_;
    std::string asked_;  // the model of the last request
    std::size_t asked_weight_ = 0;
};

}  // namespace thole
