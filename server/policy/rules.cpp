#include "policy/rules.hpp"

#include <algorithm>
#include <span>

#include "base/text.hpp"
#include "policy/match.hpp"
#include "policy/shell_syntax.hpp"
#include "workspace/wildcard.hpp"

namespace thole {

namespace {

using Names = std::span<const std::string_view>;

constexpr std::string_view editing_tools[] = {"write_file", "edit_file", "multi_edit",
                                              "merge_subagent"};
constexpr std::string_view reading_tools[] = {"read_file", "list_directory", "glob", "grep",
                                              "skill"};
constexpr std::string_view other_tools[] = {
    "bash",           "fetch_url",         "update_tasks",   "ask_user",   "write_session_plan",
    "exit_plan_mode", "read_session_plan", "spawn_subagent", "diagnostics"};

bool is_one_of(std::string_view word, Names names) {
    return std::find(names.begin(), names.end(), word) != names.end();
}

bool is_path_tool(std::string_view tool) {
    return tool == "edit" || tool == "read" || is_one_of(tool, editing_tools) ||
           is_one_of(tool, reading_tools);
}

Error wrong(std::string_view rule, std::string_view why) {
    return fail(Code::configuration, "rule '" + one_line(rule, 200) + "': " + std::string(why));
}

bool is_tool_pattern(std::string_view name) {
    return name.starts_with("mcp__") &&
           name.find_first_not_of(
               "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
               "_-.*") == name.npos;
}

std::string alias_of(std::string_view tool) {
    if (tool == "fetch") return "fetch_url";
    return std::string(tool);
}

Result<Rule> parse_command_rule(Rule rule, std::string_view pattern) {
    if (pattern == "*" || pattern == ":*") return rule;
    rule.kind = RuleKind::command;
    if (pattern.ends_with(":*")) {
        rule.kind = RuleKind::command_prefix;
        pattern.remove_suffix(2);
    }
    ParsedCommand parsed;
    parsed.provable = true;
    parse_syntax(pattern, parsed);
    if (!parsed.provable)
        return wrong(rule.text, "the command is not understood: " + parsed.why_not);
    if (parsed.commands.size() != 1) {
        return wrong(rule.text, "a rule is about one simple command; write a rule for each");
    }
    if (!parsed.commands[0].redirects.empty()) {
        return wrong(rule.text, "redirections are checked as paths; write an edit(...) rule");
    }
    for (const Word& word : words_to_match(parsed.commands[0])) {
        if (!word.exact) {
            return wrong(rule.text, "'" + word.text +
                                        "' would be expanded by the shell; quote it, or end the "
                                        "rule with ':*' for any arguments, as in bash(git push:*)");
        }
        rule.words.push_back(word.text);
    }
    if (rule.words.empty()) return wrong(rule.text, "it names no command");
    return rule;
}

Result<Rule> parse_host_rule(Rule rule, std::string_view pattern) {
    rule.kind = RuleKind::host;
    if (pattern.starts_with("domain:")) pattern.remove_prefix(7);
    rule.pattern = to_lower_ascii(pattern);
    std::string_view host = rule.pattern;
    if (host.starts_with("*.")) host.remove_prefix(2);
    bool plain = host.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789.-_:[]") == host.npos;
    if (!host.empty() && plain) return rule;
    return wrong(rule.text, "expected a host such as example.com or *.example.com");
}

Result<Rule> parse_path_rule(Rule rule, std::string_view pattern) {
    if (pattern == "*" || pattern == "**") return rule;
    rule.kind = RuleKind::path;
    if (pattern.starts_with("~")) return wrong(rule.text, "~ is not expanded; give the whole path");
    if (("/" + std::string(pattern) + "/").find("/../") != std::string::npos) {
        return wrong(rule.text, "'..' is not understood; give the whole path");
    }
    rule.pattern = pattern;
    return rule;
}

Result<Rule> parse_pattern(Rule rule, std::string_view pattern) {
    if (pattern.empty()) return wrong(rule.text, "nothing stands between the parentheses");
    if (rule.tool == "bash") return parse_command_rule(std::move(rule), pattern);
    if (rule.tool == "fetch_url") return parse_host_rule(std::move(rule), pattern);
    if (is_path_tool(rule.tool)) return parse_path_rule(std::move(rule), pattern);
    return wrong(rule.text, "'" + rule.tool + "' takes no pattern; write " + rule.tool);
}

Result<std::vector<Rule>> parse_list(const std::vector<std::string>& texts, const char* name) {
    std::vector<Rule> rules;
    for (std::size_t i = 0; i < texts.size(); ++i) {
        Result<Rule> rule = parse_rule(texts[i]);
        if (!rule) {
            return fail(Code::configuration, std::string("permissions.") + name + "[" +
                                                 std::to_string(i) + "]: " + rule.error().message);
        }
        rules.push_back(std::move(*rule));
    }
    return rules;
}

// The pattern against one root, as a line of a .gitignore there; "./" ties it to the root.
bool covers_below(std::string_view pattern, std::string_view path, std::string_view root) {
    if (!is_below(path, root) || path == root) return false;
    if (pattern.starts_with("./")) pattern.remove_prefix(1);
    std::string_view relative = path.substr(root == "/" ? 1 : root.size() + 1);
    std::vector<std::string> patterns = expand_braces(pattern);
    return std::any_of(patterns.begin(), patterns.end(),
                       [&](const std::string& one) { return wild_covers(one, relative); });
}

}  // namespace

Result<Rule> parse_rule(std::string_view text) {
    text = trim(text);
    Rule rule;
    rule.text = text;
    std::size_t open = text.find('(');
    rule.tool = alias_of(trim(text.substr(0, open)));
    bool known = is_path_tool(rule.tool) || is_one_of(rule.tool, other_tools);
    if (!known && !is_tool_pattern(rule.tool)) {
        return wrong(text, "there is no tool '" + rule.tool +
                               "'; write tool or tool(pattern) with bash, edit, read, fetch_url, "
                               "a tool's name, or mcp__<server>__<tool>");
    }
    if (open == text.npos) return rule;
    if (!text.ends_with(')')) return wrong(text, "the parenthesis is not closed");
    return parse_pattern(std::move(rule), trim(text.substr(open + 1, text.size() - open - 2)));
}

Result<Rules> parse_rules(const RuleTexts& texts) {
    Result<std::vector<Rule>> allow = parse_list(texts.allow, "allow");
    if (!allow) return allow.error();
    Result<std::vector<Rule>> ask = parse_list(texts.ask, "ask");
    if (!ask) return ask.error();
    Result<std::vector<Rule>> deny = parse_list(texts.deny, "deny");
    if (!deny) return deny.error();
    return Rules{std::move(*allow), std::move(*ask), std::move(*deny)};
}

bool names_tool(const Rule& rule, std::string_view tool) {
    if (rule.tool == tool) return true;
    if (rule.tool == "edit") return is_one_of(tool, editing_tools);
    if (rule.tool == "read") return is_one_of(tool, reading_tools);
    return rule.tool.find('*') != std::string::npos && wild_match(rule.tool, tool);
}

bool covers_path(const Rule& rule, const Roots& roots, std::string_view path, bool any_root) {
    if (rule.kind == RuleKind::whole_tool) return true;
    if (rule.kind != RuleKind::path) return false;
    bool absolute = rule.pattern.starts_with('/');
    if (absolute && covers_below(rule.pattern, path, "/")) return true;
    if (!any_root) return !absolute && covers_below(rule.pattern, path, roots.cwd());
    // A deny of "/src" may be meant from the top of the workspace; it then holds there, too.
    const std::vector<std::string>& all = roots.directories();
    return std::any_of(all.begin(), all.end(), [&](const std::string& root) {
        return covers_below(rule.pattern, path, root);
    });
}

bool covers_host(const Rule& rule, std::string_view host, bool subdomains) {
    if (rule.kind == RuleKind::whole_tool) return true;
    if (rule.kind != RuleKind::host) return false;
    std::string_view wanted = rule.pattern;
    bool below_only = wanted.starts_with("*.");
    if (below_only) wanted.remove_prefix(2);
    if (host == wanted) return !below_only;
    bool below = host.size() > wanted.size() && host.ends_with(wanted) &&
                 host[host.size() - wanted.size() - 1] == '.';
    return below && (below_only || subdomains);
}

Result<std::string> url_host(std::string_view url) {
    auto bad = [&](std::string_view why) {
        return fail(Code::invalid_argument, "'" + one_line(url, 200) + "': " + std::string(why));
    };
    std::string_view rest = url;
    if (starts_with_ignore_case(rest, "https://"))
        rest.remove_prefix(8);
    else if (starts_with_ignore_case(rest, "http://"))
        rest.remove_prefix(7);
    else
        return bad("expected a URL that starts with http:// or https://");
    for (char c : url) {
        auto byte = static_cast<unsigned char>(c);
        if (byte <= 32 || byte == 127 || c == '\\')
            return bad("the URL has a character it must not have");
    }
    std::string host = to_lower_ascii(rest.substr(0, rest.find_first_of("/?#")));
    if (host.find('@') != host.npos) return bad("a URL with a user name is not accepted");
    std::size_t colon = host.rfind(':');
    bool has_port = colon != host.npos && host.find(']', colon) == host.npos;
    if (has_port) host.resize(colon);
    if (host.ends_with('.')) host.pop_back();
    constexpr std::string_view legal = "abcdefghijklmnopqrstuvwxyz0123456789.-_:[]";
    if (host.empty() || host.find_first_not_of(legal) != host.npos)
        return bad("the URL has no plain host");
    return host;
}

}  // namespace thole
