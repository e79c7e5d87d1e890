// What a session is filed under, its title and whether it is archived, also of a session that is
// not open. Loop thread.
#pragma once
#include <optional>
#include <string>
#include <variant>

#include "session/command.hpp"
#include "session/sessions.hpp"

namespace thole {

using Label = std::variant<SetTitle, Archive>;

// The event of a change; nullopt: it is so already. Error: invalid_argument: the title is empty.
Result<std::optional<Event>> change_of(const State& state, const SetTitle& set);
std::optional<Event> change_of(const State& state, const Archive& archive);

// Labels session `id` of the workspace of `cwd`, whoever has it open, and gives its title then.
// Whatever runs in one that is archived ends. Returns when the label is in the log. Errors:
// invalid_argument, not_found, busy (another process has it and does not answer), io.
async::Task<Result<std::string>> label_session(Sessions& sessions, std::string id, std::string cwd,
                                               Label label);

}  // namespace thole
