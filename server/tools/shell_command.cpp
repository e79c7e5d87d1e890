#include "tools/shell_command.hpp"

#include <string.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <csignal>

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

// The number that follows `words` in `line`; -1: there is none.
int number_after(std::string_view line, std::string_view words) {
    int number = -1;
    if (line.starts_with(words)) {
        std::from_chars(line.data() + words.size(), line.data() + line.size(), number);
    }
    return number;
}

}  // namespace

std::string shell_program() {
    return ::access("/bin/bash", X_OK) == 0 ? "/bin/bash" : "/bin/sh";
}

async::ProcessOptions shell_command(const std::string& command, const std::string& directory,
                                    std::vector<std::string> environment) {
    std::erase_if(environment, is_replaced);
    environment.insert(environment.end(), forced.begin(), forced.end());
    async::ProcessOptions options;
    options.argv = {"/bin/sh", "-c", "exec \"$0\" -c \"$1\" 2>&1", shell_program(), command};
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

std::vector<std::string> never_inherited() {
    std::vector<std::string> names;
    for (const std::string_view variable : removed) {
        names.emplace_back(variable.substr(0, variable.size() - 1));
    }
    return names;
}

std::string exit_text(const async::Exit& exit) {
    if (exit.signal == 0) return "exit code " + std::to_string(exit.code);
    const char* name = ::strsignal(exit.signal);
    return "killed by signal " + std::to_string(exit.signal) +
           (name != nullptr ? " (" + std::string(name) + ")" : "");
}

std::string exit_line(const async::Exit& exit) {
    return "[" + exit_text(exit) + "]";
}

std::string timeout_line(std::chrono::milliseconds timeout) {
    return "[timed out after " + std::to_string(timeout.count()) + " ms and killed]";
}

// A hook's words stand after it.
std::optional<async::Exit> read_exit(std::string_view output) {
    output = output.substr(0, output.rfind("\n[from a hook: "));
    const std::string_view line = output.substr(output.rfind('\n') + 1);
    const int code = number_after(line, "[exit code ");
    if (code >= 0) return async::Exit{code, 0};
    const int signal = number_after(line, "[killed by signal ");
    if (signal > 0) return async::Exit{0, signal};
    return std::nullopt;
}

int signal_of(std::string_view name) {
    if (name.starts_with("SIG")) name.remove_prefix(3);
    for (int number = 1; number < NSIG; ++number) {
        const char* abbreviation = ::sigabbrev_np(number);
        const char* description = ::sigdescr_np(number);
        const bool is_it = (abbreviation != nullptr && name == abbreviation) ||
                           (description != nullptr && name == description) ||
                           name == std::to_string(number);
        if (is_it) return number;
    }
    return 0;
}

std::string signal_name(int number) {
    const char* abbreviation = ::sigabbrev_np(number);
    return abbreviation != nullptr ? "SIG" + std::string(abbreviation) : std::to_string(number);
}

}  // namespace thole
