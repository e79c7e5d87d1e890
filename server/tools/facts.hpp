// How a tool of ours says what it is: the words of its name.md and the JSON Schema of its input.
// For sources of tools only.
#pragma once
#include <string>
#include <string_view>

#include "base/fields.hpp"
#include "tools/tool.hpp"

namespace thole {

// The content of server/tools/<name>.md, "" when there is none. Built in.
std::string_view tool_text(std::string_view name);

// `properties` is the JSON text of the schema's "properties"; other members are not allowed.
ToolFacts tool_facts(std::string name, Effect effect, std::string kind, std::string_view properties,
                     std::vector<std::string> required);

// A title for people: one line of at most 200 bytes.
std::string title_of(std::string_view text);

// Why a prepared path must not be used any more: a symbolic link has come in its way since, so that
// it is not what was decided on. "" when it is as it was.
std::string moved_away(const Roots& roots, const std::string& path);

// An outcome that says why the call failed.
ToolOutcome failed_outcome(std::string why);

// An outcome of any length: what is over 30,000 bytes goes into a blob, start and end are shown.
// `last_line` (how it ended, how to go on) is always shown in full.
ToolOutcome long_outcome(ToolHost& host, std::string text, std::string_view last_line);

}  // namespace thole
