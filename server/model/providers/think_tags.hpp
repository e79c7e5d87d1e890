// Finds the thoughts that servers without a parser for them leave at the start of the text, between
// "<think>" and "</think>": MiniMax, and vLLM or llama.cpp with open models. How the text is cut
// makes no difference. Made for one answer; no thread of its own.
#pragma once
#include <functional>
#include <string>
#include <string_view>

namespace thole::model {

inline constexpr std::string_view think_begins = "<think>";
inline constexpr std::string_view think_ends = "</think>";

class ThinkTags {
public:
    using Sink = std::function<void(bool is_thought, std::string_view text)>;

    // What comes now is text, whatever it looks like.
    bool is_past() const { return state_ == State::past; }

    // Tells of the parts of the text that these bytes decide.
    void take(std::string_view more, const Sink& sink);
    // The text is at its end: tells of what was held back.
    void finish(const Sink& sink);

private:
    enum class State { start, thought, gap, past };
    bool step(const Sink& sink);
    bool leave_start();
    bool take_thought(const Sink& sink);

    State state_ = State::start;
    std::string held_;  // not decided yet
};

}  // namespace thole::model
