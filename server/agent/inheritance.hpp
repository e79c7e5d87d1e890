// What a sub-agent inherits of the conversation that it was started in. Pure.
#pragma once
#include <string>

#include "journal/state.hpp"

namespace thole {

// The summary of an earlier compaction, the approved plan, and what was said since, at most
// `most` bytes: the user's words and what came last kept best. Made from the state, without a
// model.
std::string inherited_summary(const State& state, std::size_t most = 8 * 1024);

}  // namespace thole
