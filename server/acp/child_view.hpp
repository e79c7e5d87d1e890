// A sub-agent as a session of its own on the connection of the one that started it, for clients
// that know such sessions (`subagents`): it is announced on its parent's session, then its events
// are its own updates, and how it stands is told on its parent's session again. Made by AgentsView;
// loop thread. Asks nothing: its dialogs are AgentsView's.
#pragma once
#include <memory>
#include <set>
#include <string>

#include "acp/client.hpp"
#include "acp/text_pieces.hpp"
#include "async/poll.hpp"
#include "rpc/connection.hpp"
#include "session/family.hpp"

namespace thole::acp {

class Projector;

// What is told of a sub-agent that has ended before the client came.
Json ended_child(const Child& child);

// The words of a turn's end as ACP has them, and "error".
std::string stop_reason_of(const std::string& reason);

class ChildView {
public:
    // Announces it.
    ChildView(async::Loop& loop, rpc::Connection& connection, const Client& client,
              const Family::Member& member);
    ~ChildView();
    ChildView(const ChildView&) = delete;
    ChildView& operator=(const ChildView&) = delete;

    void on_event(const Envelope& envelope);
    void on_delta(const Event& piece);
    // It has ended: nothing of it comes any more, and nobody can cancel it.
    void end();

    // The `toolCall` of a permission request.
    Json open_call(const ApprovalRequested& approval) const;

private:
    void tell(Json fields);
    void tell_state();
    Json work_state() const;
    void show(const Json& update);
    void show_output();

    rpc::Connection& connection_;
    std::string id_, parent_id_;
    const Session& session_;
    std::unique_ptr<Projector> live_;
    TextPieces text_;
    async::Timer output_timer_;
    bool output_waits_ = false;    // for the timer
    std::set<std::string> grown_;  // calls with output that was not shown
    BusyStateChanged last_end_;
    std::string told_;  // the state that the client knows
};

}  // namespace thole::acp
