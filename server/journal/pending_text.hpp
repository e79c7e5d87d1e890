// Streamed text that waits to become lines of the log: pieces of one message or one call are
// joined. What may be the beginning of a secret is kept back until the rest of it has come, so that
// no secret lies in two lines. Internal to journal/. Loop thread.
#pragma once
#include <cstddef>
#include <functional>
#include <utility>
#include <vector>

#include "journal/event.hpp"
#include "journal/secrets.hpp"

namespace thole {

class PendingText {
public:
    // `piece` is TokensStreamed, ThoughtStreamed or ToolOutputChunk.
    void add(const Event& piece);
    // Everything.
    std::vector<Event> take();
    // What can be written while the texts go on.
    std::vector<Event> take_whole(const Secrets& secrets);
    // What must be written before `next`: texts that it ends in full, of others what can be.
    std::vector<Event> take_before(const Event& next, const Secrets& secrets);
    std::size_t bytes() const { return bytes_; }
    bool is_empty() const { return lines_.empty(); }

private:
    std::vector<Event>::iterator last_of_messages();
    std::vector<Event> take_if(const Secrets& secrets,
                               const std::function<bool(const Event&)>& goes_on);

    std::vector<Event> lines_;
    std::size_t bytes_ = 0;
};

}  // namespace thole
