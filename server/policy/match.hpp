// Rules against simple commands. Internal to policy.
#pragma once
#include <string>
#include <vector>

#include "policy/rules.hpp"
#include "policy/shell.hpp"

namespace thole {

// What a rule's words are compared with: the command's words, with assignments that could change
// what runs before them.
std::vector<Word> words_to_match(const SimpleCommand& command);

// For allow: certain, or not at all.
enum class Cover {
    none,
    command,     // this command; what it starts has to be covered by itself
    with_inner,  // and what it starts directly, which the rule names
    everything,  // an exact rule: also all that it starts
};
Cover cover_of(const Rule& rule, const SimpleCommand& command);

// For deny and ask: also when the program is named by its path, and whatever arguments follow.
enum class Match { no, maybe, yes };
Match match_of(const Rule& rule, const SimpleCommand& command);

// The words of the command for people: clipped, on one line.
std::string shown(const SimpleCommand& command);

}  // namespace thole
