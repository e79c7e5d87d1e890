// Events for the tests of the journal: one of each kind with every field set, and random histories
// that look like sessions.
#pragma once
#include <random>
#include <vector>

#include "journal/event.hpp"

namespace thole::test {

std::vector<Event> one_of_each();

// A session of `length` events or a few more, the same for the same seed: prompts, streamed
// answers, thoughts, calls with and without results, approvals, compactions, resumes.
std::vector<Envelope> random_history(unsigned seed, std::size_t length);

Envelope envelope(std::uint64_t id, Event event);

}  // namespace thole::test
