// How bash starts a command: which shell, which environment, stdout and stderr as one. Pure but for
// looking which shells there are.
#pragma once
#include <string>
#include <vector>

#include "async/process.hpp"

namespace thole {

// `command` as bash (or sh) runs it in `directory`, with stdout and stderr in one pipe, so that
// they stay in order. `environment` is complemented so that nothing pages and nothing is coloured.
async::ProcessOptions shell_command(const std::string& command, const std::string& directory,
                                    std::vector<std::string> environment);

// Makes it one that may only read, and says so to programs that would otherwise write by the way.
void only_read(async::ProcessOptions& options);

// "exit code 0", "exit code 2", "killed by signal 9 (Killed)".
std::string exit_text(const async::Exit& exit);

}  // namespace thole
