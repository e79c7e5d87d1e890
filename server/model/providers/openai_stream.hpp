// Reads the chunks of one Chat Completions stream. Made for one request by the provider; no thread
// of its own.
#pragma once
#include <memory>

#include "model/providers/answer_fold.hpp"
#include "model/providers/think_tags.hpp"

namespace thole::model {

class OpenAiStream final : public AnswerFold {
public:
    using AnswerFold::AnswerFold;

    // The data of one event. After a failure or "[DONE]" the rest is ignored.
    void take(std::string_view data) override;

private:
    void dispatch(const Json& chunk) override;
    void seal(Thought& thought) override;
    void take_choice(const Json& choice);
    void take_content(std::string_view more);
    void take_part(bool is_thought, std::string_view text);
    void end_content();
    bool take_thought(const Json& delta, std::string_view field);
    void take_details(const Json& delta);
    void take_call(const Json& part);
    Slot& call_slot(const Json& part);
    void take_usage(const Json& usage);
    void take_finish(const std::string& reason);

    ThinkTags tags_;
    std::shared_ptr<Json> details_;  // OpenRouter's reasoning_details of the thought that goes on
};

}  // namespace thole::model
