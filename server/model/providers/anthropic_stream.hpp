// Reads the events of one Messages API stream. Made for one request by the provider; no thread of
// its own.
#pragma once
#include "model/providers/answer_fold.hpp"

namespace thole::model {

class AnthropicStream final : public AnswerFold {
public:
    using AnswerFold::AnswerFold;

private:
    void dispatch(const Json& event) override;
    void begin_block(const Json& event);
    void begin_tool_use(const Json& block, int index);
    void take_delta(const Json& event);
    void take_usage(const Json& usage);
    void take_stop(const std::string& reason);

    std::int64_t fresh_input_ = 0;  // neither read from the cache nor written to it
};

}  // namespace thole::model
