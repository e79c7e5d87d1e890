#include "policy/shell_wrappers.hpp"

#include <algorithm>
#include <initializer_list>

#include "policy/shell_programs.hpp"
#include "policy/shell_syntax.hpp"

namespace thole {

namespace {

constexpr std::size_t most_commands = 1000;
constexpr int most_depth = 10;

using Names = std::initializer_list<std::string_view>;

bool is_one_of(std::string_view word, Names names) {
    return std::find(names.begin(), names.end(), word) != names.end();
}

std::string_view base_name(std::string_view path) {
    return path.substr(path.rfind('/') + 1);
}

class Unwrapper {
public:
    explicit Unwrapper(ParsedCommand& parsed) : parsed_(parsed) {}

    void run() {
        for (std::size_t i = 0; i < parsed_.commands.size(); ++i) look_at(i);
    }

private:
    SimpleCommand& at(std::size_t i) { return parsed_.commands[i]; }

    void cannot_prove(std::string why) {
        if (parsed_.provable) parsed_.why_not = std::move(why);
        parsed_.provable = false;
    }

    void opaque(std::size_t i, std::string why) {
        at(i).opaque = true;
        cannot_prove(std::move(why));
    }

    void reserve(std::size_t i, std::string why) {
        if (at(i).reserve.empty()) at(i).reserve = std::move(why);
    }

    int depth_of(std::size_t i) const {
        int depth = 0;
        while (parsed_.commands[i].outer != SimpleCommand::no_outer) {
            i = parsed_.commands[i].outer;
            ++depth;
        }
        return depth;
    }

    void look_at(std::size_t i) {
        if (at(i).words.empty()) return;
        const Word first = at(i).words[0];
        if (!first.exact) return opaque(i, "the command's name '" + first.text + "' is computed");
        if (depth_of(i) > most_depth) return opaque(i, "it is nested too deeply");
        std::string name(base_name(first.text));
        if (const Wrapper* wrapper = wrapper_named(name)) return unwrap_simple(i, *wrapper);
        if (is_one_of(name, {"sh", "bash", "dash", "zsh", "ksh", "ash"})) return unwrap_shell(i);
        if (name == "eval") return unwrap_eval(i);
        if (name == "find") return unwrap_find(i);
        if (name == "git") return unwrap_git(i);
        look_at_builtin(i, name);
        look_for_powers(i, name);
    }

    // Those of the shell that change what later commands mean, or run text.
    void look_at_builtin(std::size_t i, const std::string& name) {
        if (is_one_of(name, {"source", ".", "alias", "unalias", "hash", "enable", "trap", "bind",
                             "complete", "compgen", "mapfile", "readarray", "let", "fc"})) {
            return opaque(i, "'" + name + "' can run what is not seen here");
        }
        if (is_one_of(name, {"export", "declare", "typeset", "local", "readonly", "set", "shopt",
                             "unset", "read", "getopts"})) {
            reserve(i, "'" + name + "' changes what later commands do");
        }
        if (name == "[" || name == "test") look_at_test(i, name);
        if (name == "printf") look_at_printf(i);
        if (name == "wait") look_for_subscripts(i, name);
        if (name == "tee") add_tee_targets(i);
    }

    // -v 'a[$(x)]' runs x, and a computed word may be -v.
    void look_at_test(std::size_t i, const std::string& name) {
        std::vector<Word> words = at(i).words;
        if (name == "[" && words.size() > 1) words.pop_back();
        auto computed = [](const Word& word) { return !word.exact; };
        auto splits = [](const Word& word) { return word.splits; };
        auto names_variable = [](const Word& word) { return word.exact && word.text == "-v"; };
        bool plain = std::none_of(words.begin(), words.end(), computed);
        bool unary = words.size() == 3 && words[1].exact &&
                     is_listed(words[1].text, "-b -c -d -e -f -h -L -n -p -r -s -S -w -x -z");
        bool binary = words.size() == 4 && words[2].exact &&
                      is_listed(words[2].text, "= == != -eq -ne -lt -le -gt -ge -nt -ot -ef");
        bool understood =
            plain || ((unary || binary) && std::none_of(words.begin(), words.end(), splits));
        if (!understood || std::any_of(words.begin(), words.end(), names_variable)) {
            opaque(i, "'" + name + "' with such words can run a computed subscript");
        }
    }

    void look_at_printf(std::size_t i) {
        const std::vector<Word>& words = at(i).words;
        if (words.size() < 2) return;
        bool variable =
            words[1].exact ? words[1].text.starts_with("-v") : !is_surely_no_option(words[1]);
        if (variable) opaque(i, "'printf -v' can run a computed subscript");
    }

