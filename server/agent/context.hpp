// The conversation as the next model request wants it: a pure function of the session's state.
#pragma once
#include <vector>

#include "journal/state.hpp"
#include "model/provider.hpp"

namespace thole {

// Messages with user and assistant in turn, beginning with the user. Every tool call is followed by
// its result, in call order; a call without one gets "interrupted", so that the request is valid
// whatever happened to the session. The last message ends with reminder(state).
std::vector<model::Message> build_messages(const State& state);

}  // namespace thole
