// What the model must know whatever became of the messages that said it: the approved plan, and in
// a conversation that was summarised the open tasks and what waits for the user. Taken from the
// session's state, never from a summary. Pure.
#pragma once
#include <string>

#include "journal/state.hpp"

namespace thole {

// One text, opened by model::session_state_mark; "" when there is nothing to say.
std::string reminder(const State& state);

}  // namespace thole
