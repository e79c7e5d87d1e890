// Reads the events of one Responses API stream. Made for one request by the provider; no thread of
// its own.
#pragma once
#include "model/providers/answer_fold.hpp"

namespace thole::model {

// What the signatures of a provider's thoughts begin with: their encryption is bound to its
// account.
std::string responses_tag(const std::string& provider);

class ResponsesStream final : public AnswerFold {
public:
    using AnswerFold::AnswerFold;

private:
    void dispatch(const Json& event) override;
    bool take_delta(const std::string& type, const Json& event);
    void begin_item(const Json& item, int index);
    void end_item(const Json& item, int index);
    void take_message(const Json& item, int index);
    void end_response(const Json& response);
    void take_usage(const Json& usage);
};

}  // namespace thole::model
