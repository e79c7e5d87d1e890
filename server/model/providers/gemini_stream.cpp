#include "model/providers/gemini_stream.hpp"

#include <algorithm>
#include <array>

#include "base/json.hpp"
#include "model/providers/history.hpp"
#include "model/providers/lenient.hpp"

namespace thole::model {

namespace {

constexpr std::string_view gemini_tag = "gemini:";

// Something that the model may do right when it is asked again.
bool is_slip(std::string_view reason) {
    static constexpr std::array<std::string_view, 4> beginnings{"MALFORMED_", "UNEXPECTED_",
                                                                "TOO_MANY_", "MISSING_"};
    return std::any_of(beginnings.begin(), beginnings.end(),
                       [reason](std::string_view known) { return reason.starts_with(known); });
}

// "IMAGE_SAFETY" and its like, too.
bool is_refusal(std::string_view reason) {
    static constexpr std::array<std::string_view, 6> reasons{
        "SAFETY", "RECITATION", "LANGUAGE", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII"};
    return std::any_of(reasons.begin(), reasons.end(),
                       [reason](std::string_view known) { return reason.ends_with(known); });
}

}  // namespace

std::optional<GeminiSignature> gemini_signature(const Thought& thought) {
    std::optional<std::string_view> ours = tagged(thought, gemini_tag);
    if (!ours) return std::nullopt;
    std::size_t colon = ours->find(':');
    if (colon == std::string_view::npos) return std::nullopt;
    return GeminiSignature{ours->substr(0, colon), ours->substr(colon + 1)};
}

void GeminiStream::dispatch(const Json& chunk) {
    if (!member(chunk, "error").is_null()) {
        return fail_with(failure_of(peer(), read_complaint(chunk, 0)));
    }
    take_usage(member(chunk, "usageMetadata"));
    if (!text_of(member(chunk, "promptFeedback"), "blockReason").empty()) {
        is_whole_ = is_refused_ = true;
    }
    const Json& candidates = member(chunk, "candidates");
    if (!candidates.is_array() || candidates.empty()) return;
    const Json& candidate = candidates.front();
    const Json& parts = member(member(candidate, "content"), "parts");
    if (parts.is_array()) {
        for (const Json& part : parts) take_part(part);
    }
    take_finish(candidate);
}

void GeminiStream::take_part(const Json& part) {
    if (member(part, "functionCall").is_object()) return take_call(part);
    const Json& is_thought = member(part, "thought");
    const std::string& text = text_of(part, "text");
    if (is_thought.is_boolean() && is_thought.get<bool>()) {
        add_thought(text);
    } else {
        add_text(text);
    }
    keep_signature(part, "");
}

// A call comes whole. Its signature stands before it.
void GeminiStream::take_call(const Json& part) {
    const Json& call = member(part, "functionCall");
    std::string id = text_of(call, "id");
    if (id.empty()) id = made_id();
    keep_signature(part, id);
    begin_call(-1, id, text_of(call, "name"));
    const Json& input = member(call, "args");
    if (!input.is_null()) last()->arguments = dump_json(input);
}

void GeminiStream::keep_signature(const Json& part, std::string_view call_id) {
    const std::string& signature = text_of(part, "thoughtSignature");
    if (signature.empty()) return;
    std::string kept(gemini_tag);
    kept.append(signature).append(":").append(call_id);
    begin(Thought{"", std::move(kept), false});
}

void GeminiStream::take_finish(const Json& candidate) {
    const std::string& reason = text_of(candidate, "finishReason");
    if (reason.empty()) return;
    is_whole_ = true;
    is_refused_ = is_refused_ || is_refusal(reason);
    if (reason == "MAX_TOKENS") reply_.stop = StopReason::max_tokens;
    if (!is_slip(reason)) return;
    fail_with(transient_failure(Code::corrupt, "the model made a broken answer: " + reason));
}

void GeminiStream::take_usage(const Json& usage) {
    if (!usage.is_object()) return;
    std::int64_t of_tools = 0, answer = 0;
    set_count(reply_.usage.input, usage, "promptTokenCount");
    set_count(of_tools, usage, "toolUsePromptTokenCount");
    set_count(reply_.usage.cached_read, usage, "cachedContentTokenCount");
    set_count(reply_.usage.thought, usage, "thoughtsTokenCount");
    set_count(answer, usage, "candidatesTokenCount");
    reply_.usage.input += of_tools;
    reply_.usage.output = answer + reply_.usage.thought;
}

}  // namespace thole::model
