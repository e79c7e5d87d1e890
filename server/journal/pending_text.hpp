// Streamed text that waits to become lines of the log: pieces of one message or one call are
// joined. Internal to journal/. Loop thread.
#pragma once
#include <cstddef>
#include <utility>
#include <vector>

#include "journal/event.hpp"

namespace thole {

class PendingText {
public:
    // `piece` is TokensStreamed, ThoughtStreamed or ToolOutputChunk.
    void add(const Event& piece);
    std::vector<Event> take();
    std::size_t bytes() const { return bytes_; }
    bool is_empty() const { return lines_.empty(); }

private:
    std::vector<Event> lines_;
    std::size_t bytes_ = 0;
};

}  // namespace thole
