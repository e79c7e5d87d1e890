#include "model/providers/bedrock_stream.hpp"

#include "base/json.hpp"
#include "model/providers/lenient.hpp"

namespace thole::model {

void BedrockStream::take_message(const http::EventStreamMessage& message) {
    std::string_view kind = message.header(":message-type");
    if (kind == "exception" || kind == "error") return take_exception(message);
    event_type_ = message.header(":event-type");
    AnswerFold::take(message.payload);
}

// An exception has its words in the payload, an error in headers.
void BedrockStream::take_exception(const http::EventStreamMessage& message) {
    if (has_failed() || is_whole_) return;
    Complaint complaint = read_complaint_text(message.payload, 0);
    bool is_exception = !message.header(":exception-type").empty();
    Json named = {{"type", message.header(is_exception ? ":exception-type" : ":error-code")},
                  {"message", complaint.message}};
    if (complaint.message.empty()) named["message"] = message.header(":error-message");
    fail_with(failure_of(peer(), read_complaint(named, 0)));
}

void BedrockStream::dispatch(const Json& event) {
    if (event_type_ == "contentBlockDelta") return take_delta(event);
    if (event_type_ == "contentBlockStart") return begin_block(event);
    if (event_type_ == "messageStop") return take_stop(text_of(event, "stopReason"));
    if (event_type_ == "metadata") take_usage(member(event, "usage"));
}

// Texts and thoughts begin with their first delta.
void BedrockStream::begin_block(const Json& event) {
    const Json& call = member(member(event, "start"), "toolUse");
    if (!call.is_object()) return;
    int index = int_of(event, "contentBlockIndex", -1);
    begin_call(index, text_of(call, "toolUseId"), text_of(call, "name"));
}

void BedrockStream::take_delta(const Json& event) {
    int index = int_of(event, "contentBlockIndex", -1);
    const Json& delta = member(event, "delta");
    add_text(text_of(delta, "text"), index);
    const Json& call = member(delta, "toolUse");
    Slot* at = slot(index);
    if (call.is_object() && at != nullptr) at->arguments += text_of(call, "input");
    const Json& reasoning = member(delta, "reasoningContent");
    if (!reasoning.is_object()) return;
    add_thought(text_of(reasoning, "text"), index);
    const std::string& redacted = text_of(reasoning, "redactedContent");
    const std::string& signature = text_of(reasoning, "signature");
    if (!signature.empty()) thought(index).signature += signature;
    if (redacted.empty()) return;
    thought(index).signature += redacted;
    thought(index).redacted = true;
}

void BedrockStream::take_stop(const std::string& reason) {
    is_whole_ = true;
    if (reason == "tool_use") reply_.stop = StopReason::tool_use;
    if (reason == "max_tokens" || reason == "model_context_window_exceeded") {
        reply_.stop = StopReason::max_tokens;
    }
    if (reason == "guardrail_intervened" || reason == "content_filtered" || reason == "refusal") {
        reply_.stop = StopReason::refusal;
    }
    if (!reason.starts_with("malformed")) return;
    fail_with(transient_failure(Code::corrupt, "the model made a broken answer: " + reason));
}

void BedrockStream::take_usage(const Json& usage) {
    std::int64_t fresh = 0;  // neither read from the cache nor written to it
    set_count(fresh, usage, "inputTokens");
    set_count(reply_.usage.cached_read, usage, "cacheReadInputTokens");
    set_count(reply_.usage.cached_write, usage, "cacheWriteInputTokens");
    set_count(reply_.usage.output, usage, "outputTokens");
    reply_.usage.input = fresh + reply_.usage.cached_read + reply_.usage.cached_write;
}

}  // namespace thole::model
