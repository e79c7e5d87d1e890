// Commands of a session as JSON, the way they come over its socket (docs/protocol.md, "Sockets").
// Pure.
#pragma once
#include <string_view>

#include "base/json_fwd.hpp"
#include "session/command.hpp"

namespace thole::ipc {

// "SendMessage", "ApproveToolCall", …
std::string_view command_name(const Command& command);

// {"type":"SendMessage","content":…}
Json command_to_json(const Command& command);

// Members that it does not know are ignored. Errors: invalid_argument, naming the field and what it
// should be.
Result<Command> command_from_json(const Json& json);

}  // namespace thole::ipc
