// Reads words, with their quotes and expansions, for the shell parser. Commands inside expansions
// are handed to the parser through `Substitutions`. Internal to policy.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>

#include "policy/shell.hpp"

namespace thole {

// The part of the parser that the lexer needs.
class Substitutions {
public:
    virtual ~Substitutions() = default;
    // Reads the commands of "$(" or "<(" from the current place up to and with ")".
    virtual bool read_until_parenthesis() = 0;
    // The text of a backtick substitution, already without its escapes.
    virtual bool read_text(std::string text) = 0;
};

struct LexedWord {
    Word word;
    bool quoted = false;                     // anything of it was
    std::size_t equals = std::string::npos;  // end of NAME in NAME=value
    bool appends = false;                    // NAME+=value
    // While it is read: an unquoted "[" or "{" that may turn out to begin a pattern or a list.
    bool open_bracket = false, open_brace = false, brace_has_list = false;
};

class Lexer {
public:
    Lexer(std::string_view text, Substitutions& substitutions)
        : text_(text), substitutions_(substitutions) {}

    bool failed() const { return !why_.empty(); }
    const std::string& why() const { return why_; }
    bool fail_with(std::string why);  // keeps the first; returns false

    std::size_t place() const { return at_; }
    std::string_view rest() const { return text_.substr(at_); }
    char peek(std::size_t ahead = 0) const;
    bool at_end() const { return at_ >= text_.size(); }
    void advance(std::size_t count = 1) { at_ += count; }
    bool take(std::string_view wanted);  // if the text goes on with it

    // Blanks, escaped line ends and a comment; not a line end.
    void skip_blanks();
    // At the start of a word.
    bool read_word(LexedWord& out);
    // The whole text as the body of a here-document whose delimiter is not quoted: only expansions
    // matter.
    bool scan_body();

private:
    bool read_piece(LexedWord& out);
    bool read_plain(LexedWord& out);
    bool read_escape(LexedWord& out);
    bool read_single_quotes(LexedWord& out);
    bool read_double_quotes(LexedWord& out);
    bool read_dollar(LexedWord& out, bool in_quotes);
    bool read_dollar_quotes(LexedWord& out);
    bool read_backticks(LexedWord& out, bool in_quotes);
    bool read_process_substitution(LexedWord& out);
    bool read_arithmetic();
    bool read_braced_parameter();
    bool read_parameter_word();
    bool read_parameter_offset();
    bool read_parameter_name();
    bool read_expansion(LexedWord& out, bool in_quotes);

    std::string_view text_;
    std::size_t at_ = 0;
    std::string why_;
    Substitutions& substitutions_;
};

}  // namespace thole