    void look_for_subscripts(std::size_t i, const std::string& name) {
        const std::vector<Word>& words = at(i).words;
        bool plain = std::all_of(words.begin(), words.end(), [](const Word& word) {
            return word.exact && word.text.find('[') == std::string::npos;
        });
        if (!plain) opaque(i, "'" + name + "' can run a computed subscript");
    }

    void add_tee_targets(std::size_t i) {
        SimpleCommand& command = at(i);
        for (std::size_t w = 1; w < command.words.size(); ++w) {
            const Word& word = command.words[w];
            if (word.exact && word.text.starts_with('-') && word.text != "-") continue;
            command.redirects.push_back({RedirectKind::write, word});
        }
    }

    void look_for_powers(std::size_t i, const std::string& name) {
        std::string_view options = powerful_options(name);
        for (std::size_t w = 1; w < at(i).words.size() && !options.empty(); ++w) {
            look_for_power(i, w, name, options);
        }
    }

    void look_for_power(std::size_t i, std::size_t w, const std::string& name,
                        std::string_view options) {
        const Word& word = at(i).words[w];
        if (name == "git" && is_message(at(i).words, w)) return;
        if (!word.exact && !is_surely_no_option(word)) {
            return reserve(i, "an argument of " + name +
                                  " that is computed may be an option that runs a program");
        }
        if (!word.exact || !names_one_of(word.text, options)) return;
        reserve(i, name + " " + word.text + " can run a program or write a file");
    }

    // What follows git commit -m is no option, whatever it is.
    static bool is_message(const std::vector<Word>& words, std::size_t w) {
        const Word& before = words[w - 1];
        if (!before.exact || words[w].splits) return false;
        if (before.text == "--message") return true;
        bool is_short = before.text.starts_with('-') && !before.text.starts_with("--");
        return is_short && before.text.ends_with('m');
    }

    // Appends what command i starts: its words from `begin` on.
    void add_inner(std::size_t i, std::size_t begin, std::vector<Assignment> assignments = {}) {
        if (parsed_.commands.size() >= most_commands) return opaque(i, "it has too many commands");
        SimpleCommand inner;
        inner.assignments = std::move(assignments);
        inner.words.assign(at(i).words.begin() + static_cast<std::ptrdiff_t>(begin),
                           at(i).words.end());
        inner.outer = i;
        at(i).inner_begin = begin;
        parsed_.commands.push_back(std::move(inner));
    }

    // The index of the first word that is no option; also stops behind "--". 0: it is not known.
    static std::size_t skip_options(const std::vector<Word>& words, std::string_view with_value) {
        std::size_t w = 1;
        while (w < words.size()) {
            if (is_surely_no_option(words[w])) return w;
            if (!words[w].exact) return 0;
            const std::string& option = words[w++].text;
            if (option == "--") return w;
            if (!is_listed(option, with_value) || w >= words.size()) continue;
            if (words[w].splits) return 0;
            ++w;
        }
        return w;
    }

    void unwrap_simple(std::size_t i, const Wrapper& wrapper) {
        std::size_t begin = skip_options(at(i).words, wrapper.with_value);
        std::string name(wrapper.name);
        if (begin == 0) return opaque(i, "what " + name + " starts is computed");
        bool asks_only = at(i).words.size() > 1 && is_one_of(at(i).words[1].text, {"-v", "-V"});
        if (name == "command" && asks_only) return;
        if (name == "env") return unwrap_env(i, begin);
        if (name == "xargs") return unwrap_xargs(i, begin);
        std::vector<Assignment> assignments;
        while (name == "sudo" && begin < at(i).words.size() && is_assignment(at(i).words[begin])) {
            assignments.push_back(assignment_of(at(i).words[begin++]));
        }
        begin += static_cast<std::size_t>(wrapper.operands);
        if (begin >= at(i).words.size()) return;
        at(i).transparent = wrapper.transparent && at(i).words[0].text == wrapper.name;
        note_files(i, begin);
        if (wrapper.name == "watch" || wrapper.name == "parallel") {
            reserve(i, name + " gives its words to a shell");
        }
        add_inner(i, begin, std::move(assignments));
    }

    // time -o FILE writes a file.
    void note_files(std::size_t i, std::size_t begin) {
        if (base_name(at(i).words[0].text) != "time") return;
        for (std::size_t w = 1; w < begin; ++w) {
            if (!names_one_of(at(i).words[w].text, "-o --output")) continue;
            at(i).transparent = false;
            reserve(i, "time writes a file");
        }
    }

    static bool is_assignment(const Word& word) {
        return is_variable_name(std::string_view(word.text).substr(0, word.text.find('='))) &&
               word.text.find('=') != std::string::npos;
    }

    static Assignment assignment_of(const Word& word) {
        std::size_t equals = word.text.find('=');
        return {word.text.substr(0, equals), {word.text.substr(equals + 1), word.exact, false}};
    }

