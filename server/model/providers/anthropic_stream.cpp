#include "model/providers/anthropic_stream.hpp"

#include "base/json.hpp"
#include "model/providers/lenient.hpp"

namespace thole::model {

void AnthropicStream::dispatch(const Json& event) {
    const std::string& type = text_of(event, "type");
    if (type == "content_block_delta") return take_delta(event);
    if (type == "content_block_start") return begin_block(event);
    if (type == "message_start") return take_usage(member(member(event, "message"), "usage"));
    if (type == "message_delta") {
        take_stop(text_of(member(event, "delta"), "stop_reason"));
        return take_usage(member(event, "usage"));
    }
    if (type == "message_stop") is_whole_ = ignores_rest_ = true;
    if (type == "error") fail_with(failure_of(peer(), read_complaint(event, 0)));
}

void AnthropicStream::begin_block(const Json& event) {
    const Json& block = member(event, "content_block");
    const std::string& type = text_of(block, "type");
    int index = int_of(event, "index", -1);
    if (type == "text") {
        begin(Text{}, index);
        add_text(text_of(block, "text"), index);
    } else if (type == "thinking") {
        begin(Thought{text_of(block, "thinking"), text_of(block, "signature"), false}, index);
    } else if (type == "redacted_thinking") {
        begin(Thought{"", text_of(block, "data"), true}, index);
    } else if (type == "tool_use") {
        begin_tool_use(block, index);
    }
}

void AnthropicStream::begin_tool_use(const Json& block, int index) {
    begin_call(index, text_of(block, "id"), text_of(block, "name"));
    const Json& input = member(block, "input");
    if (input.is_object() && !input.empty()) last()->arguments = dump_json(input);
}

void AnthropicStream::take_delta(const Json& event) {
    int index = int_of(event, "index", -1);
    Slot* at = slot(index);
    if (at == nullptr) return;
    const Json& delta = member(event, "delta");
    const std::string& type = text_of(delta, "type");
    if (type == "text_delta") {
        add_text(text_of(delta, "text"), index);
    } else if (type == "input_json_delta") {
        at->arguments += text_of(delta, "partial_json");
    } else if (auto* thought = std::get_if<Thought>(&at->block)) {
        thought->signature += text_of(delta, "signature");
        add_thought(text_of(delta, "thinking"), index);
    }
}

void AnthropicStream::take_usage(const Json& usage) {
    set_count(fresh_input_, usage, "input_tokens");
    set_count(reply_.usage.cached_read, usage, "cache_read_input_tokens");
    set_count(reply_.usage.cached_write, usage, "cache_creation_input_tokens");
    set_count(reply_.usage.output, usage, "output_tokens");
    set_count(reply_.usage.thought, member(usage, "output_tokens_details"), "thinking_tokens");
    reply_.usage.input = fresh_input_ + reply_.usage.cached_read + reply_.usage.cached_write;
}

void AnthropicStream::take_stop(const std::string& reason) {
    if (reason == "tool_use") reply_.stop = StopReason::tool_use;
    if (reason == "refusal") reply_.stop = StopReason::refusal;
    if (reason == "max_tokens" || reason == "model_context_window_exceeded") {
        reply_.stop = StopReason::max_tokens;
    }
}

}  // namespace thole::model
