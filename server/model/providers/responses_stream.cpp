#include "model/providers/responses_stream.hpp"

#include "base/json.hpp"
#include "model/providers/lenient.hpp"

namespace thole::model {

std::string responses_tag(const std::string& provider) {
    return "openai/" + provider + ":";
}

void ResponsesStream::dispatch(const Json& event) {
    const std::string& type = text_of(event, "type");
    if (take_delta(type, event)) return;
    int index = int_of(event, "output_index", -1);
    const Json& response = member(event, "response");
    if (type == "response.output_item.added") return begin_item(member(event, "item"), index);
    if (type == "response.output_item.done") return end_item(member(event, "item"), index);
    if (type == "response.completed" || type == "response.incomplete") {
        return end_response(response);
    }
    if (type == "response.failed")
        return fail_with(failure_of(peer(), read_complaint(response, 0)));
    bool is_error = type == "error" || !member(event, "error").is_null();
    if (is_error) fail_with(failure_of(peer(), read_complaint(event, 0)));
}

bool ResponsesStream::take_delta(const std::string& type, const Json& event) {
    int index = int_of(event, "output_index", -1);
    const std::string& delta = text_of(event, "delta");
    if (type == "response.output_text.delta") {
        add_text(delta, index);
    } else if (type == "response.function_call_arguments.delta") {
        if (Slot* at = slot(index)) at->arguments += delta;
    } else if (type == "response.reasoning_summary_text.delta" ||
               type == "response.reasoning_text.delta") {
        add_thought(delta, index);
    } else if (type == "response.reasoning_summary_part.added") {
        if (int_of(event, "summary_index", 0) > 0) add_thought("\n\n", index);
    } else if (type == "response.refusal.delta") {
        is_refused_ = true;
        add_text(delta, index);
    } else {
        return false;
    }
    return true;
}

void ResponsesStream::begin_item(const Json& item, int index) {
    const std::string& type = text_of(item, "type");
    if (type == "function_call") begin_call(index, text_of(item, "call_id"), text_of(item, "name"));
    if (type == "reasoning") begin(Thought{}, index);
}

// The item as a whole: servers may leave out the deltas.
void ResponsesStream::end_item(const Json& item, int index) {
    const std::string& type = text_of(item, "type");
    if (type == "function_call") {
        if (slot(index) == nullptr) begin_item(item, index);
        const std::string& arguments = text_of(item, "arguments");
        if (!arguments.empty()) slot(index)->arguments = arguments;
    }
    if (type == "message" && slot(index) == nullptr) return take_message(item, index);
    if (type != "reasoning") return;
    const std::string& encrypted = text_of(item, "encrypted_content");
    if (encrypted.empty()) return;
    thought(index).signature =
        responses_tag(peer().provider) + text_of(item, "id") + ":" + encrypted;
}

void ResponsesStream::take_message(const Json& item, int index) {
    const Json& parts = member(item, "content");
    if (!parts.is_array()) return;
    for (const Json& part : parts) {
        const std::string& refusal = text_of(part, "refusal");
        is_refused_ = is_refused_ || !refusal.empty();
        add_text(refusal.empty() ? text_of(part, "text") : refusal, index);
    }
}

void ResponsesStream::end_response(const Json& response) {
    is_whole_ = ignores_rest_ = true;
    const Json& output = member(response, "output");
    if (last() == nullptr && output.is_array()) {
        for (std::size_t i = 0; i < output.size(); ++i) end_item(output[i], static_cast<int>(i));
    }
    take_usage(member(response, "usage"));
    const std::string& reason = text_of(member(response, "incomplete_details"), "reason");
    if (reason == "max_output_tokens") reply_.stop = StopReason::max_tokens;
    if (reason == "content_filter") reply_.stop = StopReason::refusal;
}

void ResponsesStream::take_usage(const Json& usage) {
    set_count(reply_.usage.input, usage, "input_tokens");
    set_count(reply_.usage.output, usage, "output_tokens");
    const Json& input = member(usage, "input_tokens_details");
    set_count(reply_.usage.cached_read, input, "cached_tokens");
    set_count(reply_.usage.cached_write, input, "cache_write_tokens");
    set_count(reply_.usage.thought, member(usage, "output_tokens_details"), "reasoning_tokens");
}

}  // namespace thole::model
