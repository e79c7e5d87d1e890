// What the streams of all APIs have in common: pieces that come one after another become the blocks
// of one Answer, and a sink is told of them as they come. Each API derives its own, which reads the
// events. Made for one request by the provider; no thread of its own.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json_fwd.hpp"
#include "model/providers/failure.hpp"

namespace thole::model {

class AnswerFold {
public:
    // `request_messages`: how many messages the request had; it makes ids for calls unique where
    // the server gives none.
    AnswerFold(const Peer& peer, const PieceSink& sink, std::size_t request_messages = 0)
        : peer_(peer), sink_(sink), request_messages_(request_messages) {}
    virtual ~AnswerFold() = default;

    // The data of one event. After a failure or the end of the answer the rest is ignored.
    virtual void take(std::string_view data);

    // Once, at the end. `broken`: how the exchange failed, if it did; it counts for nothing when
    // the answer was whole by then.
    Answer finish(std::optional<Failure> broken);

protected:
    // Block by block in the model's order. `index` is the API's own number of a block; with none
    // (-1) text goes on with the last block if that is of its kind.
    struct Slot {
        Block block;
        int index = -1;
        std::string arguments;  // of a ToolCall, as JSON text
    };

    virtual void dispatch(const Json& event) = 0;
    // The last that happens to a thought before the sink hears that it ends.
    virtual void seal(Thought&) {}

    Slot& begin(Block block, int index = -1);
    Slot* slot(int index);
    Slot* last() { return slots_.empty() ? nullptr : &slots_.back(); }
    Thought& thought(int index);  // of that slot, which begins when it is new
    void add_text(std::string_view more, int index = -1);
    void add_thought(std::string_view more, int index = -1);
    std::string made_id() const;
    // Tells of a call whose name is known. Without an id it gets one.
    void announce(ToolCall& call);
    void begin_call(int index, std::string_view id, std::string_view name);
    void fail_with(Failure failure) { failure_ = std::move(failure); }
    bool has_failed() const { return failure_.has_value(); }
    const Peer& peer() const { return peer_; }

    Reply reply_;            // its stop and usage
    bool is_whole_ = false;  // the API has said that it is
    bool is_refused_ = false;
    bool ignores_rest_ = false;
    bool must_speak_ = false;  // a whole answer without a word or a call is a fault

private:
    void close_thought();
    void take_blocks();
    bool is_silent() const;

    const Peer& peer_;
    const PieceSink& sink_;
    std::size_t request_messages_;
    std::vector<Slot> slots_;
    std::optional<Failure> failure_;
};

}  // namespace thole::model
