#include "policy/decide_command.hpp"

#include <algorithm>
#include <initializer_list>
#include <optional>

#include "base/text.hpp"
#include "policy/match.hpp"
#include "policy/shell.hpp"
#include "policy/shell_programs.hpp"
#include "policy/suggest.hpp"

namespace thole {

namespace {

bool is_one_of(std::string_view word, std::initializer_list<std::string_view> words) {
    return std::find(words.begin(), words.end(), word) != words.end();
}

std::string in_quotes(std::string_view text) {
    return "'" + std::string(text) + "'";
}

bool is_named(const SimpleCommand& command, std::initializer_list<std::string_view> names) {
    return !command.words.empty() && command.words[0].exact &&
           is_one_of(command.words[0].text, names);
}

bool is_path(const Redirect& redirect) {
    return redirect.kind == RedirectKind::read || redirect.kind == RedirectKind::write ||
           redirect.kind == RedirectKind::read_write;
}

bool writes(const Redirect& redirect) {
    return redirect.kind != RedirectKind::read;
}

// The process's own streams and the bin.
bool is_free_device(const Word& target) {
    return target.exact && is_one_of(target.text, {"/dev/null", "/dev/stdout", "/dev/stderr",
                                                   "/dev/stdin", "/dev/tty", "/dev/zero"});
}

class CommandJudge {
public:
    CommandJudge(const Call& call, const Policy& policy)
        : policy_(policy), tool_(call.tool), parsed_(parse_command(call.command)) {}

    Decision judge() {
        if (auto decision = by_deny_rules()) return *decision;
        if (policy_.mode == Mode::plan) return before_approval();
        if (auto decision = by_ask_rules()) return *decision;
        if (policy_.mode == Mode::bypass_permissions) {
            return allowed("mode bypass-permissions allows every command");
        }
        if (auto decision = by_redirects()) return *decision;
        if (const Rule* rule = rule_for_all()) {
            return allowed("rule " + in_quotes(rule->text) + " allows every command", rule->text);
        }
        if (!parsed_.provable) {
            return asked(policy_, "the command cannot be taken apart: " + parsed_.why_not);
        }
        return by_allow_rules();
    }

private:
    using Commands = std::vector<SimpleCommand>;

    std::optional<Decision> by_deny_rules() {
        const Rule* open = nullptr;
        for (const Rule& rule : policy_.configured.deny) {
            if (!names_tool(rule, tool_)) continue;
            for (const SimpleCommand& command : parsed_.commands) {
                Match match = match_of(rule, command);
                if (match == Match::yes) return denied_by(rule, shown(command));
                if (match == Match::maybe) open = &rule;
            }
            if (rule.kind == RuleKind::whole_tool) return denied_by(rule, tool_);
            if (!parsed_.provable) open = &rule;
        }
        if (auto decision = by_denied_paths()) return decision;
        if (open) uncertain_ = open;
        return std::nullopt;
    }

    // What the command would do does not matter: whatever it is, it can only read.
    Decision before_approval() const {
        if (policy_.read_only_holds.empty()) {
            std::string why = "mode plan refuses commands until a plan is approved";
            if (!policy_.read_only_lacks.empty()) {
                why += ", because nothing keeps them from writing here: " + policy_.read_only_lacks;
            }
            return denied(std::move(why));
        }
        Decision decision =
            allowed("mode plan: runs read-only, held by " + policy_.read_only_holds);
        if (auto by_rule = by_ask_rules()) decision = *by_rule;
        decision.read_only = true;
        return decision;
    }

    static Decision denied_by(const Rule& rule, std::string_view what) {
        return denied("rule " + in_quotes(rule.text) + " denies " + in_quotes(what), rule.text);
    }

    std::optional<Decision> by_denied_paths() {
        for (const SimpleCommand& command : parsed_.commands) {
            if (auto decision = by_unreadable_words(command)) return decision;
            for (const Redirect& redirect : command.redirects) {
                if (!is_path(redirect) || !redirect.target.exact) continue;
                Result<std::string> path = policy_.roots.resolve(redirect.target.text);
                const char* tool = writes(redirect) ? "write_file" : "read_file";
                const Rule* rule =
                    path ? rule_for_path(policy_.configured.deny, tool, *path, policy_.roots, true)
                         : nullptr;
                if (rule) return denied_by(*rule, redirect.target.text);
            }
        }
        return std::nullopt;
    }