    void unwrap_env(std::size_t i, std::size_t begin) {
        const std::vector<Word>& words = at(i).words;
        bool plain = words[0].text == "env" || words[0].text == "/usr/bin/env";
        for (std::size_t w = 1; w < begin; ++w) {
            std::string_view option = words[w].text;
            if (is_one_of(option, {"-i", "-", "--ignore-environment", "-0", "--null", "--"}))
                continue;
            if (is_one_of(option, {"-u", "--unset"}) && w + 1 < begin) {
                ++w;
                continue;
            }
            return opaque(i, "env " + std::string(option) + " is not understood");
        }
        std::vector<Assignment> assignments;
        while (begin < words.size() && is_assignment(words[begin])) {
            if (words[begin].splits) return opaque(i, "what env starts is computed");
            assignments.push_back(assignment_of(words[begin++]));
        }
        if (begin >= words.size()) return;
        at(i).transparent = plain;
        add_inner(i, begin, std::move(assignments));
    }

    // Unknown words come behind those that are there; with -I they are put into them.
    void unwrap_xargs(std::size_t i, std::size_t begin) {
        if (begin >= at(i).words.size()) return;
        std::string replaced = replaced_by_xargs(at(i).words, begin);
        at(i).transparent = at(i).words[0].text == "xargs";
        add_inner(i, begin);
        if (at(i).opaque) return;
        SimpleCommand& inner = parsed_.commands.back();
        for (Word& word : inner.words) {
            bool inside = !replaced.empty() && word.text.find(replaced) != std::string::npos;
            if (inside) word.exact = false;
        }
        if (replaced.empty()) inner.words.push_back({"…", false, true});
    }

    static std::string replaced_by_xargs(const std::vector<Word>& words, std::size_t begin) {
        for (std::size_t w = 1; w < begin; ++w) {
            std::string_view option = words[w].text;
            if (option == "-I" || option == "--replace") {
                return w + 1 < begin && option == "-I" ? words[w + 1].text : "{}";
            }
            if (option.starts_with("-I")) return std::string(option.substr(2));
            if (option.starts_with("--replace=")) return std::string(option.substr(10));
            if (option.starts_with("-i"))
                return option.size() > 2 ? std::string(option.substr(2)) : "{}";
        }
        return "";
    }

    static bool is_plain_shell_option(const std::vector<Word>& words, std::size_t w) {
        const std::string& text = words[w].text;
        if (text.find_first_not_of("-+celuxo") != std::string::npos) return false;
        if (text.find('o') == std::string::npos) return true;
        return w + 1 < words.size() && words[w + 1].exact &&
               is_one_of(words[w + 1].text, {"pipefail", "errexit", "nounset", "xtrace"});
    }

    void unwrap_shell(std::size_t i) {
        const std::vector<Word>& words = at(i).words;
        bool runs_text = false, plain = true;
        std::size_t w = 1;
        for (; w < words.size(); ++w) {
            const Word& option = words[w];
            if (is_surely_no_option(option) && !option.text.starts_with('+')) break;
            if (!option.exact) return opaque(i, "the options of a shell are computed");
            if (option.text == "--" || option.text == "-") {
                ++w;
                break;
            }
            bool is_long = option.text.starts_with("--");
            plain = plain && is_plain_shell_option(words, w);
            runs_text = runs_text || (!is_long && option.text.find('c') != std::string::npos);
            bool valued = is_long ? is_one_of(option.text, {"--rcfile", "--init-file"})
                                  : option.text.find_first_of("oO") != std::string::npos;
            if (valued) ++w;
        }
        if (!runs_text) {
            if (w >= words.size()) opaque(i, "a shell runs what it reads");
            if (!plain && w < words.size())
                reserve(i, "options of a shell that are not understood");
            return;
        }
        if (w >= words.size() || !words[w].exact) return opaque(i, "a shell runs computed text");
        if (!plain) reserve(i, "options of a shell that are not understood");
        std::string_view name = words[0].text;
        bool known = name.find('/') == name.npos ||
                     is_one_of(name.substr(0, name.rfind('/')), {"/bin", "/usr/bin"});
        at(i).transparent = plain && known;
        at(i).inner_begin = w;
        std::string text = words[w].text;
        parse_text(i, text);
    }

    void unwrap_eval(std::size_t i) {
        std::string text;
        for (std::size_t w = 1; w < at(i).words.size(); ++w) {
            if (!at(i).words[w].exact) return opaque(i, "eval runs computed text");
            text += (w > 1 ? " " : "") + at(i).words[w].text;
        }
        at(i).transparent = true;
        at(i).inner_begin = 1;
        parse_text(i, text);
    }

    void parse_text(std::size_t i, const std::string& text) {
        bool before = parsed_.provable;
        parse_syntax(text, parsed_, i, depth_of(i) + 1);
        if (before && !parsed_.provable) at(i).opaque = true;
    }

