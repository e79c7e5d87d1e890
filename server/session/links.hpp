// How the sessions of this process are reached from others, and theirs from here. Implemented by
// ipc/ with Unix sockets, made by main. Loop thread.
#pragma once
#include <memory>
#include <string>

#include "session/session.hpp"

namespace thole {

// The socket of one session of this process. Made before the session's first event names its path;
// lets nobody in until admit(). Its end closes what close() has not closed and removes the socket.
class Door {
public:
    virtual ~Door() = default;
    virtual const std::string& path() const = 0;  // absolute
    // From now on whoever connects watches and commands `session`, which must outlive the door.
    virtual void admit(Session& session) = 0;
    // After the session's last event, while it still exists: those who read get what is left, for
    // at most a second; then all connections close, and nobody calls the session any more. Must be
    // awaited before the door's end when admit() was called.
    virtual async::Task<void> close() = 0;
};

// What comes over a Link, on the loop's own turns (never from within a call of Link).
class LinkSink {
public:
    virtual ~LinkSink() = default;
    // Each event once, in order, from the one after `after_id` on.
    virtual void on_event(const Envelope& envelope) = 0;
    // A piece of text that comes again through on_event, which never comes before all of its
    // pieces.
    virtual void on_delta(const Event& piece) = 0;
    // Something of the log is damaged and was left out, or a text of it is lost. A sentence.
    virtual void on_damage(const std::string& what) { (void)what; }
    // The session did not take this command.
    virtual void on_refused(const Command& command, const Error& why) = 0;
    // The other process has let go of the session, died, or cut us off. The last call.
    virtual void on_closed(const Error& why) = 0;
};

// A connection to a session that another process runs. Closing it cancels nothing there.
class Link {
public:
    virtual ~Link() = default;
    // Queued and ordered. Nothing happens after on_closed.
    virtual void send(const Command& command) = 0;
    // Closes the connection and joins what works for it; no call of the sink after it began. Must
    // be awaited before the link's end.
    virtual async::Task<void> close() = 0;
};

class Links {
public:
    virtual ~Links() = default;
    // Errors: too_large (no directory for sockets is short enough), denied (the directory belongs
    // to somebody else), busy (another process listens there), io.
    virtual Result<std::unique_ptr<Door>> open_door(const std::string& session_id) = 0;
    // Connects to the socket of the session with these files and watches it, as one who can answer
    // approvals. `sink` must outlive the link. Errors: unavailable (nobody listens there), denied
    // (another user's), too_large (a path that no socket can have), timed_out.
    virtual async::Task<Result<std::unique_ptr<Link>>> attach(SessionFiles files,
                                                              std::string socket_path,
                                                              std::uint64_t after_id,
                                                              LinkSink& sink) = 0;
};

}  // namespace thole
