#include "model/providers/think_tags.hpp"

#include <algorithm>

namespace thole::model {

namespace {

constexpr std::string_view blanks = " \t\r\n";

// How many bytes at the end of `text` may be the beginning of `tag`.
std::size_t begun(std::string_view text, std::string_view tag) {
    std::size_t size = std::min(text.size(), tag.size() - 1);
    while (size > 0 && !text.ends_with(tag.substr(0, size))) --size;
    return size;
}

}  // namespace

void ThinkTags::take(std::string_view more, const Sink& sink) {
    held_ += more;
    while (step(sink)) {
    }
}

// Whether there is more to decide.
bool ThinkTags::step(const Sink& sink) {
    if (state_ == State::start) return leave_start();
    if (state_ == State::thought) return take_thought(sink);
    if (state_ == State::gap) {
        held_.erase(0, std::min(held_.find_first_not_of(blanks), held_.size()));
        if (!held_.empty()) state_ = State::past;
        return !held_.empty();
    }
    if (!held_.empty()) sink(false, held_);
    held_.clear();
    return false;
}

bool ThinkTags::leave_start() {
    std::size_t first = std::min(held_.find_first_not_of(blanks), held_.size());
    std::string_view words = std::string_view(held_).substr(first);
    if (think_begins.starts_with(words) && words.size() < think_begins.size()) return false;
    if (words.starts_with(think_begins)) {
        state_ = State::thought;
        held_.erase(0, first + think_begins.size());
    } else {
        state_ = State::past;
    }
    return true;
}

bool ThinkTags::take_thought(const Sink& sink) {
    std::size_t end = held_.find(think_ends);
    bool is_end = end != std::string::npos;
    if (!is_end) end = held_.size() - begun(held_, think_ends);
    if (end > 0) sink(true, std::string_view(held_).substr(0, end));
    held_.erase(0, is_end ? end + think_ends.size() : end);
    if (is_end) state_ = State::gap;
    return is_end;
}

void ThinkTags::finish(const Sink& sink) {
    if (!held_.empty()) sink(state_ == State::thought, held_);
    held_.clear();
    state_ = State::past;
}

}  // namespace thole::model
