// How one version of the protocol writes what a session shows. Projection, views and dialogs speak
// one tongue, that of v1, with what it lacks in `_meta.thole`; the codec of a connection's version
// stands between them and the wire and is chosen once, at initialize. One a session; loop thread.
#pragma once
#include <functional>
#include <memory>

#include "base/json_fwd.hpp"
#include "journal/state.hpp"

namespace thole::acp {

// Takes what is to be sent.
using UpdateSink = std::function<void(const Json& update)>;

class SessionCodec {
public:
    virtual ~SessionCodec() = default;

    // An update of the projection: what goes to the client for it, in order; maybe nothing.
    virtual void show(const Json& update, const UpdateSink& send) = 0;
    // The params of a session/request_permission.
    virtual Json permission(Json params) = 0;

    // A live call printed something. False: it is told by updates with all of its output.
    virtual bool show_output(const ToolOutputChunk& chunk, const UpdateSink& send) = 0;
    // A live event, after its updates: how the session stands.
    virtual void show_state(const Event& event, const State& state, const UpdateSink& send) = 0;

    // Between these two, updates come from a replay of the log, each after its event.
    virtual void begin_replay() = 0;
    virtual void replay(const Event& event) = 0;
    virtual void end_replay() = 0;
};

// v1: as it is. The end of a turn is the answer to its prompt.
class PlainCodec final : public SessionCodec {
public:
    void show(const Json& update, const UpdateSink& send) override { send(update); }
    Json permission(Json params) override;
    bool show_output(const ToolOutputChunk&, const UpdateSink&) override { return false; }
    void show_state(const Event&, const State&, const UpdateSink&) override {}
    void begin_replay() override {}
    void replay(const Event&) override {}
    void end_replay() override {}
};

// Makes the codec of a session that is about to be shown.
using MakeCodec = std::function<std::unique_ptr<SessionCodec>(const State& state)>;

}  // namespace thole::acp
