#include "journal/pending_text.hpp"

#include <algorithm>
#include <cassert>

namespace thole {

namespace {

// Each joins the piece to the line and says whether it did.
bool join(TokensStreamed& line, const TokensStreamed& piece) {
    if (line.message_id != piece.message_id) return false;
    line.text += piece.text;
    return true;
}

// A signature ends a thought; a redacted one stands alone.
bool join(ThoughtStreamed& line, const ThoughtStreamed& piece) {
    const bool is_one = line.message_id == piece.message_id && line.signature.empty() &&
                        !line.redacted && !piece.redacted;
    if (!is_one) return false;
    line.text += piece.text;
    line.signature = piece.signature;
    return true;
}

bool join(ToolOutputChunk& line, const ToolOutputChunk& piece) {
    if (line.call_id != piece.call_id) return false;
    line.text += piece.text;
    return true;
}

template <class T>
bool join_as(Event& line, const Event& piece) {
    auto* held = std::get_if<T>(&line);
    const auto* more = std::get_if<T>(&piece);
    return held && more && join(*held, *more);
}

bool join_any(Event& line, const Event& piece) {
    return join_as<TokensStreamed>(line, piece) || join_as<ThoughtStreamed>(line, piece) ||
           join_as<ToolOutputChunk>(line, piece);
}

std::string& text_of(Event& piece) {
    if (auto* tokens = std::get_if<TokensStreamed>(&piece)) return tokens->text;
    if (auto* output = std::get_if<ToolOutputChunk>(&piece)) return output->text;
    auto* thought = std::get_if<ThoughtStreamed>(&piece);
    assert(thought && "only text streams");
    return thought->text;
}

std::size_t size_of(const Event& piece) {
    if (const auto* tokens = std::get_if<TokensStreamed>(&piece)) return tokens->text.size();
    if (const auto* output = std::get_if<ToolOutputChunk>(&piece)) return output->text.size();
    const auto* thought = std::get_if<ThoughtStreamed>(&piece);
    assert(thought && "only text streams");
    return thought->text.size() + thought->signature.size();
}

bool is_closed(const Event& line) {
    const auto* thought = std::get_if<ThoughtStreamed>(&line);
    return thought && (thought->redacted || !thought->signature.empty());
}

// The call that an event is about; "" when it is about none.
std::string_view call_of(const Event& event) {
    if (const auto* e = std::get_if<ToolCallStarted>(&event)) return e->call_id;
    if (const auto* e = std::get_if<ToolOutputChunk>(&event)) return e->call_id;
    if (const auto* e = std::get_if<ToolCallCompleted>(&event)) return e->call_id;
    if (const auto* e = std::get_if<ApprovalRequested>(&event)) return e->call_id;
    if (const auto* e = std::get_if<ApprovalResolved>(&event)) return e->call_id;
    return "";
}

template <class... T>
bool is_any_of(const Event& event) {
    return (std::holds_alternative<T>(event) || ...);
}

// Events that may come while a model speaks, and change nothing in what it says.
bool leaves_message(const Event& next) {
    return is_any_of<CostUpdated, Checkpoint, TodosUpdated, PlanUpdated, PlanReviewed, ModeChanged,
                     ModelChanged, ContextWarning, ToolOutputChunk, EffectRefused, HookRan,
                     LimitReached, UnknownEvent>(next);
}

bool leaves_output(const Event& next, const std::string& call_id) {
    const bool ends_all = is_any_of<SessionStarted, SessionEnded, BusyStateChanged>(next);
    return !ends_all && call_of(next) != call_id;
}

}  // namespace

// Outputs of calls that run together may come in turns; a message's text keeps its order.
void PendingText::add(const Event& piece) {
    bytes_ += size_of(piece);
    const bool is_output = std::holds_alternative<ToolOutputChunk>(piece);
    const auto from = is_output ? lines_.begin() : last_of_messages();
    const bool is_joined =
        std::any_of(from, lines_.end(), [&](Event& line) { return join_any(line, piece); });
    if (!is_joined) lines_.push_back(piece);
}

// The last line that is no output; the end when there is none.
std::vector<Event>::iterator PendingText::last_of_messages() {
    const auto found = std::find_if(lines_.rbegin(), lines_.rend(), [](const Event& line) {
        return !std::holds_alternative<ToolOutputChunk>(line);
    });
    return found == lines_.rend() ? lines_.end() : std::prev(found.base());
}

std::vector<Event> PendingText::take_if(const Secrets& secrets,
                                        const std::function<bool(const Event&)>& goes_on) {
    std::vector<Event> taken;
    std::vector<Event> kept;
    const auto last = last_of_messages();
    const Event* const speaking = last == lines_.end() ? nullptr : &*last;
    bytes_ = 0;
    for (Event& line : lines_) {
        std::string& text = text_of(line);
        const bool can_grow = !is_closed(line) &&
                              (&line == speaking || std::holds_alternative<ToolOutputChunk>(line));
        const std::size_t whole =
            can_grow && goes_on(line) ? secrets.whole_size(text) : text.size();
        if (whole == text.size()) {
            taken.push_back(std::move(line));
            continue;
        }
        Event& rest = kept.emplace_back(line);
        text_of(rest).erase(0, whole);
        bytes_ += size_of(rest);
        text.resize(whole);
        if (whole > 0) taken.push_back(std::move(line));
    }
    lines_ = std::move(kept);
    return taken;
}

std::vector<Event> PendingText::take_whole(const Secrets& secrets) {
    return take_if(secrets, [](const Event&) { return true; });
}

std::vector<Event> PendingText::take_before(const Event& next, const Secrets& secrets) {
    return take_if(secrets, [&](const Event& line) {
        const auto* output = std::get_if<ToolOutputChunk>(&line);
        return output ? leaves_output(next, output->call_id) : leaves_message(next);
    });
}

std::vector<Event> PendingText::take() {
    bytes_ = 0;
    return std::exchange(lines_, {});
}

}  // namespace thole
