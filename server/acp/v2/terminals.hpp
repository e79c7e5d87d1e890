// What the text of a shell command's result says of how it ended (tools/shell_command.hpp). Pure.
#pragma once
#include <optional>
#include <string>

#include "async/process.hpp"
#include "base/json_fwd.hpp"

namespace thole::acp::v2 {

struct ShellEnd {
    std::string output;  // what was printed
    std::string remark;  // what more there is to say: "[timed out after 1 s and killed]"
    std::optional<async::Exit> exit;  // nullopt: the text does not say
};
ShellEnd shell_end(const std::string& text);

// {"exitCode":N}, {"signal":"SIGKILL"} or {}
Json exit_status(const ShellEnd& end);

}  // namespace thole::acp::v2
