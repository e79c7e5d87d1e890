// Follows a sub-agent's session until it has nothing more to do, for the session that started it.
// Loop thread.
#pragma once
#include <functional>
#include <string>

#include "async/signal.hpp"
#include "session/session.hpp"

namespace thole {

class ChildWatch final : private Subscriber {
public:
    // Told when it begins or ceases to wait for a person, and for what.
    using Waits = std::function<void(bool waits, std::string what)>;
    ChildWatch(async::Loop& loop, Session& session, Waits waits);
    ~ChildWatch() override;

    // A stop cancels its turn; the end of that is waited for all the same.
    async::Task<void> until_idle();

    std::string status() const;  // completed failed cancelled
    std::string answer() const;  // the last one
    const std::string& error() const { return error_; }

private:
    void on_event(const Envelope& envelope) override;
    void on_delta(const Event&) override {}

    Session& session_;
    Waits waits_;
    async::Signal changed_;
    std::string stop_reason_, error_;
    bool is_waiting_ = false;
};

}  // namespace thole
