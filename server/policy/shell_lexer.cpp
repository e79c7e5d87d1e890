#include "policy/shell_lexer.hpp"

#include <algorithm>

#include "policy/shell_syntax.hpp"

namespace thole {

namespace {

bool is_in(char c, std::string_view set) {
    return c != '\0' && set.find(c) != set.npos;
}

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool is_name_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || is_digit(c);
}

bool ends_word(char c) {
    return is_in(c, " \t\n;&|<>()");
}

}  // namespace

bool is_variable_name(std::string_view text) {
    if (text.empty() || is_digit(text[0])) return false;
    for (char c : text) {
        if (!is_name_character(c)) return false;
    }
    return true;
}

bool Lexer::fail_with(std::string why) {
    if (why_.empty()) why_ = std::move(why);
    return false;
}

char Lexer::peek(std::size_t ahead) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
}

bool Lexer::take(std::string_view wanted) {
    if (!rest().starts_with(wanted)) return false;
    at_ += wanted.size();
    return true;
}

void Lexer::skip_blanks() {
    for (;;) {
        if (is_in(peek(), " \t"))
            ++at_;
        else if (!take("\\\n"))
            break;
    }
    if (peek() != '#') return;
    while (!at_end() && peek() != '\n') ++at_;
}

bool Lexer::read_word(LexedWord& out) {
    std::size_t begin = at_;
    while (!at_end()) {
        bool process = is_in(peek(), "<>") && peek(1) == '(';
        if (ends_word(peek()) && !process) break;
        if (!read_piece(out)) return false;
    }
    if (!out.word.exact) out.word.text = text_.substr(begin, at_ - begin);
    return true;
}

bool Lexer::read_piece(LexedWord& out) {
    switch (peek()) {
        case '\\':
            return read_escape(out);
        case '\'':
            return read_single_quotes(out);
        case '"':
            return read_double_quotes(out);
        case '$':
            return read_dollar(out, false);
        case '`':
            return read_backticks(out, false);
        case '<':
        case '>':
            return read_process_substitution(out);
        case '\0':
            return fail_with("it has a NUL byte");
        default:
            return read_plain(out);
    }
}

// Patterns, lists in braces and ~ make a word that is not what it looks like.
bool Lexer::read_plain(LexedWord& out) {
    char c = peek();
    std::string& text = out.word.text;
    char before = text.empty() ? '\0' : text.back();
    if (c == '*' || c == '?') out.word.exact = false;
    if (c == '~' && (text.empty() || before == '=' || before == ':')) out.word.exact = false;
    if (c == ']' && out.open_bracket) out.word.exact = false;
    if (c == '}' && out.brace_has_list) out.word.exact = false;
    out.open_bracket = out.open_bracket || c == '[';
    out.open_brace = out.open_brace || c == '{';
    bool separates = c == ',' || (c == '.' && before == '.');
    out.brace_has_list = out.brace_has_list || (out.open_brace && separates);
    if (c == '=' && out.equals == std::string::npos && !out.quoted && out.word.exact) {
        std::string_view name = text;
        out.appends = name.ends_with('+');
        if (out.appends) name.remove_suffix(1);
        if (is_variable_name(name)) out.equals = text.size();
    }
    text += c;
    ++at_;
    return true;
}

bool Lexer::read_escape(LexedWord& out) {
    if (take("\\\n")) return true;
    if (at_ + 1 >= text_.size()) return fail_with("it ends in a backslash");
    out.quoted = true;
    out.word.text += peek(1);
    at_ += 2;
    return true;
}

bool Lexer::read_single_quotes(LexedWord& out) {
    std::size_t end = text_.find('\'', at_ + 1);
    if (end == text_.npos) return fail_with("a single quote is not closed");
    out.quoted = true;
    out.word.text += text_.substr(at_ + 1, end - at_ - 1);
    at_ = end + 1;
    return true;
}

bool Lexer::read_double_quotes(LexedWord& out) {
    out.quoted = true;
    ++at_;
    while (!at_end() && peek() != '"') {
        if (peek() == '$' || peek() == '`') {
            if (!read_expansion(out, true)) return false;
            continue;
        }
        if (take("\\\n")) continue;
        if (peek() == '\\' && is_in(peek(1), "$`\"\\")) ++at_;
        out.word.text += peek();
        ++at_;
    }
    return take("\"") || fail_with("a double quote is not closed");
}

bool Lexer::read_expansion(LexedWord& out, bool in_quotes) {
    return peek() == '$' ? read_dollar(out, in_quotes) : read_backticks(out, in_quotes);
}

