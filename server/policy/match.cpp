#include "policy/match.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "policy/shell_programs.hpp"

namespace thole {

namespace {

std::string_view base_name(std::string_view path) {
    return path.substr(path.rfind('/') + 1);
}

bool starts_with(const std::vector<Word>& words, const std::vector<std::string>& wanted) {
    if (words.size() < wanted.size()) return false;
    return std::equal(
        wanted.begin(), wanted.end(), words.begin(),
        [](const std::string& text, const Word& word) { return word.exact && word.text == text; });
}

Match match_word(const std::string& wanted, const Word& word, bool is_program) {
    if (!word.exact) return Match::maybe;
    if (word.text == wanted) return Match::yes;
    bool by_path = is_program && wanted.find('/') == wanted.npos;
    return by_path && base_name(word.text) == wanted ? Match::yes : Match::no;
}

}  // namespace

std::vector<Word> words_to_match(const SimpleCommand& command) {
    std::vector<Word> words;
    bool exported = !command.words.empty();
    for (const Assignment& assignment : command.assignments) {
        if (is_harmless_variable(assignment.name, exported)) continue;
        const Word& value = assignment.value;
        words.push_back({assignment.name + "=" + value.text, value.exact, value.splits});
    }
    words.insert(words.end(), command.words.begin(), command.words.end());
    return words;
}

Cover cover_of(const Rule& rule, const SimpleCommand& command) {
    if (rule.kind == RuleKind::whole_tool) return Cover::everything;
    std::vector<Word> words = words_to_match(command);
    bool all_exact = std::all_of(words.begin(), words.end(), [](auto& word) { return word.exact; });
    if (!starts_with(words, rule.words)) return Cover::none;
    if (all_exact && words.size() == rule.words.size()) return Cover::everything;
    if (rule.kind != RuleKind::command_prefix || !command.reserve.empty()) return Cover::none;
    std::size_t assignments = words.size() - command.words.size();
    bool names_inner =
        command.inner_begin > 0 && rule.words.size() > command.inner_begin + assignments;
    return names_inner ? Cover::with_inner : Cover::command;
}

Match match_of(const Rule& rule, const SimpleCommand& command) {
    if (rule.kind == RuleKind::whole_tool) return Match::yes;
    if (command.opaque) return Match::maybe;
    // Assignments hide nothing from a deny, unless the rule names one.
    bool names_assignment = rule.words[0].find('=') != std::string::npos;
    std::vector<Word> words = names_assignment ? words_to_match(command) : command.words;
    Match match = Match::yes;
    for (std::size_t i = 0; i < rule.words.size(); ++i) {
        if (i >= words.size()) return Match::no;
        Match one = match_word(rule.words[i], words[i], i == 0);
        // What a computed word becomes may be several words, or none: all further ones are open.
        if (one == Match::maybe && words[i].splits) return Match::maybe;
        if (one == Match::no) return Match::no;
        if (one == Match::maybe) match = Match::maybe;
    }
    return match;
}

std::string shown(const SimpleCommand& command) {
    std::string out;
    for (const Word& word : words_to_match(command)) {
        if (!out.empty()) out += ' ';
        out += word.exact ? quote_words({word.text}) : word.text;
    }
    return one_line(out, 120);
}

}  // namespace thole
