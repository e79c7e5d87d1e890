// Reads the chunks of one generateContent stream. Made for one request by the provider; no thread
// of its own.
#pragma once
#include "model/providers/answer_fold.hpp"

namespace thole::model {

// What Thought::signature holds for Gemini: a signature, and with which call it came; "" with none.
struct GeminiSignature {
    std::string_view signature, call_id;
};
std::optional<GeminiSignature> gemini_signature(const Thought& thought);

class GeminiStream final : public AnswerFold {
public:
    // Gemini at times ends with nothing said, and speaks when it is asked again.
    GeminiStream(const Peer& peer, const PieceSink& sink, std::size_t request_messages)
        : AnswerFold(peer, sink, request_messages) {
        must_speak_ = true;
    }

private:
    void dispatch(const Json& chunk) override;
    void take_part(const Json& part);
    void take_call(const Json& part);
    void keep_signature(const Json& part, std::string_view call_id);
    void take_finish(const Json& candidate);
    void take_usage(const Json& usage);
};

}  // namespace thole::model
