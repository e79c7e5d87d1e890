// Folds the events of one Messages API stream into an Answer, telling a sink of the pieces as they
// come. Made for one request by the provider; no thread of its own.
#pragma once
#include <optional>
#include <string_view>

#include "base/json_fwd.hpp"
#include "model/providers/call_input.hpp"
#include "model/providers/failure.hpp"

namespace thole::model {

class AnthropicStream {
public:
    AnthropicStream(const Peer& peer, const PieceSink& sink) : peer_(peer), sink_(sink) {}

    // The data of one event. After a failure the rest is ignored.
    void take(std::string_view data);

    // Once, at the end. `broken`: how the exchange failed, if it did; it counts for nothing when
    // the message was whole by then.
    Answer finish(std::optional<Failure> broken);

private:
    struct Slot {
        int index = 0;
        Block block;
        std::string arguments;  // of a ToolCall, as JSON text
    };
    void dispatch(const Json& event);
    void begin_block(const Json& event);
    void begin_call(Slot& slot, const Json& block);
    void take_delta(const Json& event);
    void take_usage(const Json& usage);
    void take_stop(const std::string& reason);
    Slot* slot(const Json& event);

    const Peer& peer_;
    const PieceSink& sink_;
    std::vector<Slot> slots_;
    Reply reply_;
    std::int64_t fresh_input_ = 0;  // neither read from the cache nor written to it
    bool is_whole_ = false;
    std::optional<Failure> failure_;
};

}  // namespace thole::model
