// The plan of a session, with a journal and a workspace in scratch folders.
#pragma once
#include <doctest/doctest.h>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "session/plan_desk.hpp"
#include "support/scratch.hpp"

namespace thole::test {

inline constexpr const char* session_id = "20261120-1200-abcd";
inline constexpr const char* first_plan = "# Plan\n\n- [ ] read a.c\n- [ ] write b.c\n";

class Events final : public Subscriber {
public:
    void on_event(const Envelope& envelope) override { all.push_back(envelope.event); }
    void on_delta(const Event&) override {}
    std::vector<std::string> types() const {
        std::vector<std::string> types;
        for (const Event& event : all) types.push_back(std::string(event_type(event)));
        return types;
    }
    std::vector<Event> all;
};

// A session that plans, in scratch folders; `somebody` is there to review.
struct PlanBench {
    explicit PlanBench(std::string mode = "default", PlanConfig chosen = {})
        : config(std::move(chosen)) {
        std::filesystem::create_directory(work);
        journal =
            std::move(*Journal::create(loop, clock, {scratch / "sessions", session_id}, secrets));
        journal->subscribe(events);
        SessionStarted started;
        started.session_id = session_id;
        started.workspace = started.cwd = work;
        started.mode = std::move(mode);
        journal->append(started);
        take_seat();
        events.all.clear();
    }
    ~PlanBench() {
        journal->unsubscribe(events);
        loop.run(journal->close());
    }
    // As another process would.
    void take_seat() {
        desk.emplace(PlanDesk::Parts{*journal, secrets, clock, config, scratch / "plans",
                                     [this] { return somebody; },
                                     [this](const std::string& mode) { modes.push_back(mode); }},
                     session_id);
    }
    // A plan that waits for its review, in plan mode.
    void hand_in(const std::string& content = first_plan) {
        desk->change_mode("plan", "user");
        REQUIRE(desk->write(content));
        REQUIRE(desk->submit());
        events.all.clear();
    }
    void approve() {
        REQUIRE(desk->review({.decision = "approved"}));
        events.all.clear();
    }

    const State& state() const { return journal->state(); }
    std::string path() const { return scratch / "plans/" + session_id + ".md"; }
    std::string file() const { return scratch.read(std::string("plans/") + session_id + ".md"); }
    void change_file(const std::string& content) const {
        scratch.write(std::string("plans/") + session_id + ".md", content);
    }
    std::string refused(const ReviewPlan& review) {
        Result<void> taken = desk->review(review);
        REQUIRE_FALSE(taken);
        return taken.error().message;
    }
    void finish_tasks(const std::string& status) {
        TodosUpdated todos{state().tasks};
        for (TaskItem& task : todos.tasks) task.status = status;
        journal->append(todos);
        desk->finish_if_done();
    }

    Scratch scratch;
    std::string work = scratch / "work";
    async::Loop loop;
    SystemClock clock;
    Secrets secrets{{{"DEPLOY_TOKEN", "blue-heron-12345"}}};
    PlanConfig config;
    bool somebody = true;
    std::vector<std::string> modes;
    std::unique_ptr<Journal> journal;
    Events events;
    std::optional<PlanDesk> desk;
};

}  // namespace thole::test
