#include "policy/shell_programs.hpp"

#include <algorithm>

namespace thole {

namespace {

// sudo and those below it do something of their own, so a rule has to name them, too.
constexpr Wrapper wrappers[] = {
    {"command", ""},
    {"builtin", ""},
    {"exec", "-a"},
    {"nohup", ""},
    {"setsid", ""},
    {"nice", "-n --adjustment"},
    {"ionice", "-c -n --class --classdata"},
    {"time", "-f -o --format --output"},
    {"timeout", "-s -k --signal --kill-after", 1},
    {"stdbuf", "-i -o -e --input --output --error"},
    {"chronic", ""},
    {"unbuffer", ""},
    {"xargs", "-I -n -P -L -d -E -s -a --max-args --max-procs --delimiter --max-chars --arg-file"},
    {"env", "-u --unset"},
    {"sudo", "-u -g -h -p -C -T -r -t -U -D -R", 0, false},
    {"doas", "-u -C", 0, false},
    {"strace", "-e -o -p -s -u -E -P -I -O -S", 0, false},
    {"ltrace", "-e -o -p -s -u -n", 0, false},
    {"flock", "-w -E --timeout", 1, false},
    {"taskset", "", 1, false},
    {"chrt", "", 1, false},
    {"chroot", "", 1, false},
    {"unshare", "", 0, false},
    {"nsenter", "-t --target", 0, false},
    {"busybox", "", 0, false},
    {"toybox", "", 0, false},
    {"watch", "-n -d --interval", 0, false},
    {"entr", "", 0, false},
    {"parallel", "-j --jobs -a", 0, false},
    {"caffeinate", "-t -w", 0, false},
};

struct Power {
    std::string_view program, options;
};

constexpr Power powers[] = {
    {"rg", "--pre --hostname-bin"},
    {"fd", "-x -X --exec --exec-batch"},
    {"fdfind", "-x -X --exec --exec-batch"},
    {"sort", "--compress-program -o --output"},
    {"tar",
     "--to-command --checkpoint-action -I --use-compress-program --rsh-command --info-script "
     "--new-volume-script -F"},
    {"git",
     "--ext-diff --upload-pack --receive-pack --exec --open-files-in-pager --extcmd --output "
     "--output-directory"},
};

constexpr std::string_view harmless =
    "CI NO_COLOR FORCE_COLOR CLICOLOR CLICOLOR_FORCE LANG LANGUAGE TZ COLUMNS LINES NODE_ENV "
    "RUST_BACKTRACE RUST_LOG CARGO_TERM_COLOR CGO_ENABLED GOOS GOARCH DEBUG VERBOSE "
    "PYTHONUNBUFFERED PYTHONDONTWRITEBYTECODE CTEST_OUTPUT_ON_FAILURE";

bool names_option(std::string_view word, std::string_view option) {
    if (!option.starts_with("--")) return word.starts_with(option) && !word.starts_with("--");
    std::string_view given = word.substr(0, word.find('='));
    return given.size() >= 3 && option.starts_with(given);
}

// Calls `found` for each word between spaces until it says true.
bool any_listed(std::string_view list, auto found) {
    while (!list.empty()) {
        std::size_t end = std::min(list.find(' '), list.size());
        if (found(list.substr(0, end))) return true;
        list.remove_prefix(std::min(end + 1, list.size()));
    }
    return false;
}

bool is_plain(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

}  // namespace

const Wrapper* wrapper_named(std::string_view program) {
    for (const Wrapper& wrapper : wrappers) {
        if (wrapper.name == program) return &wrapper;
    }
    return nullptr;
}

std::string_view powerful_options(std::string_view program) {
    for (const Power& power : powers) {
        if (power.program == program) return power.options;
    }
    return "";
}

bool names_one_of(std::string_view word, std::string_view options) {
    if (!word.starts_with('-')) return false;
    return any_listed(options, [&](std::string_view option) { return names_option(word, option); });
}

bool is_listed(std::string_view word, std::string_view list) {
    return any_listed(list, [&](std::string_view each) { return each == word; });
}

bool is_surely_no_option(const Word& word) {
    std::string_view text = word.text;
    if (word.exact) return !text.starts_with('-');
    if (text.starts_with('"')) text.remove_prefix(1);
    char first = text.empty() ? '-' : text[0];
    bool plain = is_plain(first) || (first >= 'A' && first <= 'Z') || first == '.' ||
                 first == '/' || first == '_';
    return plain && !word.splits;
}

bool is_harmless_variable(std::string_view name, bool exported) {
    if (name.starts_with("LC_") || is_listed(name, harmless)) return true;
    // Programs are told things by names in capitals, or with "_" in them (http_proxy); zsh ties
    // path and its like to PATH.
    bool plain = std::all_of(name.begin(), name.end(), is_plain);
    return !exported && plain && name.find("path") == name.npos;
}

}  // namespace thole
