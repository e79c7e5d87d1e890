// How OpenAI's models are told how much to think: which values each takes. Facts of November 2026
// from OpenAI's pages. Pure.
#pragma once
#include <string_view>

#include "model/provider.hpp"

namespace thole::model {

// Models that think before they answer, at least when they are told to.
bool is_reasoning_model(std::string_view model);

// The effort to ask for; "" when nothing is to be said about it.
std::string_view effort_of(std::string_view model, ThoughtLevel level);

// The same in Chat Completions: from GPT-5.2 on it refuses tools while the model thinks, and most
// of those models think unless they are told not to. Those that cannot be told are left to
// complain.
std::string_view chat_effort_of(const Request& request);

}  // namespace thole::model