bool Lexer::read_dollar(LexedWord& out, bool in_quotes) {
    char next = peek(1);
    if (next == '\'' && !in_quotes) return read_dollar_quotes(out);
    if (next == '[') return fail_with("$[ ] is arithmetic, which can run commands");
    bool named = is_name_character(next) || is_in(next, "@*#?$!-");
    bool quote = next == '"' && !in_quotes;
    if (!named && !quote && !is_in(next, "({")) {
        out.word.text += '$';
        ++at_;
        return true;
    }
    out.word.exact = false;
    out.word.splits = out.word.splits || !in_quotes || next == '@';
    if (rest().starts_with("$((")) return read_arithmetic();
    at_ += 1;
    if (quote) return true;
    if (next == '(') {
        ++at_;
        return substitutions_.read_until_parenthesis();
    }
    if (next == '{') return read_braced_parameter();
    if (!is_name_character(next) || is_digit(next)) {
        ++at_;
        return true;
    }
    while (is_name_character(peek())) ++at_;
    return true;
}

// Shells disagree about an escaped quote in $'…'.
bool Lexer::read_dollar_quotes(LexedWord& out) {
    std::size_t end = text_.find('\'', at_ + 2);
    if (end == text_.npos) return fail_with("a quote of $'…' is not closed");
    if (text_[end - 1] == '\\') return fail_with("$'…' with an escaped quote");
    out.quoted = true;
    out.word.exact = false;
    at_ = end + 1;
    return true;
}

bool Lexer::read_backticks(LexedWord& out, bool in_quotes) {
    out.word.exact = false;
    out.word.splits = out.word.splits || !in_quotes;
    std::string inner;
    for (++at_; !at_end() && peek() != '`'; ++at_) {
        if (peek() == '\\' && peek(1) == '"') {
            return fail_with("an escaped double quote in backticks");
        }
        if (peek() == '\\' && is_in(peek(1), "$`\\")) ++at_;
        inner += peek();
    }
    if (!take("`")) return fail_with("a backtick is not closed");
    return substitutions_.read_text(std::move(inner));
}

bool Lexer::read_process_substitution(LexedWord& out) {
    out.word.exact = false;
    at_ += 2;
    return substitutions_.read_until_parenthesis();
}

// Variables in arithmetic are evaluated again and again, subscripts with command substitutions
// included; only numbers are certain.
bool Lexer::read_arithmetic() {
    at_ += 3;
    while (is_digit(peek()) || is_in(peek(), " +-*/%<>=!&|^~?:,")) ++at_;
    return take("))") || fail_with("arithmetic with more than numbers can run commands");
}

bool Lexer::read_braced_parameter() {
    ++at_;
    if (take("#}")) return true;
    take("#");
    if (!read_parameter_name()) return false;
    if (take("}")) return true;
    if (peek() == ':' && !is_in(peek(1), "-+?=")) return read_parameter_offset();
    take(":");
    if (!is_in(peek(), "-+?#%/^,")) return fail_with("a form of ${…} that is not understood");
    ++at_;
    return read_parameter_word();
}

bool Lexer::read_parameter_name() {
    std::size_t begin = at_;
    while (is_name_character(peek())) ++at_;
    if (at_ == begin && is_in(peek(), "@*?$-")) ++at_;
    if (at_ == begin) return fail_with("a form of ${…} that is not understood");
    if (!take("[")) return true;
    while (is_digit(peek()) || is_in(peek(), "@*")) ++at_;
    return take("]") || fail_with("a computed subscript can run commands");
}

bool Lexer::read_parameter_offset() {
    while (is_digit(peek()) || is_in(peek(), ": -")) ++at_;
    return take("}") || fail_with("a computed offset in ${…} can run commands");
}

bool Lexer::read_parameter_word() {
    LexedWord unused;
    while (!at_end() && peek() != '}') {
        if (is_in(peek(), "'\"\\`<>") || peek() == '\0') {
            return fail_with("quotes inside ${…} are not understood");
        }
        if (peek() != '$') {
            ++at_;
        } else if (!read_dollar(unused, true)) {
            return false;
        }
    }
    return take("}") || fail_with("a ${ is not closed");
}

bool Lexer::scan_body() {
    LexedWord unused;
    while (!at_end()) {
        if (peek() == '\\' && peek(1) == '\n') {
            return fail_with("a here-document with an escaped line end");
        }
        if (peek() == '\\') {
            at_ = std::min(at_ + 2, text_.size());
        } else if (peek() == '$' || peek() == '`') {
            if (!read_expansion(unused, true)) return false;
        } else {
            ++at_;
        }
    }
    return true;
}

}  // namespace thole
