#include "policy/shell_syntax.hpp"

#include <algorithm>
#include <initializer_list>
#include <utility>
#include <vector>

#include "policy/shell_lexer.hpp"

namespace thole {

namespace {

constexpr int most_depth = 40;
constexpr std::size_t most_bytes = 256 << 10;
constexpr std::size_t most_commands = 1000;

bool is_in(char c, std::string_view set) {
    return c != '\0' && set.find(c) != set.npos;
}

bool is_one_of(std::string_view word, std::initializer_list<std::string_view> words) {
    for (std::string_view each : words) {
        if (word == each) return true;
    }
    return false;
}

// Words after which a command begins, and words that end one. Their order is not checked: where it
// is wrong the shell runs nothing.
bool is_opening(std::string_view word) {
    return is_one_of(word,
                     {"!", "{", "if", "then", "else", "elif", "while", "until", "do", "time"});
}
bool is_closing(std::string_view word) {
    return is_one_of(word, {"}", "fi", "done"});
}
bool is_not_understood(std::string_view word) {
    return is_one_of(word, {"function", "select", "coproc", "[["});
}
bool is_reserved(std::string_view word) {
    return is_opening(word) || is_closing(word) || is_not_understood(word) ||
           is_one_of(word, {"for", "case", "esac", "in"});
}

struct Operator {
    std::string_view text;
    RedirectKind kind;
};
// Longer ones first.
constexpr Operator redirect_operators[] = {
    {"&>>", RedirectKind::write},     {"&>", RedirectKind::write},
    {"<<<", RedirectKind::text},      {"<<-", RedirectKind::text},
    {"<<", RedirectKind::text},       {"<&", RedirectKind::duplicate},
    {"<>", RedirectKind::read_write}, {"<", RedirectKind::read},
    {">>", RedirectKind::write},      {">|", RedirectKind::write},
    {">&", RedirectKind::duplicate},  {">", RedirectKind::write},
};

struct PendingDocument {
    std::string delimiter;
    bool quoted = false;
    bool strips_tabs = false;
};

class Parser final : private Substitutions {
public:
    Parser(std::string_view text, ParsedCommand& out, std::size_t outer, int depth)
        : out_(out), outer_(outer), depth_(depth), lexer_(text, *this) {}

    void run() {
        bool good = depth_ < most_depth || lexer_.fail_with("it is nested too deeply");
        good = good && read_list(false) && (lexer_.at_end() || unexpected()) &&
               (documents_.empty() || lexer_.fail_with("a here-document is not closed"));
        if (!good) give_up(lexer_.why());
    }

    void run_body() {
        if (!lexer_.scan_body()) give_up(lexer_.why());
    }

private:
    void give_up(const std::string& why) {
        if (out_.provable || out_.why_not.empty()) out_.why_not = why;
        out_.provable = false;
    }

    bool unexpected() {
        std::string why = "'";
        why += lexer_.peek();
        return lexer_.fail_with(why + "' is not understood there");
    }

    bool read_until_parenthesis() override {
        if (!documents_.empty()) {
            return lexer_.fail_with("a substitution beside the start of a here-document");
        }
        if (++depth_ >= most_depth) return lexer_.fail_with("it is nested too deeply");
        bool good = read_list(false) &&
                    (lexer_.take(")") || lexer_.fail_with("a parenthesis is not closed")) &&
                    (documents_.empty() || lexer_.fail_with("a here-document is not closed"));
        --depth_;
        return good;
    }

    bool read_text(std::string text) override {
        Parser(text, out_, outer_, depth_ + 1).run();
        return true;
    }

    // The unquoted word that comes next, when it may be a reserved one; else "".
    std::string_view next_plain_word() const {
        std::string_view rest = lexer_.rest();
        std::size_t end = rest.find_first_of(" \t\n;&|<>()");
        return rest.substr(0, end);
    }

    bool take_word(std::string_view word) {
        if (next_plain_word() != word) return false;
        lexer_.advance(word.size());
        return true;
    }

    // Blanks, line ends and the here-documents that begin after them.
    bool skip_lines() {
        lexer_.skip_blanks();
        while (lexer_.take("\n")) {
            if (!read_documents()) return false;
            lexer_.skip_blanks();
        }
        return true;
    }

    // Up to the end, a ")", a ";;" or "esac" (in a case); none of them is taken.
    bool read_list(bool in_case) {
        for (;;) {
            if (!skip_lines()) return false;
            if (lexer_.at_end() || lexer_.peek() == ')') return true;
            if (in_case && (lexer_.rest().starts_with(";;") || lexer_.rest().starts_with(";&") ||
                            next_plain_word() == "esac")) {
                return true;
            }
            if (!read_command()) return false;
            lexer_.skip_blanks();
            if (in_case && (lexer_.rest().starts_with(";;") || lexer_.rest().starts_with(";&"))) {
                return true;
            }
            if (lexer_.at_end() || lexer_.peek() == ')' || lexer_.peek() == '\n') continue;
            if (!take_separator()) return unexpected();
        }
    }

