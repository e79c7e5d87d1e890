// Reads the messages of one ConverseStream. Made for one request by the provider; no thread of its
// own.
#pragma once
#include "http/event_stream.hpp"
#include "model/providers/answer_fold.hpp"

namespace thole::model {

class BedrockStream final : public AnswerFold {
public:
    using AnswerFold::AnswerFold;

    void take_message(const http::EventStreamMessage& message);

private:
    void dispatch(const Json& event) override;
    void take_exception(const http::EventStreamMessage& message);
    void begin_block(const Json& event);
    void take_delta(const Json& event);
    void take_stop(const std::string& reason);
    void take_usage(const Json& usage);

    std::string event_type_;  // of the message that is read
};

}  // namespace thole::model
