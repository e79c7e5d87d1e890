#include "model/providers/openai_stream.hpp"

#include <algorithm>

#include "base/json.hpp"
#include "base/text.hpp"
#include "model/providers/call_input.hpp"
#include "model/providers/history.hpp"
#include "model/providers/lenient.hpp"

namespace thole::model {

namespace {

// The text of a chunk that brings a piece of text and nothing else, without parsing it: most are of
// this kind. Quotes inside JSON strings are escaped, so what is found is what it looks like.
std::optional<std::string_view> plain_text(std::string_view chunk) {
    constexpr std::string_view start = R"("delta":{"content":")";
    std::size_t at = chunk.find(start);
    if (at == std::string_view::npos) return std::nullopt;
    chunk.remove_prefix(at + start.size());
    std::string_view text = chunk.substr(0, chunk.find('"'));
    chunk.remove_prefix(text.size());
    bool is_alone = chunk.starts_with("\"}") && chunk.ends_with('}') &&
                    chunk.find(R"("finish_reason":null)") != std::string_view::npos &&
                    chunk.find(R"("usage":{)") == std::string_view::npos &&
                    chunk.find(R"("error":)") == std::string_view::npos;
    if (!is_alone || text.find('\\') != std::string_view::npos) return std::nullopt;
    return text;
}

}  // namespace

void OpenAiStream::take(std::string_view data) {
    if (failure_ || is_done_) return;
    if (auto text = plain_text(data)) return add_text(*text);
    if (trim(data) == "[DONE]") {
        is_done_ = true;
        return;
    }
    Result<Json> chunk = parse_json(data);
    if (chunk && chunk->is_object()) {
        dispatch(*chunk);
    } else {
        failure_ = transient_failure(
            Code::corrupt, "the stream holds an event that is not JSON: " + one_line(data, 80));
    }
}

void OpenAiStream::dispatch(const Json& chunk) {
    const Json& error = member(chunk, "error");
    if (!error.is_null()) {
        failure_ = failure_of(peer_, read_complaint(chunk, 0));
        return;
    }
    const Json& choices = member(chunk, "choices");
    if (choices.is_array() && !choices.empty()) take_choice(choices.front());
    take_usage(member(chunk, "usage"));
}

void OpenAiStream::take_choice(const Json& choice) {
    if (member(choice, "error").is_object()) {
        failure_ = failure_of(peer_, read_complaint(choice, 0));
        return;
    }
    const Json& delta = member(choice, "delta");
    if (!take_thought(delta, "reasoning_content")) take_thought(delta, "reasoning");
    take_text(delta, "content");
    take_text(delta, "refusal");
    is_refused_ = is_refused_ || !text_of(delta, "refusal").empty();
    const Json& calls = member(delta, "tool_calls");
    if (calls.is_array()) {
        for (const Json& part : calls) take_call(part);
    }
    const std::string& reason = text_of(choice, "finish_reason");
    if (!reason.empty()) take_finish(reason);
}

void OpenAiStream::take_text(const Json& delta, std::string_view field) {
    add_text(text_of(delta, field));
}

void OpenAiStream::add_text(std::string_view more) {
    if (more.empty()) return;
    if (slots_.empty() || !std::holds_alternative<Text>(slots_.back().block)) {
        slots_.push_back(Slot{Text{}, -1, "", false});
    }
    std::get<Text>(slots_.back().block).text += more;
    sink_({Piece::Kind::text, more});
}

bool OpenAiStream::take_thought(const Json& delta, std::string_view field) {
    const std::string& more = text_of(delta, field);
    if (more.empty()) return false;
    if (slots_.empty() || !std::holds_alternative<Thought>(slots_.back().block)) {
        std::string signature = std::string(unsigned_prefix) + std::string(field);
        slots_.push_back(Slot{Thought{"", std::move(signature), false}, -1, "", false});
    }
    std::get<Thought>(slots_.back().block).text += more;
    sink_({Piece::Kind::thought, more});
    return true;
}

