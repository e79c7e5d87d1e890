// What the text of a shell command's result says of how it ended (tools/bash.cpp). Pure.
#pragma once
#include <optional>
#include <string>

#include "base/json_fwd.hpp"

namespace thole::acp::v2 {

struct ShellEnd {
    std::string output;  // what was printed
    std::string remark;  // what more there is to say: "[timed out after 100 ms and killed]"
    std::optional<int> exit_code;  // neither this nor a signal: the text does not say
    std::string signal;            // "SIGKILL"
    bool is_known() const { return exit_code || !signal.empty(); }
};
ShellEnd shell_end(const std::string& text);

// {"exitCode":N}, {"signal":"SIGKILL"} or {}
Json exit_status(const ShellEnd& end);

}  // namespace thole::acp::v2
