#include "policy/shell.hpp"

#include <algorithm>

#include "policy/shell_syntax.hpp"
#include "policy/shell_wrappers.hpp"

namespace thole {

bool SimpleCommand::is_exact() const {
    auto exact_value = [](const Assignment& assignment) { return assignment.value.exact; };
    auto exact_word = [](const Word& word) { return word.exact; };
    auto exact_target = [](const Redirect& redirect) { return redirect.target.exact; };
    return std::all_of(assignments.begin(), assignments.end(), exact_value) &&
           std::all_of(words.begin(), words.end(), exact_word) &&
           std::all_of(redirects.begin(), redirects.end(), exact_target);
}

ParsedCommand parse_command(std::string_view command) {
    ParsedCommand parsed;
    parsed.provable = true;
    parse_syntax(command, parsed);
    unwrap(parsed);
    if (parsed.provable && parsed.commands.empty()) {
        parsed.provable = false;
        parsed.why_not = "there is no command in it";
    }
    return parsed;
}

std::string quote_words(const std::vector<std::string>& words) {
    constexpr std::string_view plain =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_=./:,@%+^";
    std::string out;
    for (const std::string& word : words) {
        if (!out.empty()) out += ' ';
        bool bare = !word.empty() && word.find_first_not_of(plain) == word.npos;
        if (bare) {
            out += word;
            continue;
        }
        out += '\'';
        for (char c : word) c == '\'' ? out.append("'\\''") : out.append(1, c);
        out += '\'';
    }
    return out;
}

}  // namespace thole
