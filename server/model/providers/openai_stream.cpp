#include "model/providers/openai_stream.hpp"

#include <algorithm>

#include "base/json.hpp"
#include "base/text.hpp"
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

// Details come in pieces: those of one index and type belong together. A text goes on, anything
// else is as it came last.
void join_detail(Json& details, const Json& piece) {
    auto is_same = [&piece](const Json& known) {
        return member(known, "index") == member(piece, "index") &&
               member(known, "type") == member(piece, "type");
    };
    auto found = std::find_if(details.begin(), details.end(), is_same);
    if (found == details.end()) {
        details.push_back(piece);
        return;
    }
    for (const auto& [key, value] : piece.items()) {
        if (value.is_null()) continue;
        Json& held = (*found)[key];
        bool goes_on = value.is_string() && held.is_string() &&
                       (key == "text" || key == "summary" || key == "data");
        held = goes_on ? Json(held.get<std::string>() + value.get<std::string>()) : value;
    }
}

}  // namespace

void OpenAiStream::take(std::string_view data) {
    if (has_failed() || ignores_rest_) return;
    if (auto text = plain_text(data)) return take_content(*text);
    if (trim(data) == "[DONE]") {
        ignores_rest_ = true;
        return;
    }
    AnswerFold::take(data);
}

void OpenAiStream::take_content(std::string_view more) {
    if (tags_.is_past()) return add_text(more);
    tags_.take(more,
               [this](bool is_thought, std::string_view text) { take_part(is_thought, text); });
}

void OpenAiStream::take_part(bool is_thought, std::string_view text) {
    if (!is_thought) return add_text(text);
    Thought& open = thought(-1);
    if (open.signature.empty()) open.signature = text_tag;
    add_thought(text);
}

void OpenAiStream::end_content() {
    tags_.finish([this](bool is_thought, std::string_view text) { take_part(is_thought, text); });
}

void OpenAiStream::dispatch(const Json& chunk) {
    if (complains(chunk)) return fail_with(failure_of(peer(), read_complaint(chunk, 0)));
    const Json& choices = member(chunk, "choices");
    if (choices.is_array() && !choices.empty()) take_choice(choices.front());
    take_usage(member(chunk, "usage"));
}

void OpenAiStream::take_choice(const Json& choice) {
    if (member(choice, "error").is_object()) {
        return fail_with(failure_of(peer(), read_complaint(choice, 0)));
    }
    const Json& delta = member(choice, "delta");
    if (!take_thought(delta, "reasoning_content")) take_thought(delta, "reasoning");
    take_details(delta);
    take_content(text_of(delta, "content"));
    add_text(text_of(delta, "refusal"));
    is_refused_ = is_refused_ || !text_of(delta, "refusal").empty();
    const Json& calls = member(delta, "tool_calls");
    if (calls.is_array()) {
        for (const Json& part : calls) take_call(part);
    }
    const std::string& reason = text_of(choice, "finish_reason");
    if (!reason.empty()) take_finish(reason);
}

bool OpenAiStream::take_thought(const Json& delta, std::string_view field) {
    const std::string& more = text_of(delta, field);
    if (more.empty()) return false;
    Thought& open = thought(-1);
    if (open.signature.empty()) open.signature = std::string(field_tag) + std::string(field);
    add_thought(more);
    return true;
}

// They may come after the call that they are about; then they are a thought of their own.
void OpenAiStream::take_details(const Json& delta) {
    const Json& pieces = member(delta, "reasoning_details");
    if (!pieces.is_array() || pieces.empty()) return;
    thought(-1);
    if (!details_) details_ = std::make_shared<Json>(Json::array());
    for (const Json& piece : pieces) join_detail(*details_, piece);
}

void OpenAiStream::seal(Thought& thought) {
    if (!details_) return;
    thought.signature = std::string(details_tag) + dump_json(*details_);
    details_.reset();
}

// Servers differ: some count calls by `index`, some give every call index 0 and an id of its own,
// some give neither and send each call whole.
OpenAiStream::Slot& OpenAiStream::call_slot(const Json& part) {
    int index = int_of(part, "index", -1);
    const std::string& id = text_of(part, "id");
    bool begins = !text_of(member(part, "function"), "name").empty();
    Slot* at = index >= 0 ? slot(index) : last();
    const ToolCall* call = at != nullptr ? std::get_if<ToolCall>(&at->block) : nullptr;
    if (call != nullptr) {
        bool is_other = !id.empty() && !call->id.empty() && id != call->id;
        bool is_next = index < 0 && id.empty() && begins;
        if (!is_other && !is_next) return *at;
    }
    return begin(ToolCall{}, index);
}

void OpenAiStream::take_call(const Json& part) {
    end_content();
    Slot& slot = call_slot(part);
    ToolCall& call = std::get<ToolCall>(slot.block);
    const Json& function = member(part, "function");
    bool is_announced = !call.name.empty();
    if (call.id.empty()) call.id = text_of(part, "id");
    if (call.name.empty()) call.name = text_of(function, "name");
    const Json& arguments = member(function, "arguments");
    slot.arguments += arguments.is_object() ? dump_json(arguments) : text_of(function, "arguments");
    if (!is_announced && !call.name.empty()) announce(call);
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
        return fail_with(
            transient_failure(Code::unavailable, "the server broke off with an error"));
    }
    is_whole_ = true;
    end_content();
    if (reason == "length") reply_.stop = StopReason::max_tokens;
    if (reason == "content_filter") reply_.stop = StopReason::refusal;
    if (reason == "tool_calls") reply_.stop = StopReason::tool_use;
}

}  // namespace thole::model