    bool take_separator() {
        for (std::string_view separator : {"&&", "||", "|&", "|", "&", ";"}) {
            if (lexer_.take(separator)) return true;
        }
        return false;
    }

    bool read_command() {
        for (;;) {
            if (!skip_lines()) return false;
            std::string_view word = next_plain_word();
            if (!is_opening(word)) break;
            lexer_.advance(word.size());
            lexer_.skip_blanks();
            if (word == "time") take_time_options();
        }
        lexer_.skip_blanks();
        if (lexer_.rest().starts_with("((")) {
            return lexer_.fail_with("arithmetic commands can run others");
        }
        if (lexer_.peek() == '(') return read_subshell();
        std::string_view word = next_plain_word();
        if (is_not_understood(word)) {
            return lexer_.fail_with("'" + std::string(word) + "' is not understood");
        }
        if (is_closing(word)) {
            lexer_.advance(word.size());
            return read_trailing_redirects();
        }
        if (word == "for") return read_for();
        if (word == "case") return read_case();
        return read_simple();
    }

    void take_time_options() {
        take_word("-p");
        lexer_.skip_blanks();
        take_word("--");
    }

    bool read_subshell() {
        lexer_.advance();
        return read_until_parenthesis() && read_trailing_redirects();
    }

    // After a compound command.
    bool read_trailing_redirects() {
        SimpleCommand command;
        for (;;) {
            lexer_.skip_blanks();
            while (lexer_.peek() >= '0' && lexer_.peek() <= '9') lexer_.advance();
            if (!at_redirect()) break;
            if (!read_redirect(command)) return false;
        }
        return command.redirects.empty() || add(std::move(command));
    }

    bool read_for() {
        lexer_.advance(3);
        lexer_.skip_blanks();
        LexedWord name;
        if (!lexer_.read_word(name)) return false;
        if (name.quoted || !is_variable_name(name.word.text)) {
            return lexer_.fail_with("a 'for' without a plain variable");
        }
        SimpleCommand sets;
        sets.assignments.push_back({name.word.text, {"", false, false}});
        if (!add(std::move(sets)) || !skip_lines()) return false;
        if (!take_word("in")) return true;
        for (;;) {
            lexer_.skip_blanks();
            if (lexer_.at_end() || is_in(lexer_.peek(), ";\n")) return true;
            if (is_in(lexer_.peek(), "&|()")) return unexpected();
            LexedWord item;
            if (!lexer_.read_word(item)) return false;
            if (item.word.text.empty() && !item.quoted) return unexpected();
        }
    }

    bool read_case() {
        lexer_.advance(4);
        lexer_.skip_blanks();
        LexedWord subject;
        if (!lexer_.read_word(subject) || !skip_lines()) return false;
        if (!take_word("in")) return lexer_.fail_with("a 'case' without 'in'");
        for (;;) {
            if (!skip_lines()) return false;
            if (take_word("esac")) return read_trailing_redirects();
            if (!read_patterns() || !read_list(true)) return false;
            if (lexer_.take(";;&") || lexer_.take(";;") || lexer_.take(";&")) continue;
            if (next_plain_word() != "esac") return lexer_.fail_with("a 'case' is not closed");
        }
    }

    bool read_patterns() {
        lexer_.take("(");
        for (;;) {
            lexer_.skip_blanks();
            LexedWord pattern;
            if (!lexer_.read_word(pattern)) return false;
            lexer_.skip_blanks();
            if (lexer_.take(")")) return true;
            if (!lexer_.take("|")) return lexer_.fail_with("a 'case' pattern is not understood");
        }
    }

    bool at_redirect() const {
        std::string_view rest = lexer_.rest();
        if (rest.starts_with("<(") || rest.starts_with(">(")) return false;
        return rest.starts_with('<') || rest.starts_with('>') || rest.starts_with("&>");
    }

    bool read_simple() {
        SimpleCommand command;
        bool after_both = false;  // after &>, where shells disagree about what follows
        for (;;) {
            lexer_.skip_blanks();
            if (at_redirect()) {
                after_both = after_both || lexer_.peek() == '&';
                if (!read_redirect(command)) return false;
                continue;
            }
            if (lexer_.at_end() || is_in(lexer_.peek(), "\n;&|)")) break;
            if (lexer_.peek() == '(') return lexer_.fail_with("a function or an array is defined");
            if (after_both) return lexer_.fail_with("words after &> are read in two ways");
            if (!read_simple_word(command)) return false;
        }
        bool empty =
            command.words.empty() && command.assignments.empty() && command.redirects.empty();
        return empty ? unexpected() : add(std::move(command));
    }