    // A word that is the path of a file that must not be read: "cat .env".
    std::optional<Decision> by_unreadable_words(const SimpleCommand& command) const {
        for (std::size_t w = 1; w < command.words.size(); ++w) {
            const Word& word = command.words[w];
            if (!word.exact || word.text.starts_with('-') || word.text.size() > 1000) continue;
            for (const Rule& rule : policy_.configured.deny) {
                if (rule.kind != RuleKind::path || !names_tool(rule, "read_file")) continue;
                Result<std::string> path = policy_.roots.resolve(word.text);
                if (path && covers_path(rule, policy_.roots, *path, true)) {
                    return denied_by(rule, word.text);
                }
            }
        }
        return std::nullopt;
    }

    std::optional<Decision> by_ask_rules() const {
        for (const Rule& rule : policy_.configured.ask) {
            if (!names_tool(rule, tool_)) continue;
            bool matches = std::any_of(
                parsed_.commands.begin(), parsed_.commands.end(),
                [&](const SimpleCommand& each) { return match_of(rule, each) != Match::no; });
            if (matches || !parsed_.provable) {
                return asked(policy_, "rule " + in_quotes(rule.text) + " says to ask", rule.text);
            }
        }
        if (!uncertain_) return std::nullopt;
        return asked(policy_,
                     "it is not certain whether rule " + in_quotes(uncertain_->text) + " denies it",
                     uncertain_->text);
    }

    const Rule* rule_for_all() const {
        for (const Rules* rules : {&policy_.configured, &policy_.granted}) {
            for (const Rule& rule : rules->allow) {
                if (names_tool(rule, tool_) && rule.kind == RuleKind::whole_tool) return &rule;
            }
        }
        return nullptr;
    }

    // Targets that have to be asked about whatever the rules for commands say; collects those that
    // need an edit rule or mode.
    std::optional<Decision> by_redirects() {
        for (const SimpleCommand& command : parsed_.commands) {
            for (const Redirect& redirect : command.redirects) {
                if (!is_path(redirect) || is_free_device(redirect.target)) continue;
                if (auto decision = by_redirect(redirect)) return decision;
            }
        }
        return std::nullopt;
    }

    std::optional<Decision> by_redirect(const Redirect& redirect) {
        const Word& target = redirect.target;
        bool process = target.text.starts_with("<(") || target.text.starts_with(">(");
        if (!target.exact && process) return std::nullopt;
        if (!target.exact) {
            return asked(policy_,
                         "the redirection's target " + in_quotes(target.text) + " is computed");
        }
        if (changes_directory() && !target.text.starts_with('/')) {
            return asked(policy_,
                         "where " + in_quotes(target.text) + " lies after 'cd' is not certain");
        }
        Result<std::string> path = policy_.roots.resolve(target.text);
        if (!path) return asked(policy_, path.error().message);
        if (writes(redirect) && policy_.roots.is_protected(*path)) {
            return asked(policy_, in_quotes(target.text) +
                                      " configures git or thole, which is asked about each time");
        }
        const char* tool = writes(redirect) ? "write_file" : "read_file";
        if (allow_rule_for_path(policy_, tool, *path)) return std::nullopt;
        if (!policy_.roots.contains(*path)) {
            return asked(policy_, in_quotes(*path) + " is outside the workspace");
        }
        Effect effect = writes(redirect) ? Effect::edit : Effect::read;
        if (verdict_of(policy_.mode, effect) != Verdict::allow) written_.push_back(*path);
        return std::nullopt;
    }

    // What git -C became is no change for the others.
    bool is_real_change(const SimpleCommand& command) const {
        if (!is_named(command, {"cd", "pushd", "popd"})) return false;
        if (command.outer == SimpleCommand::no_outer) return true;
        std::string_view program = parsed_.commands[command.outer].words[0].text;
        return program.substr(program.rfind('/') + 1) != "git";
    }

    bool changes_directory() const {
        return std::any_of(parsed_.commands.begin(), parsed_.commands.end(),
                           [&](const SimpleCommand& each) { return is_real_change(each); });
    }

    Decision by_allow_rules() {
        std::vector<const SimpleCommand*> uncovered;
        std::vector<Cover> covers;
        bool by_rule = false;
        for (std::size_t i = 0; i < parsed_.commands.size(); ++i) {
            covers.push_back(cover(i, covers));
            by_rule = by_rule || last_rule_ != nullptr;
            if (covers.back() == Cover::none) uncovered.push_back(&parsed_.commands[i]);
        }
        if (uncovered.empty() && written_.empty() && by_rule) {
            return allowed("rules allow every part of it", deciding_);
        }
        if (uncovered.empty() && !by_rule) {
            for (const SimpleCommand& command : parsed_.commands) uncovered.push_back(&command);
        }
        return asked_about(uncovered);
    }