    void unwrap_find(std::size_t i) {
        for (std::size_t w = 1; w < at(i).words.size(); ++w) {
            const Word word = at(i).words[w];
            if (!word.exact && !is_surely_no_option(word)) {
                reserve(i, "an argument of find that is computed may be -exec or -delete");
            }
            if (!word.exact) continue;
            if (word.text == "-delete") add_removal(i);
            if (is_one_of(word.text, {"-fprint", "-fprintf", "-fprint0", "-fls"})) {
                Word target =
                    w + 1 < at(i).words.size() ? at(i).words[w + 1] : Word{"", false, true};
                at(i).redirects.push_back({RedirectKind::write, target});
            }
            if (is_one_of(word.text, {"-exec", "-execdir", "-ok", "-okdir"}))
                w = add_executed(i, w + 1);
        }
    }

    // find -delete removes files as rm does, and is judged as rm.
    void add_removal(std::size_t i) {
        SimpleCommand removal;
        removal.words = {{"rm", true, false}, {"…", false, true}};
        removal.outer = i;
        parsed_.commands.push_back(std::move(removal));
        at(i).inner_begin = at(i).words.size();
    }

    // Gives the index of the word that ends the command.
    std::size_t add_executed(std::size_t i, std::size_t begin) {
        std::size_t end = begin;
        while (end < at(i).words.size()) {
            const Word& word = at(i).words[end];
            bool last = word.exact && (word.text == ";" || word.text == "+");
            if (last) break;
            ++end;
        }
        if (begin == end) return end;
        add_inner(i, begin);
        if (at(i).opaque) return end;
        SimpleCommand& inner = parsed_.commands.back();
        inner.words.resize(end - begin);
        for (Word& word : inner.words) {
            if (word.text.find("{}") != std::string::npos) word.exact = false;
        }
        return end;
    }

    // The options before git's own command; what is left is judged as if they were not there.
    void unwrap_git(std::size_t i) {
        look_for_powers(i, "git");
        const std::vector<Word>& words = at(i).words;
        std::size_t w = 1;
        bool harmless = true;
        Word directory;
        for (; w < words.size() && !is_surely_no_option(words[w]); ++w) {
            std::string_view option = words[w].text;
            if (!words[w].exact) return reserve(i, "git's command is computed");
            if (option == "-C" && w + 1 < words.size() && directory.text.empty()) {
                directory = words[++w];
                continue;
            }
            bool quiet = is_one_of(option, {"--no-pager", "-P", "--no-optional-locks",
                                            "--literal-pathspecs", "--no-replace-objects"});
            harmless = harmless && quiet;
            bool valued =
                is_one_of(option, {"-c", "--git-dir", "--work-tree", "--namespace", "--exec-path",
                                   "--config-env", "--super-prefix", "-C"});
            if (valued) ++w;
        }
        if (!harmless) reserve(i, "options of git before its command can make it run programs");
        if (w >= words.size()) return;
        if (w == 1) return look_at_git_command(i);
        at(i).transparent = harmless && words[0].text == "git";
        add_git_command(i, w, directory);
    }

    void add_git_command(std::size_t i, std::size_t begin, const Word& directory) {
        if (!directory.text.empty()) {
            SimpleCommand change;
            change.words = {{"cd", true, false}, directory};
            change.outer = i;
            parsed_.commands.push_back(std::move(change));
        }
        add_inner(i, begin);
        if (at(i).opaque) return;
        std::vector<Word>& inner = parsed_.commands.back().words;
        inner.insert(inner.begin(), Word{"git", true, false});
    }

    void look_at_git_command(std::size_t i) {
        const std::vector<Word>& words = at(i).words;
        auto is = [&](std::size_t w, std::string_view text) {
            return w < words.size() && words[w].exact && words[w].text == text;
        };
        if ((is(1, "bisect") && is(2, "run")) || (is(1, "submodule") && is(2, "foreach")) ||
            is(1, "filter-branch") || is(1, "config") || is(1, "hook")) {
            return reserve(i, "git " + words[1].text + " can make git run programs");
        }
        bool runs_x = is(1, "rebase") || is(1, "difftool");
        for (std::size_t w = 2; w < words.size(); ++w) {
            if (!words[w].exact) continue;
            if (runs_x && words[w].text.starts_with("-x")) reserve(i, "git -x runs a program");
            if (is(1, "grep") && words[w].text.starts_with("-O"))
                reserve(i, "git grep -O runs a program");
            if (is(1, "archive") && words[w].text.starts_with("-o"))
                reserve(i, "git archive -o writes a file");
        }
    }

    ParsedCommand& parsed_;
};

}  // namespace

void unwrap(ParsedCommand& parsed) {
    Unwrapper(parsed).run();
}

}  // namespace thole
