#include "session/custom_commands.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <utility>

#include "base/text.hpp"
#include "policy/decide.hpp"
#include "session/front_matter.hpp"
#include "session/offered_files.hpp"
#include "session/profiles.hpp"
#include "workspace/files.hpp"

namespace thole {
namespace {

constexpr std::size_t file_limit = 256 * 1024;
constexpr std::size_t most_files = 20;
constexpr std::string_view all_arguments = "$ARGUMENTS";
constexpr std::string_view blanks = " \t\r\n";

Error wrong(const std::string& path, const std::string& what) {
    return fail(Code::configuration, path + ": " + what);
}

// What was typed, by words; quotes keep one together.
std::vector<std::string> words_of(std::string_view text) {
    std::vector<std::string> words;
    std::string word;
    bool is_word = false;
    char quote = 0;
    for (char c : text) {
        if (quote != 0 ? c == quote : c == '"' || c == '\'') {
            quote = quote == 0 ? c : 0;
            is_word = true;
        } else if (quote == 0 && blanks.find(c) != std::string_view::npos) {
            if (is_word) words.push_back(std::exchange(word, {}));
            is_word = false;
        } else {
            word += c;
            is_word = true;
        }
    }
    if (is_word) words.push_back(word);
    return words;
}

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

// "$3" and not "$30" or "$3.50".
bool is_numbered(std::string_view rest) {
    bool is_one = rest.size() > 1 && rest[0] == '$' && rest[1] >= '1' && rest[1] <= '9';
    if (!is_one || rest.size() == 2) return is_one;
    bool is_amount = rest[2] == '.' && rest.size() > 3 && is_digit(rest[3]);
    return !is_digit(rest[2]) && !is_amount;
}

// What "@…" at a word's beginning names; trailing punctuation is the sentence's.
std::vector<std::string> named_paths(const std::string& prompt) {
    std::vector<std::string> paths;
    for (std::size_t at = prompt.find('@'); at != std::string::npos;
         at = prompt.find('@', at + 1)) {
        constexpr std::string_view before = " \t\r\n(\"'`";
        if (at > 0 && before.find(prompt[at - 1]) == std::string_view::npos) continue;
        std::size_t end = std::min(prompt.find_first_of(" \t\r\n)\"'`", at), prompt.size());
        std::string path = prompt.substr(at + 1, end - at - 1);
        while (!path.empty() && std::string_view(".,;:!?").find(path.back()) != path.npos) {
            path.pop_back();
        }
        bool is_new = std::find(paths.begin(), paths.end(), path) == paths.end();
        if (!path.empty() && is_new) paths.push_back(std::move(path));
    }
    return paths;
}

Result<void> may_be_read(const std::string& path, const Roots& roots, const Rules& rules) {
    if (!roots.contains(path)) {
        return fail(Code::denied, "'" + path + "' lies outside the folders of this session");
    }
    Call call;
    call.tool = "read_file";
    call.paths = {path};
    Rules none;
    Decision decision = decide(call, Policy{Mode::default_, rules, none, roots, false});
    if (decision.verdict == Verdict::allow) return {};
    return fail(Code::denied, "'" + path + "' is not to be read: " + decision.why);
}

// "" for what is no file.
Result<std::string> shown_file(const std::string& named, const Roots& roots, const Rules& rules) {
    Result<std::string> path = roots.resolve(named);
    struct stat found {};
    if (!path || ::stat(path->c_str(), &found) != 0) return std::string();
    if (Result<void> may = may_be_read(*path, roots, rules); !may) return may.error();
    if (!S_ISREG(found.st_mode)) return std::string();
    Result<std::string> text = read_file(*path, file_limit);
    if (!text) return text.error();
    if (looks_binary(*text) || !is_valid_utf8(*text)) {
        return fail(Code::invalid_argument, "'" + *path + "' is no UTF-8 text");
    }
    bool has_end = text->ends_with('\n');
    return "\n<file path=\"" + roots.shown(*path) + "\">\n" + *text + (has_end ? "" : "\n") +
           "</file>\n";
}

}  // namespace

Result<CustomCommand> read_command(const std::string& name, const std::string& text,
                                   const std::string& path) {
    if (std::string fault = fault_of_name(name); !fault.empty()) return wrong(path, fault);
    Result<FrontMatter> matter = read_front_matter(text);
    if (!matter) return wrong(path, matter.error().message);
    if (matter->body.empty()) return wrong(path, "it holds no prompt");
    CustomCommand command;
    command.name = name;
    command.source = path;
    command.body = matter->body;
    for (const auto& [key, values] : matter->values) {
        if (key == "description") {
            command.description = one_line(one_text(values), 300);
        } else if (key == "argument-hint") {
            command.hint = one_line(one_text(values), 100);
        } else if (key == "model") {
            command.model = one_text(values);
        } else if (key == "agent") {
            command.agent = one_text(values);
        } else if (key == "allowed-tools") {
            command.tools = names_in(values);
            if (command.tools.empty()) return wrong(path, "allowed-tools " + std::string(no_tools));
        } else {
            return wrong(path, "unknown key '" + one_line(key, 80) +
                                   "'; known are description, argument-hint, model, agent, "
                                   "allowed-tools");
        }
    }
    Result<void> good = check_tool_names(command.tools);
    if (!good) return wrong(path, good.error().message);
    if (command.description.empty()) command.description = one_line(command.body, 100);
    return command;
}

std::string fill_in(const std::string& body, std::string_view arguments) {
    std::vector<std::string> words = words_of(arguments);
    std::string text;
    bool has_place = false;
    for (std::size_t at = 0; at < body.size();) {
        std::string_view rest = std::string_view(body).substr(at);
        if (rest.starts_with(all_arguments)) {
            text += arguments;
            at += all_arguments.size();
            has_place = true;
        } else if (is_numbered(rest)) {
            auto number = static_cast<std::size_t>(rest[1] - '1');
            if (number < words.size()) text += words[number];
            at += 2;
            has_place = true;
        } else {
            text += body[at++];
        }
    }
    if (!has_place && !trim(arguments).empty()) text += "\n\n" + std::string(trim(arguments));
    return text;
}

Result<std::string> with_named_files(const std::string& prompt, const Roots& roots,
                                     const Rules& rules) {
    std::string shown;
    std::size_t count = 0;
    for (const std::string& named : named_paths(prompt)) {
        Result<std::string> file = shown_file(named, roots, rules);
        if (!file) return fail(file.error().code, "@" + named + ": " + file.error().message);
        if (!file->empty() && ++count > most_files) {
            return fail(Code::too_large, "the prompt names more than " +
                                             std::to_string(most_files) + " files with @");
        }
        shown += *file;
    }
    return shown.empty() ? prompt : prompt + "\n" + shown;
}

}  // namespace thole