    Decision asked_about(const std::vector<const SimpleCommand*>& uncovered) const {
        std::string why, closest;
        if (!uncovered.empty()) {
            const SimpleCommand& first = *uncovered.front();
            why = "no rule allows " + in_quotes(shown(first));
            if (!first.reserve.empty()) why += ": " + first.reserve;
            closest = closest_rule(first);
        } else {
            why = "no rule allows writing to " + in_quotes(policy_.roots.shown(written_.front()));
        }
        Decision decision = asked(policy_, std::move(why), std::move(closest));
        if (decision.verdict == Verdict::ask) {
            suggest_for_command(decision, uncovered, written_, policy_.roots);
        }
        return decision;
    }

    // How command i is covered, those that start it being known already.
    Cover cover(std::size_t i, const std::vector<Cover>& covers) {
        const SimpleCommand& command = parsed_.commands[i];
        last_rule_ = nullptr;
        if (command.opaque) return Cover::none;
        if (command.outer != SimpleCommand::no_outer) {
            Cover outer = covers[command.outer];
            if (outer == Cover::everything) return Cover::everything;
            bool plain = command.inner_begin == 0 && command.reserve.empty();
            if (outer == Cover::with_inner && plain) return Cover::command;
        }
        Cover best = Cover::none;
        for (const Rules* rules : {&policy_.configured, &policy_.granted}) {
            for (const Rule& rule : rules->allow) best = std::max(best, cover_by(rule, command));
        }
        if (best != Cover::none) return best;
        return needs_no_rule(command, i) ? Cover::command : Cover::none;
    }

    Cover cover_by(const Rule& rule, const SimpleCommand& command) {
        if (!names_tool(rule, tool_) || command.words.empty()) return Cover::none;
        Cover cover = cover_of(rule, command);
        if (cover == Cover::none) return cover;
        last_rule_ = &rule;
        deciding_ = rule.text;
        return cover;
    }

    // Beside commands that a rule allows, these do nothing that would have to be asked about.
    bool needs_no_rule(const SimpleCommand& command, std::size_t i) const {
        bool exported = !command.words.empty();
        for (const Assignment& assignment : command.assignments) {
            if (!is_harmless_variable(assignment.name, exported)) return false;
        }
        if (!exported || (command.transparent && command.inner_begin > 0)) return true;
        if (is_named(command, {"true", "false", ":", "exit", "return", "break", "continue", "wait",
                               "pwd", "[", "test"})) {
            return true;
        }
        bool exact = std::all_of(command.words.begin(), command.words.end(),
                                 [](const Word& word) { return word.exact; });
        if (is_named(command, {"echo"})) return exact;
        return is_named(command, {"cd"}) && exact && stays_inside(command, i);
    }

    // cd to a directory of the workspace. A second one is relative to the first, and not certain.
    bool stays_inside(const SimpleCommand& command, std::size_t i) const {
        if (command.words.size() != 2 || command.words[1].text.starts_with('-')) return false;
        const std::string& directory = command.words[1].text;
        auto end = parsed_.commands.begin() + static_cast<std::ptrdiff_t>(i);
        bool later = std::any_of(parsed_.commands.begin(), end,
                                 [&](const SimpleCommand& each) { return is_real_change(each); });
        if (later && !directory.starts_with('/')) return false;
        Result<std::string> path = policy_.roots.resolve(directory);
        return path && policy_.roots.contains(*path);
    }

    std::string closest_rule(const SimpleCommand& command) const {
        for (const Rules* rules : {&policy_.configured, &policy_.granted}) {
            for (const Rule& rule : rules->allow) {
                bool same = !rule.words.empty() && !command.words.empty() &&
                            rule.words[0] == command.words[0].text;
                if (names_tool(rule, tool_) && same) return rule.text;
            }
        }
        return "";
    }

    const Policy& policy_;
    const std::string& tool_;
    ParsedCommand parsed_;
    const Rule* uncertain_ = nullptr;  // a deny rule that may or may not apply
    const Rule* last_rule_ = nullptr;
    std::string deciding_;
    std::vector<std::string> written_;  // inside the roots, but neither mode nor rule allows it
};

}  // namespace

Decision decide_command(const Call& call, const Policy& policy) {
    return CommandJudge(call, policy).judge();
}

bool may_concern_command(const Rule& rule, const Call& call) {
    if (!names_tool(rule, call.tool)) return false;
    if (rule.kind == RuleKind::whole_tool) return true;
    ParsedCommand parsed = parse_command(call.command);
    return !parsed.provable || std::any_of(parsed.commands.begin(), parsed.commands.end(),
                                           [&](const SimpleCommand& each) {
                                               return match_of(rule, each) != Match::no;
                                           });
}

}  // namespace thole
