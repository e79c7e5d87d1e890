// What a server was given as a secret and says again. Pure.
#pragma once
#include <string>
#include <vector>

#include "base/json_fwd.hpp"

namespace thole::mcp {

// With "[redacted]" in the place of each.
std::string without_secrets(std::string text, const std::vector<std::string>& secrets);
// In every text of it, but for words of the protocol and what goes back to the server as it came.
void hide_secrets(Json& value, const std::vector<std::string>& secrets);

}  // namespace thole::mcp
