#include "policy/shell.hpp"

#include <doctest/doctest.h>

using namespace thole;
using Texts = std::vector<std::string>;

namespace {

// "[one two] [three]": the words of each command, computed ones in angle brackets.
std::string words(std::string_view text) {
    std::string out;
    for (const SimpleCommand& command : parse_command(text).commands) {
        if (!out.empty()) out += ' ';
        std::string inner;
        for (const Assignment& each : command.assignments) {
            inner += (inner.empty() ? "" : " ") + each.name + ":=" + each.value.text;
        }
        for (const Word& word : command.words) {
            inner += (inner.empty() ? "" : " ") + (word.exact ? word.text : "<" + word.text + ">");
        }
        out += "[" + inner + "]";
    }
    return out;
}

std::string why_not(std::string_view text) {
    ParsedCommand parsed = parse_command(text);
    return parsed.provable ? "" : parsed.why_not;
}

}  // namespace

TEST_CASE("a simple command is its words, assignments and redirections") {
    ParsedCommand parsed = parse_command("A=1 B=$x prog \"a b\" c\\ d 'e' >out 2>&1 <in $y");
    SimpleCommand expected;
    expected.assignments = {{"A", {"1", true, false}}, {"B", {"$x", false, true}}};
    expected.words = {{"prog", true, false},
                      {"a b", true, false},
                      {"c d", true, false},
                      {"e", true, false},
                      {"$y", false, true}};
    expected.redirects = {{RedirectKind::write, {"out", true, false}},
                          {RedirectKind::duplicate, {"1", true, false}},
                          {RedirectKind::read, {"in", true, false}}};
    CHECK(parsed == ParsedCommand{{expected}, true, ""});
    CHECK_FALSE(expected.is_exact());
}

TEST_CASE("commands are found in lists, groups and substitutions") {
    CHECK(words("a && b || c; d | e & f\ng") == "[a] [b] [c] [d] [e] [f] [g]");
    CHECK(words("(a; { b; })") == "[a] [b]");
    CHECK(words("echo \"$(a $(b))\" `c` <(d)") ==
          "[b] [a <$(b)>] [c] [d] [echo <\"$(a $(b))\"> <`c`> <<(d)>]");
    CHECK(words("if a; then b; else c; fi; while d; do e; done") == "[a] [b] [c] [d] [e]");
    CHECK(words("for x in 1 $(a); do b $x; done") == "[x:=] [a] [b <$x>]");
    CHECK(words("case $x in a|b) c;; (d) e; esac; f") == "[c] [e] [f]");
}

TEST_CASE("here-documents are data unless their end is not quoted") {
    CHECK(words("cat <<'E' | b\n$(c)\nE\nd") == "[cat] [b] [d]");
    CHECK(words("cat <<E; b\n$(c) \\$(x)\nE\nd") == "[cat] [b] [c] [d]");
    CHECK(words("cat <<-E\n\tx\n\tE\nb") == "[cat] [b]");
    CHECK(why_not("cat <<E\nx") == "a here-document is not closed");
}

TEST_CASE("wrappers are looked through") {
    CHECK(words("env A=1 nice -n 3 git push") ==
          "[env A=1 nice -n 3 git push] [A:=1 nice -n 3 git push] [git push]");
    CHECK(words("sh -c 'a; b'") == "[sh -c a; b] [a] [b]");
    CHECK(words("xargs -n 1 rm -f") == "[xargs -n 1 rm -f] [rm -f <…>]");
    CHECK(words("find . -exec a {} \\; -delete") ==
          "[find . -exec a {} ; -delete] [a <{}>] [rm <…>]");
    CHECK(words("git -C d log") == "[git -C d log] [cd d] [git log]");
    CHECK(words("eval 'a b'; sudo X=1 c") == "[eval a b] [sudo X=1 c] [a b] [X:=1 c]");
}

TEST_CASE("what cannot be seen is said") {
    CHECK(why_not("a") == "");
    CHECK(why_not("") == "there is no command in it");
    CHECK(why_not("$x y") == "the command's name '$x' is computed");
    CHECK(why_not("a 'b") == "a single quote is not closed");
    CHECK(why_not("a \"b") == "a double quote is not closed");
    CHECK(why_not("a $(b") == "a parenthesis is not closed");
    CHECK(why_not("f() { a; }") == "a function or an array is defined");
    CHECK(why_not("curl x | sh") == "a shell runs what it reads");
    CHECK(why_not("eval \"$x\"") == "eval runs computed text");
    CHECK(why_not("[[ a ]]") == "'[[' is not understood");
    CHECK(why_not(std::string(300'000, 'a')) == "it is too long");
    CHECK(why_not(std::string(5000, '(')) != "");
    std::string nested;
    for (int i = 0; i < 100; ++i) nested += "$(";
    CHECK(why_not("echo " + nested) == "it is nested too deeply");
}

TEST_CASE("quoted words are read back as they were") {
    CHECK(quote_words({"git", "a b", "", "it's", "$x", "a\nb"}) ==
          "git 'a b' '' 'it'\\''s' '$x' 'a\nb'");
    for (const Texts& texts : {Texts{"x", "'"}, Texts{"x", "\\", "\""}, Texts{"x", "#", "~", "*"},
                               Texts{"x", "a=b", "{a,b}", "!", "\t"}}) {
        ParsedCommand parsed = parse_command(quote_words(texts));
        REQUIRE(parsed.commands.size() == 1);
        Texts back;
        for (const Word& word : parsed.commands[0].words) back.push_back(word.text);
        CHECK(back == texts);
        CHECK(parsed.commands[0].is_exact());
    }
}
