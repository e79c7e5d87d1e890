#include "policy/shell_wrappers.hpp"

#include <algorithm>
#include <initializer_list>

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

// A computed word that cannot turn out to be an option: its first character stands there plainly.
bool is_surely_no_option(const Word& word) {
    std::string_view text = word.text;
    if (word.exact) return !text.starts_with('-');
    if (text.starts_with('"')) text.remove_prefix(1);
    char first = text.empty() ? '-' : text[0];
    bool plain = (first >= 'a' && first <= 'z') || (first >= 'A' && first <= 'Z') ||
                 (first >= '0' && first <= '9') || first == '.' || first == '/' || first == '_';
    return plain && !word.splits;
}

// A command that does nothing but start another one, and the options it takes before it.
struct Wrapper {
    std::string_view name;
    Names with_value;  // options whose value is the next word
    int operands = 0;  // words of its own before the command: the duration of timeout
    bool transparent = true;
};

const Wrapper wrappers[] = {
    {"command", {}},
    {"builtin", {}},
    {"exec", {"-a"}},
    {"nohup", {}},
    {"setsid", {}},
    {"nice", {"-n", "--adjustment"}},
    {"ionice", {"-c", "-n", "--class", "--classdata"}},
    {"time", {"-f", "-o", "--format", "--output"}},
    {"timeout", {"-s", "-k", "--signal", "--kill-after"}, 1},
    {"stdbuf", {"-i", "-o", "-e", "--input", "--output", "--error"}},
    {"chronic", {}},
    {"unbuffer", {}},
    {"xargs",
     {"-I", "-n", "-P", "-L", "-d", "-E", "-s", "-a", "--max-args", "--max-procs", "--delimiter",
      "--max-chars", "--arg-file"}},
    {"env", {"-u", "--unset"}},
    {"sudo", {"-u", "-g", "-h", "-p", "-C", "-T", "-r", "-t", "-U", "-D", "-R"}, 0, false},
    {"doas", {"-u", "-C"}, 0, false},
    {"strace", {"-e", "-o", "-p", "-s", "-u", "-E", "-P", "-I", "-O", "-S"}, 0, false},
    {"ltrace", {"-e", "-o", "-p", "-s", "-u", "-n"}, 0, false},
    {"flock", {"-w", "-E", "--timeout"}, 1, false},
    {"taskset", {}, 1, false},
    {"chrt", {}, 1, false},
    {"chroot", {}, 1, false},
    {"unshare", {}, 0, false},
    {"nsenter", {"-t", "--target"}, 0, false},
    {"busybox", {}, 0, false},
    {"toybox", {}, 0, false},
    {"watch", {"-n", "-d", "--interval"}, 0, false},
    {"entr", {}, 0, false},
    {"parallel", {"-j", "--jobs", "-a"}, 0, false},
    {"caffeinate", {"-t", "-w"}, 0, false},
};

// Options by which a program runs another one or writes a file, though nothing else in its words
// says so. GNU programs take any unambiguous beginning of a long one.
struct Power {
    std::string_view command;
    Names options;
};
const Power powers[] = {
    {"rg", {"--pre", "--hostname-bin"}},
    {"fd", {"-x", "-X", "--exec", "--exec-batch"}},
    {"fdfind", {"-x", "-X", "--exec", "--exec-batch"}},
    {"sort", {"--compress-program", "-o", "--output"}},
    {"tar",
     {"--to-command", "--checkpoint-action", "-I", "--use-compress-program", "--rsh-command",
      "--info-script", "--new-volume-script", "-F"}},
    {"git",
     {"--ext-diff", "--upload-pack", "--receive-pack", "--exec", "--open-files-in-pager",
      "--extcmd", "--output", "--output-directory", "--upload-archive"}},
};

bool names_option(std::string_view word, std::string_view option) {
    std::string_view given = word.substr(0, word.find('='));
    if (!option.starts_with("--")) {
        return word.starts_with(option) && !word.starts_with("--");
    }
    return given.size() >= 3 && option.starts_with(given);
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
        for (const Wrapper& wrapper : wrappers) {
            if (wrapper.name == name) return unwrap_simple(i, wrapper);
        }
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
        bool evaluates = is_one_of(name, {"[", "test", "printf", "unset", "read", "declare",
                                          "export", "typeset", "local", "readonly", "wait"});
        if (evaluates) look_for_subscripts(i, name);
        if (name == "tee") add_tee_targets(i);
    }

    // -v 'a[$(x)]' runs x.
    void look_for_subscripts(std::size_t i, const std::string& name) {
        const std::vector<Word>& words = at(i).words;
        for (std::size_t w = 1; w < words.size(); ++w) {
            bool variable = words[w].exact && words[w].text.starts_with("-v");
            if (variable) return opaque(i, "'" + name + " -v' can run a computed subscript");
            bool code = words[w].exact && words[w].text.find('[') != std::string::npos &&
                        words[w].text.find_first_of("$`") != std::string::npos;
            if (code && name != "[" && name != "test" && name != "printf") {
                return opaque(i, "'" + name + "' can run a computed subscript");
            }
        }
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
        for (const Power& power : powers) {
            if (power.command != name) continue;
            for (std::size_t w = 1; w < at(i).words.size(); ++w) look_for_power(i, w, power);
        }
    }

    void look_for_power(std::size_t i, std::size_t w, const Power& power) {
        const Word word = at(i).words[w];
        std::string name(power.command);
        if (name == "git" && is_message(at(i).words, w)) return;
        if (!word.exact && !is_surely_no_option(word)) {
            return reserve(i, "an argument of " + name +
                                  " that is computed may be an option that "
                                  "runs a program");
        }
        if (!word.exact || !word.text.starts_with('-')) return;
        for (std::string_view option : power.options) {
            if (!names_option(word.text, option)) continue;
            return reserve(i, name + " " + word.text + " can run a program or write a file");
        }
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
    std::size_t skip_options(const std::vector<Word>& words, const Names& with_value) {
        std::size_t w = 1;
        while (w < words.size()) {
            if (is_surely_no_option(words[w])) return w;
            if (!words[w].exact) return 0;
            const std::string& option = words[w++].text;
            if (option == "--") return w;
            if (!is_one_of(option, with_value) || w >= words.size()) continue;
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
            if (names_option(at(i).words[w].text, "--output") ||
                names_option(at(i).words[w].text, "-o")) {
                at(i).transparent = false;
                reserve(i, "time writes a file");
            }
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

bool is_harmless_variable(std::string_view name, bool exported) {
    if (name.starts_with("LC_")) return true;
    if (is_one_of(name, {"CI",
                         "NO_COLOR",
                         "FORCE_COLOR",
                         "CLICOLOR",
                         "CLICOLOR_FORCE",
                         "LANG",
                         "LANGUAGE",
                         "TZ",
                         "COLUMNS",
                         "LINES",
                         "NODE_ENV",
                         "RUST_BACKTRACE",
                         "RUST_LOG",
                         "CARGO_TERM_COLOR",
                         "CGO_ENABLED",
                         "GOOS",
                         "GOARCH",
                         "DEBUG",
                         "VERBOSE",
                         "PYTHONUNBUFFERED",
                         "PYTHONDONTWRITEBYTECODE",
                         "CTEST_OUTPUT_ON_FAILURE"})) {
        return true;
    }
    // Programs are told things by names in capitals, or with "_" in them (http_proxy).
    auto plain = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
    return !exported && std::all_of(name.begin(), name.end(), plain);
}

void unwrap(ParsedCommand& parsed) {
    Unwrapper(parsed).run();
}

}  // namespace thole
