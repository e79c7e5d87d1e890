// How bash starts a command: which shell, which environment, stdout and stderr as one. Pure but for
// looking which shells there are.
#pragma once
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "async/process.hpp"

namespace thole {

// bash, or sh where there is none.
std::string shell_program();

// `command`, the last argument, as the shell runs it in `directory`, with stdout and stderr in one
// pipe, so that they stay in order. `environment` is complemented so that nothing pages and nothing
// is coloured.
async::ProcessOptions shell_command(const std::string& command, const std::string& directory,
                                    std::vector<std::string> environment);

// Makes it one that may only read, and says so to programs that would otherwise write by the way.
void only_read(async::ProcessOptions& options);

// Names of variables that a command must not inherit from anywhere.
std::vector<std::string> never_inherited();

// "exit code 0", "exit code 2", "killed by signal 9 (Killed)".
std::string exit_text(const async::Exit& exit);

// The last line of a command's output for the model.
std::string exit_line(const async::Exit& exit);
std::string timeout_line(std::chrono::milliseconds timeout);
inline constexpr char cancelled_line[] = "[cancelled; the command was killed]";

// What exit_line() says in such an output; nullopt: it ended in another way.
std::optional<async::Exit> read_exit(std::string_view output);

// The number of a signal by any of its names ("SIGTERM", "TERM", "15", "Terminated"); 0: none.
int signal_of(std::string_view name);
std::string signal_name(int number);  // "SIGTERM"

}  // namespace thole
