#include "policy/suggest.hpp"

#include <algorithm>
#include <initializer_list>

#include "policy/match.hpp"
#include "workspace/wildcard.hpp"

namespace thole {

namespace {

constexpr std::size_t most_rules = 4;
constexpr std::size_t most_rule_bytes = 200;

using Words = std::vector<std::string>;

// Beginnings after which any argument does the same kind of thing: run tests, build, look.
const Words open_beginnings[] = {{"npm", "test"},
                                 {"npm", "run"},
                                 {"npm", "ci"},
                                 {"pnpm", "test"},
                                 {"pnpm", "run"},
                                 {"yarn", "test"},
                                 {"yarn", "run"},
                                 {"bun", "test"},
                                 {"cargo", "test"},
                                 {"cargo", "build"},
                                 {"cargo", "check"},
                                 {"cargo", "clippy"},
                                 {"cargo", "fmt"},
                                 {"go", "test"},
                                 {"go", "build"},
                                 {"go", "vet"},
                                 {"pytest"},
                                 {"ctest"},
                                 {"dotnet", "test"},
                                 {"dotnet", "build"},
                                 {"mvn", "test"},
                                 {"gradle", "test"},
                                 {"git", "status"},
                                 {"git", "diff"},
                                 {"git", "log"},
                                 {"git", "show"},
                                 {"git", "blame"},
                                 {"git", "add"},
                                 {"git", "commit"},
                                 {"ls"},
                                 {"rg"},
                                 {"grep"},
                                 {"wc"},
                                 {"head"},
                                 {"tail"},
                                 {"python", "-m", "pytest"},
                                 {"python3", "-m", "pytest"}};

bool begins_with(const std::vector<Word>& words, const Words& beginning) {
    if (words.size() < beginning.size()) return false;
    return std::equal(
        beginning.begin(), beginning.end(), words.begin(),
        [](const std::string& text, const Word& word) { return word.exact && word.text == text; });
}

// How many words of the command a prefix rule may hold to; 0: only the whole command.
std::size_t prefix_length(const std::vector<Word>& words) {
    for (const Words& beginning : open_beginnings) {
        if (!begins_with(words, beginning)) continue;
        bool names_script = beginning.size() == 2 && beginning[1] == "run";
        std::size_t length = beginning.size() + (names_script ? 1 : 0);
        bool exact = length <= words.size() && words[length - 1].exact;
        return exact ? length : 0;
    }
    return 0;
}

struct Offer {
    std::string rule, says;
};

Offer offer_for(const SimpleCommand& command) {
    std::vector<Word> words = words_to_match(command);
    bool assigns = words.size() != command.words.size();
    if (command.opaque || assigns || words.empty()) return {};
    std::size_t length = command.reserve.empty() ? prefix_length(words) : 0;
    Words texts;
    for (std::size_t i = 0; i < (length ? length : words.size()); ++i) {
        if (!words[i].exact) return {};
        texts.push_back(words[i].text);
    }
    std::string text = quote_words(texts);
    if (text.size() > most_rule_bytes || text.find('\n') != text.npos) return {};
    if (length) return {"bash(" + text + ":*)", "commands that start with '" + text + "'"};
    return {"bash(" + text + ")", "exactly the command '" + text + "'"};
}

void add(Decision& decision, const Offer& offer) {
    auto& rules = decision.always_rules;
    if (std::find(rules.begin(), rules.end(), offer.rule) != rules.end()) return;
    rules.push_back(offer.rule);
    decision.always_says += (decision.always_says.empty() ? "" : ", ") + offer.says;
}

void withdraw(Decision& decision) {
    decision.always_rules.clear();
    decision.always_says.clear();
}

void finish(Decision& decision) {
    if (decision.always_rules.size() > most_rules) withdraw(decision);
    if (!decision.always_says.empty()) decision.always_says += ", for the rest of this session";
}

// A path as a pattern that matches only itself.
std::string escaped(std::string_view path) {
    std::string out;
    for (char c : path) {
        if (c == '*' || c == '?' || c == '[' || c == '\\' || c == '{') out += '\\';
        out += c;
    }
    return out;
}

std::string pattern_for(std::string_view path, const Roots& roots) {
    std::string shown_path = roots.shown(path);
    return escaped(shown_path.starts_with('/') ? shown_path : "./" + shown_path);
}

Offer offer_for_path(const std::string& tool, const std::string& path, const Roots& roots) {
    std::string pattern = pattern_for(path, roots);
    bool in_cwd = path != roots.cwd() && is_below(path, roots.cwd());
    // In the workspace the folder is what people mean; outside only the one file.
    std::size_t slash = pattern.rfind('/');
    if (in_cwd && slash > 1) {
        pattern = pattern.substr(0, slash) + "/**";
        return {tool + "(" + pattern + ")", tool + " of files below '" + pattern.substr(2) + "'"};
    }
    return {tool + "(" + pattern + ")", tool + " of '" + roots.shown(path) + "'"};
}

}  // namespace

void suggest_for_command(Decision& decision, const std::vector<const SimpleCommand*>& commands,
                         const std::vector<std::string>& written_paths, const Roots& roots) {
    for (const SimpleCommand* command : commands) {
        Offer offer = offer_for(*command);
        if (offer.rule.empty()) return withdraw(decision);
        add(decision, offer);
    }
    for (const std::string& path : written_paths) {
        add(decision,
            {"edit(" + pattern_for(path, roots) + ")", "writes to '" + roots.shown(path) + "'"});
    }
    finish(decision);
}

void suggest_for_call(Decision& decision, const Call& call, const Roots& roots) {
    bool edits = call.effect == Effect::edit, reads = call.effect == Effect::read;
    if (!call.url.empty()) {
        Result<std::string> host = url_host(call.url);
        if (host) add(decision, {"fetch_url(" + *host + ")", "fetching from " + *host});
    } else if (!call.paths.empty()) {
        std::string tool = edits ? "edit" : reads ? "read" : call.tool;
        for (const std::string& path : call.paths) add(decision, offer_for_path(tool, path, roots));
    } else {
        add(decision, {call.tool, "every call of " + call.tool});
    }
    finish(decision);
}

}  // namespace thole
