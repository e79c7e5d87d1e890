// The input of a tool call from the text that a model streamed for it. Shared by the HTTP
// providers.
#pragma once
#include <string>

#include "model/provider.hpp"

namespace thole::model {

// An empty text is an empty object. Anything but a JSON object goes to `broken_input` as it is, and
// the input is {}.
void set_input(ToolCall& call, std::string arguments);

}  // namespace thole::model
