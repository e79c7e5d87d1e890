// The commands of the terminal: what main starts for each, and what they work with. Made by main,
// one a process; loop thread. Serving editors (--stdio) is not among them.
#pragma once
#include <string>

#include "cli/command_line.hpp"
#include "cli/output.hpp"

namespace thole::cli {

struct Parts {
    async::Loop& loop;
    http::Http& http;
    Sessions& sessions;
    Output& output;
    const Secrets& secrets;
    std::string cwd;              // absolute
    std::string state_directory;  // <state>/thole
    std::string config_fault;     // doctor only: why the configuration could not be read

    const Config& config() const { return sessions.config(); }
};

// Runs the command of `invocation` (any but serve and say) and gives the exit code.
async::Task<int> run_command(Parts& parts, const Invocation& invocation);

}  // namespace thole::cli
