// An agent with a scripted model and a conversation that lives in memory: the state is the real
// fold of the real events.
#pragma once
#include <deque>
#include <functional>
#include <string>
#include <vector>

#include "agent/agent.hpp"
#include "async/scope.hpp"
#include "support/no_subagents.hpp"
#include "support/scratch.hpp"
#include "unit/model/scripted.hpp"

namespace thole::test {

class Talk final : public Conversation {
public:
    const State& state() const override { return held_; }
    void emit(Event event) override {
        events.push_back(event);
        apply(held_, Envelope{held_.last_event_id + 1, {}, std::move(event)});
        if (on_event) on_event(events.back());
    }
    void stream(Event piece) override { emit(std::move(piece)); }
    Result<void> health() const override { return {}; }
    async::Task<Result<void>> sync() override { co_return Result<void>(); }
    void checkpoint() override {}
    Result<std::string> store_blob(std::string_view) override { return std::string("sha"); }
    std::string log_directory() const override { return logs; }
    bool has_answerer() const override { return true; }
    async::Task<ApprovalAnswer> ask_approval(ApprovalRequested request) override {
        asked.push_back(request.call_id);
        bool is_known = false;
        for (const ApprovalRequested& open : held_.pending_approvals) {
            is_known = is_known || open.call_id == request.call_id;
        }
        std::string id = request.call_id;
        if (!is_known) emit(std::move(request));
        ApprovalAnswer answer = answers.front();
        answers.pop_front();
        emit(ApprovalResolved{id, answer.allowed ? "allow" : "deny", "once", "user", {}, {}});
        co_return answer;
    }
    async::Task<Result<JsonValue>> ask_question(QuestionRequested) override {
        co_return fail(Code::denied, "nobody can be asked");
    }
    std::string timestamp() const override { return "2026-11-20T12:00:00.000Z"; }

    Result<std::string> write_plan(std::string content) override {
        PlanUpdated updated;
        updated.content = std::move(content);
        updated.revision = held_.plan.revision + 1;
        updated.by = "agent";
        emit(std::move(updated));
        return std::string("Plan saved to /s/plan.md");
    }
    Result<std::string> read_plan() override { return held_.plan.content; }
    Result<void> submit_plan() override {
        emit(PlanStatusChanged{"in_review", {}, {}, held_.plan.revision});
        return {};
    }
    void check_plan() override {
        ++plan_checks;
        if (on_check_plan) on_check_plan();
    }
    // A plan in review gets the next of `reviews`; without one nobody is there to review it.
    async::Task<Result<PlanStanding>> settle_plan() override {
        if (held_.plan_status != "in_review") co_return PlanStanding::clear;
        if (reviews.empty()) co_return PlanStanding::waits;
        PlanReviewed review = std::move(reviews.front());
        reviews.pop_front();
        review.revision = held_.plan.revision;
        bool is_rejected = review.decision == "rejected";
        emit(std::move(review));
        co_return is_rejected ? PlanStanding::rejected : PlanStanding::clear;
    }
    Subagents& subagents() override { return no_subagents; }
    async::Task<bool> await_background() override { co_return false; }

    // Events that are a T, in order.
    template <class T>
    std::vector<T> all() const {
        std::vector<T> found;
        for (const Event& event : events) {
            if (const T* one = std::get_if<T>(&event)) found.push_back(*one);
        }
        return found;
    }

