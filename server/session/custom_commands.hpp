// Commands of the user's or the workspace's own: Markdown files that become prompts. Nothing is run
// to make one: arguments are put in, and files that the prompt names with @ are shown. Which there
// are is extensions.hpp's business. Blocking where it says so, small files.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "policy/rules.hpp"
#include "workspace/roots.hpp"

namespace thole {

struct CustomCommand {
    std::string name, description, hint;
    std::string model, agent;        // of its turn; "": the session's
    std::vector<std::string> tools;  // that its turn has; none: all
    std::string body, source;
    bool operator==(const CustomCommand&) const = default;
};

// Of the text of <name>.md: a YAML head (description, argument-hint, model, agent, allowed-tools),
// then the prompt. Error: configuration; `path` names it.
Result<CustomCommand> read_command(const std::string& name, const std::string& text,
                                   const std::string& path);

// The prompt: $ARGUMENTS is all that was typed, $1 to $9 its words ("two words" in quotes are one),
// "" where there are fewer. A body that names none of them has the arguments after it. What is put
// in is not looked at again.
std::string fill_in(const std::string& body, std::string_view arguments);

// The prompt, followed by the files that it names as @path. A name of no file stays as it is. At
// most 20 files of 256 KiB. Blocking. Errors: denied (a path outside the roots, or one that a rule
// keeps from being read), too_large, invalid_argument (a file that is no UTF-8 text).
Result<std::string> with_named_files(const std::string& prompt, const Roots& roots,
                                     const Rules& rules);

}  // namespace thole
