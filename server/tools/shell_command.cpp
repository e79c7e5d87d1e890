#include "tools/shell_command.hpp"

#include <string.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <string_view>

namespace thole {

namespace {

constexpr std::array<std::string_view, 4> forced = {"GIT_PAGER=cat", "PAGER=cat", "TERM=dumb",
                                                    "NO_COLOR=1"};
constexpr std::array<std::string_view, 2> removed = {"FORCE_COLOR=", "CLICOLOR_FORCE="};

std::string_view name_of(std::string_view variable) {
    return variable.substr(0, std::min(variable.find('=') + 1, variable.size()));
}

bool is_replaced(std::string_view variable) {
    const std::string_view name = name_of(variable);
    const auto same = [name](std::string_view other) { return name_of(other) == name; };
    return std::any_of(forced.begin(), forced.end(), same) ||
           std::any_of(removed.begin(), removed.end(), same);
}

}  // namespace

async::ProcessOptions shell_command(const std::string& command, const std::string& directory,
                                    std::vector<std::string> environment) {
    const bool has_bash = ::access("/bin/bash", X_OK) == 0;
    std::erase_if(environment, is_replaced);
    environment.insert(environment.end(), forced.begin(), forced.end());
    async::ProcessOptions options;
    options.argv = {"/bin/sh", "-c", "exec \"$0\" -c \"$1\" 2>&1",
                    has_bash ? "/bin/bash" : "/bin/sh", command};
    options.cwd = directory;
    options.env = std::move(environment);
    return options;
}

void only_read(async::ProcessOptions& options) {
    options.read_only = true;
    for (const char* habit : {"GIT_OPTIONAL_LOCKS=0", "PYTHONDONTWRITEBYTECODE=1"}) {
        const std::string_view name = name_of(habit);
        std::erase_if(options.env,
                      [name](const std::string& one) { return one.starts_with(name); });
        options.env.emplace_back(habit);
    }
}

std::string exit_text(const async::Exit& exit) {
    if (exit.signal == 0) return "exit code " + std::to_string(exit.code);
    const char* name = ::strsignal(exit.signal);
    return "killed by signal " + std::to_string(exit.signal) +
           (name != nullptr ? " (" + std::string(name) + ")" : "");
}

}  // namespace thole
