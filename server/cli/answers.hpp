// What a person types at a question of the agent, as the command that it means: an approval, a
// question of ask_user, a plan in review. Pure.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "journal/state.hpp"
#include "session/command.hpp"

namespace thole::cli {

// What the session waits for, if for anything: the oldest approval, else a question, else the
// review of a plan.
struct Asked {
    enum class Kind { nothing, approval, question, review };
    Kind kind = Kind::nothing;
    std::string id;
    std::string session_id{};  // of the sub-agent that asks; "": the session itself
    bool operator==(const Asked&) const = default;
};
Asked asked_of(const State& state);

// What to type, for the line above the cursor.
std::string wording_of(const Asked& asked, const State& state);

// nullopt: nothing was typed, so it is asked again. y: once, s: for the session (when that is
// offered), n: no; anything else is the reason for a no.
std::optional<Command> answer_to(const Asked& asked, const State& state, std::string_view typed);

}  // namespace thole::cli
