// How each generation of Claude is told how much to think. Facts of the Messages API as of November
// 2026: up to 4.5 by a budget of tokens, from 4.6 on adaptively by an effort; from 5 on thinking is
// on when nothing is said, and some cannot be stopped from thinking.
#pragma once
#include <string_view>

#include "base/json_fwd.hpp"
#include "model/provider.hpp"

namespace thole::model {

// The level that a request can have: a Claude that thinks by a budget refuses to go on with a tool
// round that it has not begun with a thought, after a change of the model for example.
ThoughtLevel level_of(const Request& request);

// Sets `thinking` and `output_config` of a request whose `max_tokens` is set.
void set_thinking(Json& body, std::string_view model, ThoughtLevel level);

}  // namespace thole::model
