// Folds the chunks of one Chat Completions stream into an Answer, telling a sink of the pieces as
// they come. Made for one request by the provider; no thread of its own.
#pragma once
#include <optional>
#include <string_view>

#include "base/json_fwd.hpp"
#include "model/providers/failure.hpp"

namespace thole::model {

class OpenAiStream {
public:
    // `request_messages`: how many messages the request had; it makes ids for calls unique where
    // the server gives none.
    OpenAiStream(const Peer& peer, const PieceSink& sink, std::size_t request_messages)
        : peer_(peer), sink_(sink), request_messages_(request_messages) {}

    // The data of one event. After a failure or "[DONE]" the rest is ignored.
    void take(std::string_view data);

    // Once, at the end. `broken`: how the exchange failed, if it did; it counts for nothing when
    // the answer had its finish_reason by then.
    Answer finish(std::optional<Failure> broken);

private:
    struct Slot {
        Block block;
        int index = -1;         // of a ToolCall
        std::string arguments;  // likewise, as JSON text
        bool is_announced = false;
    };
    void dispatch(const Json& chunk);
    void take_choice(const Json& choice);
    void take_text(const Json& delta, std::string_view field);
    void add_text(std::string_view more);
    bool take_thought(const Json& delta, std::string_view field);
    void take_call(const Json& part);
    Slot& call_slot(const Json& part);
    void take_usage(const Json& usage);
    void take_finish(const std::string& reason);
    std::string made_id() const;

    const Peer& peer_;
    const PieceSink& sink_;
    std::size_t request_messages_;
    std::vector<Slot> slots_;
    Reply reply_;
    bool is_finished_ = false;  // a finish_reason came
    bool is_refused_ = false;
    bool is_done_ = false;
    std::optional<Failure> failure_;
};

}  // namespace thole::model
