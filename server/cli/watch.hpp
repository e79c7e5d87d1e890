// Shows a live session while it works and notes what becomes of it: a Subscriber for run and demo.
// Owned by the command; must be unsubscribed, or the session closed, before it goes. Loop thread.
#pragma once
#include <functional>
#include <memory>
#include <optional>

#include "async/signal.hpp"
#include "cli/agents_view.hpp"
#include "cli/command.hpp"
#include "cli/render.hpp"
#include "cli/report.hpp"

namespace thole::cli {

class Watch final : public Subscriber {
public:
    struct Options {
        Streaming streaming = Streaming::human;
        bool shows_progress = false;
        bool shows_answer = false;  // as it streams
        bool shows_thoughts = false;
        bool one_stream = false;  // progress goes to standard output too
        std::string approved = "approved";
        // What sub-agents do is shown, too, when there is progress to be shown. Null: it is not.
        Sessions* sessions = nullptr;
        // Somebody answers for them, and is told of what they do.
        std::function<void(const Family::Member&, const Event&)> answers{};
    };
    Watch(async::Loop& loop, Output& output, Options options);

    void on_event(const Envelope& envelope) override;
    void on_delta(const Event& piece) override;

    // Subscribes, after showing what the session has been until now: all events of a new one, one
    // line for an older one.
    void begin(Session& session);
    void expect(std::string prompt_id) { report_.prompt_id = std::move(prompt_id); }
    // Lets go of sub-agents; to be awaited before the session is closed.
    async::Task<void> close();
    // Null: none of this id works now.
    const Family::Member* find(const std::string& agent_id) const {
        return agents_ ? agents_->find(agent_id) : nullptr;
    }
    // A further turn, whose end is that of the run.
    void expect_next(std::string prompt_id) {
        report_.stop_reason.clear();
        report_.prompt_id = std::move(prompt_id);
    }
    // Waits until the prompt has ended; false: stopped before.
    async::Task<bool> until_ended();
    // Waits until the session has nothing more to do; false: stopped before.
    async::Task<bool> until_idle(const Session& session);

    RunReport& report() { return report_; }

private:
    Renderer::Options renderer_options() const;
    void show(std::vector<Shown> pieces);

    Output& output_;
    Options options_;
    Renderer renderer_;
    std::unique_ptr<AgentsView> agents_;
    RunReport report_;
    async::Signal changed_;
};

// Cancels `session` at the first signal; at a second one the process leaves at once with 130.
async::Task<void> cancel_at_signal(async::Loop& loop, Session& session);

}  // namespace thole::cli
