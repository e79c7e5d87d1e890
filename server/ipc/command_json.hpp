// Commands of a session as JSON, the way they come over its socket (docs/session-format.md). Pure.
#pragma once
#include "base/json_fwd.hpp"
#include "session/command.hpp"

namespace thole::ipc {

// {"type":"SendMessage","content":…}
Json command_to_json(const Command& command);
// Errors: invalid_argument, naming the field and what it should be.
Result<Command> command_from_json(const Json& json);

}  // namespace thole::ipc
