// The syntax half of the shell parser: text into simple commands, before anything is known about
// what the commands mean. Internal to policy; others use shell.hpp.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>

#include "policy/shell.hpp"

namespace thole {

// Appends the commands of `text` to `out`, each with `outer`. Sets `out.provable` to false, with
// the reason, when something is not understood; what was already read stays. `depth` is how deep
// the text itself is nested.
void parse_syntax(std::string_view text, ParsedCommand& out,
                  std::size_t outer = SimpleCommand::no_outer, int depth = 0);

// Whether `text` is a name that a shell variable can have.
bool is_variable_name(std::string_view text);

}  // namespace thole