    bool read_simple_word(SimpleCommand& command) {
        LexedWord lexed;
        if (!lexer_.read_word(lexed)) return false;
        const std::string& text = lexed.word.text;
        bool before_redirect = at_redirect() && lexer_.peek() != '&' && !lexed.quoted;
        if (before_redirect && text.find_first_not_of("0123456789") == text.npos) return true;
        if (before_redirect && text.starts_with('{') && text.ends_with('}')) {
            return lexer_.fail_with("a descriptor variable is set");
        }
        if (command.words.empty() && lexed.equals != std::string::npos) {
            add_assignment(command, lexed);
            return true;
        }
        if (command.words.empty() && !lexed.quoted && is_reserved(text)) {
            return lexer_.fail_with("'" + text + "' is not understood there");
        }
        command.words.push_back(std::move(lexed.word));
        return true;
    }

    static void add_assignment(SimpleCommand& command, const LexedWord& lexed) {
        std::string name = lexed.word.text.substr(0, lexed.equals);
        Word value = lexed.word;
        value.text.erase(0, lexed.equals + 1);
        if (lexed.appends) {
            name.pop_back();
            value = {"", false, false};
        }
        command.assignments.push_back({std::move(name), std::move(value)});
    }

    bool read_redirect(SimpleCommand& command) {
        for (const Operator& op : redirect_operators) {
            if (!lexer_.take(op.text)) continue;
            lexer_.skip_blanks();
            LexedWord target;
            if (!lexer_.read_word(target)) return false;
            if (target.word.text.empty() && !target.quoted) {
                return lexer_.fail_with("a redirection without a target");
            }
            if (op.text == "<<" || op.text == "<<-") {
                return add_document(target, op.text == "<<-", command);
            }
            command.redirects.push_back({kind_of(op, target.word), std::move(target.word)});
            return true;
        }
        return unexpected();
    }

    // ">&file" writes to a file, ">&2" does not.
    static RedirectKind kind_of(const Operator& op, const Word& target) {
        if (op.kind != RedirectKind::duplicate) return op.kind;
        std::string_view text = target.text;
        if (text.ends_with('-')) text.remove_suffix(1);
        bool descriptor = target.exact && text.find_first_not_of("0123456789") == text.npos;
        if (descriptor) return RedirectKind::duplicate;
        return op.text == ">&" ? RedirectKind::write : RedirectKind::read;
    }

    bool add_document(const LexedWord& delimiter, bool strips_tabs, SimpleCommand& command) {
        if (!delimiter.word.exact) return lexer_.fail_with("a here-document's end is computed");
        documents_.push_back({delimiter.word.text, delimiter.quoted, strips_tabs});
        command.redirects.push_back({RedirectKind::text, {"", true, false}});
        return true;
    }

    // After a line end: the bodies of all here-documents that were begun on that line.
    bool read_documents() {
        for (const PendingDocument& document : std::exchange(documents_, {})) {
            std::string body;
            if (!read_body(document, body)) return false;
            if (!document.quoted) Parser(body, out_, outer_, depth_ + 1).run_body();
        }
        return true;
    }

    bool read_body(const PendingDocument& document, std::string& body) {
        while (!lexer_.at_end()) {
            std::string_view rest = lexer_.rest();
            std::string_view line = rest.substr(0, rest.find('\n'));
            lexer_.advance(std::min(line.size() + 1, rest.size()));
            if (document.strips_tabs)
                line.remove_prefix(std::min(line.find_first_not_of('\t'), line.size()));
            if (line == document.delimiter) return true;
            body.append(line).append("\n");
        }
        return lexer_.fail_with("a here-document is not closed");
    }

    bool add(SimpleCommand command) {
        if (out_.commands.size() >= most_commands) {
            return lexer_.fail_with("it has too many commands");
        }
        command.outer = outer_;
        out_.commands.push_back(std::move(command));
        return true;
    }

    ParsedCommand& out_;
    std::size_t outer_;
    int depth_;
    Lexer lexer_;
    std::vector<PendingDocument> documents_;
};

}  // namespace

void parse_syntax(std::string_view text, ParsedCommand& out, std::size_t outer, int depth) {
    if (text.size() > most_bytes) {
        out.provable = false;
        out.why_not = "it is too long";
        return;
    }
    Parser(text, out, outer, depth).run();
}

}  // namespace thole
