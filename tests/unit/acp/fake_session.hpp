// A session that does nothing by itself: keeps the commands that it was given and shows the events
// that a test gives it.
#pragma once
#include <vector>

#include "session/session.hpp"

namespace thole::test {

class FakeSession final : public Session {
public:
    explicit FakeSession(std::string id) { now.id = std::move(id); }

    Result<std::string> submit(Command command) override {
        commands.push_back(std::move(command));
        return std::string();
    }
    void subscribe(Subscriber& subscriber) override { watcher = &subscriber; }
    void unsubscribe(Subscriber&) override { watcher = nullptr; }
    const State& state() const override { return now; }
    const SessionFiles& files() const override { return places; }
    const Damage& damage() const override { return found; }
    bool is_idle() const override { return !now.is_busy; }
    bool is_held() const override { return answerers > 0; }
    void lend_files(Files* files) override { lent = files; }
    void lend_terminals(Terminals* terminals) override { lent_terminals = terminals; }
    void add_answerer() override { ++answerers; }
    void remove_answerer() override { --answerers; }
    void wait_for_answers() override { waits = true; }

    // As the journal does it: folded, then shown.
    void emit(Event event) {
        Envelope envelope{now.last_event_id + 1, {}, std::move(event)};
        apply(now, envelope);
        now.last_event_id = envelope.id;
        if (watcher) watcher->on_event(envelope);
    }
    void stream(const Event& piece) {
        if (watcher) watcher->on_delta(piece);
    }

    State now;
    SessionFiles places;
    Damage found;
    std::vector<Command> commands;
    Subscriber* watcher = nullptr;
    Files* lent = nullptr;
    Terminals* lent_terminals = nullptr;
    int answerers = 0;
    bool waits = false;
};

}  // namespace thole::test
