#include "model/providers/anthropic_stream.hpp"

#include "base/json.hpp"
#include "base/text.hpp"
#include "model/providers/lenient.hpp"

namespace thole::model {

namespace {

bool is_empty(const Block& block) {
    if (const auto* text = std::get_if<Text>(&block)) return text->text.empty();
    const auto* thought = std::get_if<Thought>(&block);
    return thought != nullptr && thought->text.empty() && thought->signature.empty();
}

}  // namespace

void AnthropicStream::take(std::string_view data) {
    if (failure_ || is_whole_) return;
    Result<Json> event = parse_json(data);
    if (event && event->is_object()) {
        dispatch(*event);
    } else {
        failure_ = transient_failure(
            Code::corrupt, "the stream holds an event that is not JSON: " + one_line(data, 80));
    }
}

void AnthropicStream::dispatch(const Json& event) {
    const std::string& type = text_of(event, "type");
    if (type == "content_block_delta") return take_delta(event);
    if (type == "content_block_start") return begin_block(event);
    if (type == "message_start") return take_usage(member(member(event, "message"), "usage"));
    if (type == "message_delta") {
        take_stop(text_of(member(event, "delta"), "stop_reason"));
        return take_usage(member(event, "usage"));
    }
    if (type == "message_stop") is_whole_ = true;
    if (type == "error") failure_ = failure_of(peer_, read_complaint(event, 0));
}

void AnthropicStream::begin_block(const Json& event) {
    const Json& block = member(event, "content_block");
    const std::string& type = text_of(block, "type");
    Slot slot;
    slot.index = int_of(event, "index", static_cast<int>(slots_.size()));
    if (type == "text") {
        slot.block = Text{text_of(block, "text")};
        if (!text_of(block, "text").empty()) sink_({Piece::Kind::text, text_of(block, "text")});
    } else if (type == "thinking") {
        slot.block = Thought{text_of(block, "thinking"), text_of(block, "signature"), false};
    } else if (type == "redacted_thinking") {
        slot.block = Thought{"", text_of(block, "data"), true};
    } else if (type == "tool_use") {
        begin_call(slot, block);
    } else {
        return;
    }
    slots_.push_back(std::move(slot));
}

void AnthropicStream::begin_call(Slot& slot, const Json& block) {
    const std::string& id = text_of(block, "id");
    const std::string& name = text_of(block, "name");
    ToolCall call;
    call.id = id;
    call.name = name;
    slot.block = std::move(call);
    const Json& input = member(block, "input");
    if (input.is_object() && !input.empty()) slot.arguments = dump_json(input);
    sink_({Piece::Kind::call_begins, {}, id, name});
}

AnthropicStream::Slot* AnthropicStream::slot(const Json& event) {
    int wanted = int_of(event, "index", -1);
    for (auto slot = slots_.rbegin(); slot != slots_.rend(); ++slot) {
        if (slot->index == wanted) return &*slot;
    }
    return nullptr;
}

void AnthropicStream::take_delta(const Json& event) {
    Slot* at = slot(event);
    if (at == nullptr) return;
    const Json& delta = member(event, "delta");
    const std::string& type = text_of(delta, "type");
    if (auto* text = std::get_if<Text>(&at->block); text != nullptr && type == "text_delta") {
        const std::string& more = text_of(delta, "text");
        text->text += more;
        if (!more.empty()) sink_({Piece::Kind::text, more});
    } else if (type == "input_json_delta") {
        at->arguments += text_of(delta, "partial_json");
    } else if (auto* thought = std::get_if<Thought>(&at->block)) {
        const std::string& more = text_of(delta, "thinking");
        thought->text += more;
        thought->signature += text_of(delta, "signature");
        if (!more.empty()) sink_({Piece::Kind::thought, more});
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

Answer AnthropicStream::finish(std::optional<Failure> broken) {
    if (failure_) return std::move(*failure_);
    if (!is_whole_ && broken) return std::move(*broken);
    if (!is_whole_) return transient_failure(Code::unavailable, "the answer broke off");
    for (Slot& slot : slots_) {
        auto* call = std::get_if<ToolCall>(&slot.block);
        if (call != nullptr) set_input(*call, std::move(slot.arguments));
        bool is_call = call != nullptr;
        if (is_call && reply_.stop == StopReason::end_turn) reply_.stop = StopReason::tool_use;
        if (!is_empty(slot.block)) reply_.blocks.push_back(std::move(slot.block));
    }
    return std::move(reply_);
}

}  // namespace thole::model