    std::vector<Event> events;
    std::vector<std::string> asked;
    std::deque<ApprovalAnswer> answers;
    std::deque<PlanReviewed> reviews;
    int plan_checks = 0;
    std::string logs = "/nowhere";
    std::function<void()> on_check_plan;
    NoSubagents no_subagents;
    std::function<void(const Event&)> on_event;

private:
    State held_;
};

inline std::string sse(const Json& chunk) {
    return "data: " + dump_json(chunk) + "\n\n";
}

inline Recorded reply(const Json& delta, std::int64_t input, std::int64_t output) {
    Json usage = {{"prompt_tokens", input}, {"completion_tokens", output}};
    std::string reason = delta.contains("tool_calls") ? "tool_calls" : "stop";
    Json choice = {{"index", 0}, {"delta", delta}, {"finish_reason", reason}};
    Recorded recorded;
    recorded.body = sse({{"choices", Json::array({choice})}}) +
                    sse({{"choices", Json::array()}, {"usage", usage}}) + "data: [DONE]\n\n";
    return recorded;
}

inline Recorded says(const std::string& text, std::int64_t input, std::int64_t output = 10) {
    return reply({{"content", text}}, input, output);
}

inline Recorded calls(const std::string& id, const std::string& tool, const Json& input,
                      std::int64_t tokens) {
    Json function = {{"name", tool}, {"arguments", dump_json(input)}};
    Json call = {{"index", 0}, {"id", id}, {"type", "function"}, {"function", function}};
    return reply({{"tool_calls", Json::array({call})}}, tokens, 10);
}

inline Recorded overflows() {
    Recorded recorded;
    recorded.status = 400;
    recorded.body = R"({"error":{"message":"maximum context length is 128000 tokens"}})";
    return recorded;
}

inline Recorded fails() {
    Recorded recorded;
    recorded.status = 400;
    recorded.body = R"({"error":{"message":"no such thing"}})";
    return recorded;
}

class AgentRig {
public:
    explicit AgentRig(ContextPolicy policy = {}, std::string model = "test/m")
        : models_(loop, http, config()),
          disk_(loop),
          agent(Agent::Parts{loop,
                             http,
                             models_,
                             talk,
                             disk_,
                             rules_,
                             profiles,
                             *Roots::open({scratch.path()}),
                             Limits{},
                             std::make_shared<Budget>(Limits{}, State()),
                             {"PATH=/usr/bin:/bin"},
                             policy,
                             nullptr,
                             &hooks_}) {
        SessionStarted started;
        started.session_id = "s";
        started.workspace = started.cwd = scratch.path();
        started.model = std::move(model);
        started.mode = "default";
        talk.emit(std::move(started));
    }
    ~AgentRig() { loop.run(agent.close()); }

    void prompt(const std::string& text) {
        MessageReceived received;
        received.role = "user";
        received.message_id = "u" + std::to_string(talk.state().last_event_id + 1);
        received.content = text;
        talk.emit(std::move(received));
    }
    TurnEnd turn(const std::string& text) {
        prompt(text);
        return run(loop, agent.run_turn());
    }
    void script(std::vector<Recorded> replies) {
        for (Recorded& one : replies) http.answers.push_back(std::move(one));
    }
    // Bodies of the requests so far.
    Json body(std::size_t number) const { return Json::parse(http.asked.at(number).body); }
    // What the last message of a request says.
    std::string last_words(std::size_t number) const {
        return body(number)["messages"].back()["content"].dump();
    }

    async::Loop loop;
    Scratch scratch;
    ScriptedHttp http;
    Talk talk;
    Profiles profiles;
    std::vector<Hook> hook_list;  // of now

private:
    HookList hooks_now() const { return std::make_shared<const std::vector<Hook>>(hook_list); }

    static model::ModelsConfig config() {
        model::ModelsConfig config;
        config.providers = {{"test", "openai", "http://test/v1", "", "", false, {}},
                            {"anthropic", "openai", "http://test/v1", "", "", false, {}}};
        config.max_retries = 0;
        config.models["test/m"].context_size = 128'000;  // known: nobody is asked for it
        return config;
    }

    model::Models models_;
    DiskFiles disk_;
    Rules rules_;
    Hooks hooks_{{loop, talk, *Roots::open({scratch.path()}), {"PATH=/usr/bin:/bin"}, [this] {
                      return hooks_now();
                  }}};

public:
    Agent agent;
};

}  // namespace thole::test
