#include "model/providers/answer_fold.hpp"

#include <algorithm>

#include "base/ids.hpp"
#include "base/json.hpp"
#include "base/text.hpp"
#include "model/providers/call_input.hpp"

namespace thole::model {

namespace {

bool is_empty(const Block& block) {
    if (const auto* text = std::get_if<Text>(&block)) return text->text.empty();
    if (const auto* call = std::get_if<ToolCall>(&block)) return call->name.empty();
    const auto* thought = std::get_if<Thought>(&block);
    return thought != nullptr && thought->text.empty() && thought->signature.empty();
}

}  // namespace

void AnswerFold::take(std::string_view data) {
    if (failure_ || ignores_rest_) return;
    Result<Json> event = parse_json(data);
    if (event && event->is_object()) {
        dispatch(*event);
    } else {
        fail_with(transient_failure(
            Code::corrupt, "the stream holds an event that is not JSON: " + one_line(data, 80)));
    }
}

AnswerFold::Slot& AnswerFold::begin(Block block, int index) {
    close_thought();
    slots_.push_back(Slot{std::move(block), index, ""});
    return slots_.back();
}

AnswerFold::Slot* AnswerFold::slot(int index) {
    auto found = std::find_if(slots_.rbegin(), slots_.rend(),
                              [index](const Slot& slot) { return slot.index == index; });
    return found == slots_.rend() ? nullptr : &*found;
}

// A thought is whole when something else begins.
void AnswerFold::close_thought() {
    if (slots_.empty()) return;
    auto* thought = std::get_if<Thought>(&slots_.back().block);
    if (thought == nullptr) return;
    seal(*thought);
    Piece piece{Piece::Kind::thought_ends, thought->signature};
    piece.redacted = thought->redacted;
    sink_(piece);
}

Thought& AnswerFold::thought(int index) {
    Slot* at = index < 0 ? last() : slot(index);
    if (at == nullptr || !std::holds_alternative<Thought>(at->block)) {
        at = &begin(Thought{}, index);
    }
    return std::get<Thought>(at->block);
}

void AnswerFold::add_text(std::string_view more, int index) {
    if (more.empty()) return;
    Slot* at = index < 0 ? last() : slot(index);
    if (at == nullptr || !std::holds_alternative<Text>(at->block)) at = &begin(Text{}, index);
    std::get<Text>(at->block).text += more;
    sink_({Piece::Kind::text, more});
}

void AnswerFold::add_thought(std::string_view more, int index) {
    if (more.empty()) return;
    thought(index).text += more;
    sink_({Piece::Kind::thought, more});
}

// A summary makes the conversation shorter, so that numbers alone would come again.
std::string AnswerFold::made_id() const {
    return "call_" + std::to_string(request_messages_) + "_" + std::to_string(slots_.size()) + "_" +
           random_token(6);
}

void AnswerFold::announce(ToolCall& call) {
    if (call.id.empty()) call.id = made_id();
    sink_({Piece::Kind::call_begins, {}, call.id, call.name});
}

void AnswerFold::begin_call(int index, std::string_view id, std::string_view name) {
    ToolCall call;
    call.id = id;
    call.name = name;
    announce(std::get<ToolCall>(begin(std::move(call), index).block));
}

Answer AnswerFold::finish(std::optional<Failure> broken) {
    if (failure_) return std::move(*failure_);
    if (!is_whole_ && broken) return std::move(*broken);
    if (!is_whole_) return transient_failure(Code::unavailable, "the answer broke off");
    close_thought();
    take_blocks();
    if (must_speak_ && is_silent()) {
        return transient_failure(Code::unavailable, "the answer was empty");
    }
    return std::move(reply_);
}

void AnswerFold::take_blocks() {
    bool has_calls = false;
    for (Slot& slot : slots_) {
        if (is_empty(slot.block)) continue;
        if (auto* call = std::get_if<ToolCall>(&slot.block)) {
            has_calls = true;
            set_input(*call, std::move(slot.arguments));
        }
        reply_.blocks.push_back(std::move(slot.block));
    }
    if (is_refused_) reply_.stop = StopReason::refusal;
    if (has_calls && reply_.stop == StopReason::end_turn) reply_.stop = StopReason::tool_use;
    if (!has_calls && reply_.stop == StopReason::tool_use) reply_.stop = StopReason::end_turn;
}

bool AnswerFold::is_silent() const {
    bool is_over = reply_.stop == StopReason::end_turn;
    return is_over && std::all_of(reply_.blocks.begin(), reply_.blocks.end(), [](const Block& b) {
               return std::holds_alternative<Thought>(b);
           });
}

}  // namespace thole::model
