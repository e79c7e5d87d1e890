#include "cli/words.hpp"

#include <algorithm>
#include <map>

#include "base/text.hpp"
#include "session/slash.hpp"

namespace thole::cli {
namespace {

using Kind = Word::Kind;

const std::map<std::string_view, Kind>& words_of_the_terminal() {
    static const std::map<std::string_view, Kind> words = {
        {"new", Kind::fresh},   {"resume", Kind::resume},
        {"save", Kind::save},   {"sessions", Kind::sessions},
        {"exit", Kind::leave},  {"quit", Kind::leave},
        {"q", Kind::leave},     {"exit-nosave", Kind::leave_nosave},
        {"tasks", Kind::slash}, {"task", Kind::slash},
        {"plan", Kind::slash},
    };
    return words;
}

bool is_digits(std::string_view text) {
    return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

// Whether a bare word may have this argument.
bool is_bare(std::string_view word, std::string_view argument) {
    bool is_one_word = argument.find_first_of(" \t\n") == std::string_view::npos;
    if (word == "resume") return !argument.empty() && is_one_word;
    if (word == "task") return is_digits(argument);
    return argument.empty();
}

bool is_slash_command(std::string_view name) {
    const std::vector<SlashCommand>& known = slash_commands();
    return std::any_of(known.begin(), known.end(),
                       [&](const SlashCommand& one) { return one.name == name; });
}

Word slash_word(std::string_view whole, std::string_view name, std::string_view argument) {
    bool is_path = name.find_first_not_of("abcdefghijklmnopqrstuvwxyz-") != std::string_view::npos;
    if (name.empty() || is_path) return {Kind::message, std::string(whole)};
    auto found = words_of_the_terminal().find(name);
    bool is_ours = found != words_of_the_terminal().end() && found->second != Kind::slash;
    if (is_ours) return {found->second, std::string(argument)};
    if (is_slash_command(name)) return {Kind::slash, std::string(whole)};
    return {Kind::unknown, std::string(name)};
}

}  // namespace

Word word_of(std::string_view typed) {
    std::string_view whole = trim(typed);
    bool has_slash = !whole.empty() && whole.front() == '/';
    std::string_view rest = has_slash ? whole.substr(1) : whole;
    std::size_t end = std::min(rest.find_first_of(" \t\n"), rest.size());
    std::string_view name = rest.substr(0, end), argument = trim(rest.substr(end));
    if (has_slash) return slash_word(whole, name, argument);
    auto found = words_of_the_terminal().find(name);
    bool is_word = found != words_of_the_terminal().end() && is_bare(name, argument);
    if (!is_word) return {Kind::message, std::string(whole)};
    if (found->second == Kind::slash) return {Kind::slash, "/" + std::string(whole)};
    return {found->second, std::string(argument)};
}

}  // namespace thole::cli
