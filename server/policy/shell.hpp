// What a shell command would run, found without running it: POSIX sh and bash syntax is taken apart
// into simple commands, those inside substitutions, here-documents and wrappers (env, xargs,
// sh -c, find -exec, …) included. Pure; any bytes. It errs on one side only: what it does not
// understand makes the whole unprovable, and an unprovable command is asked about.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace thole {

// A word. `exact`: `text` is, after quote removal, what the command will get. Else there is an
// expansion in it, and `text` is the word as it is written.
struct Word {
    std::string text;
    bool exact = true;
    bool splits = false;  // may become any number of words (unquoted $x, braces)
    bool operator==(const Word&) const = default;
};

struct Assignment {
    std::string name;
    Word value;
    bool operator==(const Assignment&) const = default;
};

enum class RedirectKind { read, write, read_write, duplicate, text };  // text: here-document, <<<

struct Redirect {
    RedirectKind kind = RedirectKind::write;
    Word target;  // a path; of `duplicate` a descriptor or "-"
    bool operator==(const Redirect&) const = default;
};

struct SimpleCommand {
    static constexpr std::size_t no_outer = static_cast<std::size_t>(-1);

    std::vector<Assignment> assignments;
    std::vector<Word> words;  // may be empty: only assignments or redirections
    std::vector<Redirect> redirects;
    // Index of the command that starts this one (env, xargs, sh -c, find -exec), else no_outer.
    std::size_t outer = no_outer;
    // A wrapper that does nothing of its own: only what it starts needs to be allowed.
    bool transparent = false;
    // Index in `words` of the first word of what it starts (the last such, for find); 0: nothing.
    std::size_t inner_begin = 0;
    // Why no prefix rule may allow it, for example "git -c changes git's configuration"; an exact
    // rule still may. Empty: nothing special.
    std::string reserve;
    // It runs text that cannot be seen here (eval "$x", sh reading its input, source file).
    bool opaque = false;

    bool is_exact() const;  // every word, assignment and redirect target is
    bool operator==(const SimpleCommand&) const = default;
};

struct ParsedCommand {
    // Those of the text in its order, then those that wrappers start; also filled, as far as it was
    // understood, when not provable.
    std::vector<SimpleCommand> commands;
    bool provable = false;
    std::string why_not;  // when not provable: "unfinished quote", "the command's name is computed"
    bool operator==(const ParsedCommand&) const = default;
};

ParsedCommand parse_command(std::string_view command);

// Words joined so that parse_command gives them back, quoted where needed.
std::string quote_words(const std::vector<std::string>& words);

}  // namespace thole
