// A session that another process runs, seen through a Link: the fold of the events that come over
// it, and commands that go the other way. When that process lets go of the session (its work is
// done, it died), the next command takes the session over: from then on this process runs it, as a
// LiveSession inside; or, when a third process was faster, is attached to that one. Front ends see
// one Session all the while. Made and run by Sessions; loop thread.
#pragma once
#include <deque>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "async/scope.hpp"
#include "async/signal.hpp"
#include "journal/catalog.hpp"
#include "session/links.hpp"
#include "session/live_session.hpp"

namespace thole {

class AttachedSession final : public HeldSession, private LinkSink, private Subscriber {
public:
    struct Parts {
        async::Loop& loop;
        const Clock& clock;
        Links& links;
        SessionFiles files;
        // Opens the session for this process. Errors: as of Journal::open; busy: another runs it.
        std::function<async::Task<Result<std::unique_ptr<LiveSession>>>()> open_here;
    };
    explicit AttachedSession(Parts parts);
    ~AttachedSession() override;

    // Connects to the process that runs the session now. Must have succeeded once before run().
    // Errors: those of Links::attach and inspect_session.
    async::Task<Result<void>> attach();

    async::Task<void> run() override;
    void end() override;
    async::Task<void> until_idle() override;

    Result<std::string> submit(Command command) override;
    void subscribe(Subscriber& subscriber) override;
    void unsubscribe(Subscriber& subscriber) override;
    const State& state() const override { return own_ ? own_->state() : state_; }
    const SessionFiles& files() const override { return parts_.files; }
    const Damage& damage() const override { return own_ ? own_->damage() : damage_; }
    bool is_idle() const override { return own_ ? own_->is_idle() : !state_.is_busy; }
    bool is_held() const override { return own_ ? own_->is_held() : answerers_ > 0; }
    void lend_files(Files* files) override;
    void lend_terminals(Terminals* terminals) override;
    void add_answerer() override;
    void remove_answerer() override;
    void wait_for_answers() override;

private:
    void on_event(const Envelope& envelope) override;
    void on_delta(const Event& piece) override;
    void on_damage(const std::string& text) override;
    void on_refused(const Command& command, const Error& why) override;
    void on_closed(const Error& why) override;

    Result<void> check(const Command& command) const;
    void forget_begun(const Event& event);
    void show(const Envelope& envelope);
    void show_unrecorded(Event event);
    void fail_prompt(const std::string& message_id, const Error& why);
    async::Task<void> take_over();
    async::Task<void> drop_link();
    Result<void> adopt(std::unique_ptr<LiveSession> session);
    Result<void> catch_up();
    void send_waiting();
    void refuse_waiting(const Error& why);

    Parts parts_;
    State state_;  // until own_ is there
    Damage damage_;
    std::unique_ptr<Link> link_;
    bool has_link_ended_ = false;
    std::unique_ptr<LiveSession> own_;
    async::Scope own_work_;
    std::vector<Subscriber*> subscribers_;
    std::deque<SendMessage> sent_;  // over the link, not begun yet
    std::deque<Command> waiting_;   // for a process that takes them
    async::Signal changed_;
    Files* files_ = nullptr;
    Terminals* terminals_ = nullptr;
    int answerers_ = 0;
    bool waits_for_answers_ = false;
    bool is_ending_ = false;
};

}  // namespace thole
