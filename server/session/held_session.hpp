// A session as Sessions holds it: one that this process runs (LiveSession) or that it is attached
// to (AttachedSession). Internal to session/. Loop thread.
#pragma once
#include "session/session.hpp"

namespace thole {

class HeldSession : public Session {
public:
    // Its task, from opening until after end().
    virtual async::Task<void> run() = 0;
    // Makes run() return: a session of this process cancels what runs and ends, an attached one is
    // only let go of.
    virtual void end() = 0;
    // Waits until this process has nothing more to do for it. An attached one has nothing.
    virtual async::Task<void> until_idle() = 0;
};

}  // namespace thole