// Servers differ: some count calls by `index`, some give every call index 0 and an id of its own,
// some give neither and send each call whole.
OpenAiStream::Slot& OpenAiStream::call_slot(const Json& part) {
    int index = int_of(part, "index", -1);
    const std::string& id = text_of(part, "id");
    bool begins = !text_of(member(part, "function"), "name").empty();
    for (auto slot = slots_.rbegin(); slot != slots_.rend(); ++slot) {
        const auto* call = std::get_if<ToolCall>(&slot->block);
        if (call == nullptr || (index >= 0 && slot->index != index)) continue;
        bool is_other = !id.empty() && !call->id.empty() && id != call->id;
        bool is_next = index < 0 && id.empty() && begins;
        if (!is_other && !is_next) return *slot;
        if (index < 0) break;
    }
    slots_.push_back(Slot{ToolCall{}, index, "", false});
    return slots_.back();
}

void OpenAiStream::take_call(const Json& part) {
    Slot& slot = call_slot(part);
    ToolCall& call = std::get<ToolCall>(slot.block);
    const Json& function = member(part, "function");
    if (call.id.empty()) call.id = text_of(part, "id");
    if (call.name.empty()) call.name = text_of(function, "name");
    const Json& arguments = member(function, "arguments");
    slot.arguments += arguments.is_object() ? dump_json(arguments) : text_of(function, "arguments");
    if (slot.is_announced || call.name.empty()) return;
    if (call.id.empty()) call.id = made_id();
    slot.is_announced = true;
    sink_({Piece::Kind::call_begins, {}, call.id, call.name});
}

std::string OpenAiStream::made_id() const {
    return "call_" + std::to_string(request_messages_) + "_" + std::to_string(slots_.size());
}

void OpenAiStream::take_usage(const Json& usage) {
    if (!usage.is_object()) return;
    set_count(reply_.usage.input, usage, "prompt_tokens");
    set_count(reply_.usage.output, usage, "completion_tokens");
    const Json& input = member(usage, "prompt_tokens_details");
    set_count(reply_.usage.cached_read, input, "cached_tokens");
    set_count(reply_.usage.cached_write, input, "cache_write_tokens");
    set_count(reply_.usage.thought, member(usage, "completion_tokens_details"), "reasoning_tokens");
    const Json& cost = member(usage, "cost");
    if (cost.is_number()) reply_.usage.cost_usd = cost.get<double>();
}

void OpenAiStream::take_finish(const std::string& reason) {
    if (reason == "error") {
        failure_ = transient_failure(Code::unavailable, "the server broke off with an error");
        return;
    }
    is_finished_ = true;
    if (reason == "length") reply_.stop = StopReason::max_tokens;
    if (reason == "content_filter") reply_.stop = StopReason::refusal;
    if (reason == "tool_calls") reply_.stop = StopReason::tool_use;
}

Answer OpenAiStream::finish(std::optional<Failure> broken) {
    if (failure_) return std::move(*failure_);
    if (!is_finished_ && broken) return std::move(*broken);
    if (!is_finished_) return transient_failure(Code::unavailable, "the answer broke off");
    bool has_calls = false;
    for (Slot& slot : slots_) {
        if (auto* call = std::get_if<ToolCall>(&slot.block)) {
            if (!slot.is_announced) continue;
            has_calls = true;
            set_input(*call, std::move(slot.arguments));
        }
        reply_.blocks.push_back(std::move(slot.block));
    }
    if (is_refused_) reply_.stop = StopReason::refusal;
    if (has_calls && reply_.stop == StopReason::end_turn) reply_.stop = StopReason::tool_use;
    if (!has_calls && reply_.stop == StopReason::tool_use) reply_.stop = StopReason::end_turn;
    return std::move(reply_);
}

}  // namespace thole::model
